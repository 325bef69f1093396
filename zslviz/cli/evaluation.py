"""Commands that measure models."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from zslviz.catalogue import Task, part
from zslviz.cli.options import ClassTable, Data, Device, Features, Model, Weights, data_before, given, known_before
from zslviz.errors import ConfigError
from zslviz.files import check_folder, check_writable, replacing
from zslviz.tasks.base.show import refuse_others


def evaluate(
    data: Data,
    model: Model = "mgmrn-cub",
    cache: Annotated[
        Path | None, typer.Option(help="Read cached features from here instead of running the backbone.")
    ] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the figures here.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="Write JSON, two CSV files and a figure (PNG, SVG) into this folder.")
    ] = None,
    vectors: Annotated[
        Path | None, typer.Option(help="Write the test photos as fused vectors, to be ranked again (attribute models).")
    ] = None,
    label: Annotated[
        str, typer.Option(help="What sets this training apart, as in 'seed1'; part of the names of the files.")
    ] = "",
    table: ClassTable = None,
    weights: Weights = None,
    features: Features = None,
    device: Device = "auto",
) -> None:
    """Measure a model on the test photos of a data set, with intervals.

    Attribute models: T1, U, S, H, AUSUC, and the oracle's H for comparison. Multi-label models: mAP and F1 at 3 and 5, among unseen
    labels (ZSL) and among all (GZSL). Compositional models: S, U, H and AUC in the closed and the open world.

    Example: zslviz evaluate --model msdn-cub --data cub=/data/CUB_200_2011 --out results
    """
    options = given(out=out, table=table, vectors=vectors)
    known_before("evaluate", model, device, options)
    data_before(data)
    for file in (json_file, vectors):
        if file is not None:
            check_writable(file)
    if out is not None:
        check_folder(out)
    from zslviz.evaluator import prepare
    from zslviz.tasks.base.report import to_json

    job = prepare(model, data, device, weights, features, table)
    task, name = job.explainer.task, job.explainer.name
    refuse_others("evaluate", task, name, options)
    if vectors is not None and table is not None:
        raise ConfigError("The vectors are those of the model with its own classes; leave out --table or --vectors.")
    # asked for before anything is measured: it draws, with a package that may not be there
    write_report = None if out is None else part(task, "report_files").write_report
    report = job.run(cache, label, tell=lambda line: typer.echo(line, err=True))
    if os.environ.get("RANK", "0") != "0":  # of several processes one writes
        return
    if json_file is not None:
        _write(json_file, to_json(report.content).encode())
    drawn = [] if write_report is None else write_report(report, out)
    if vectors is not None:
        _write(vectors, report.fuse())  # type: ignore[attr-defined]
    print_figures(task, name, report.content)
    for file in filter(None, (json_file, *drawn, vectors)):
        typer.echo(f"wrote {file}")


def _write(file: Path, content: bytes) -> None:
    with replacing(file) as partial:
        partial.write_bytes(content)


def print_figures(task: Task, name: str, figures: Mapping[str, Any]) -> None:
    """What a model of a task is measured by, in per cent."""
    for line in part(task, "show").figure_lines(name, figures):
        typer.echo(line)
