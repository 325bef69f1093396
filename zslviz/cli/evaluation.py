"""Commands that measure models."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from zslviz.catalogue import Task, part
from zslviz.cli.options import ClassTable, Data, Device, Features, Model, Weights, data_before, given, known_before
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
    known_before("evaluate", model, device, given(out=out, table=table))
    data_before(data)
    if json_file is not None:
        check_writable(json_file)
    if out is not None:
        check_folder(out)
    from zslviz.evaluator import prepare
    from zslviz.tasks.base.report import to_json

    job = prepare(model, data, device, weights, features, table)
    task, name = job.explainer.task, job.explainer.name
    refuse_others("evaluate", task, name, given(out=out, table=table))
    # asked for before anything is measured: it draws, with a package that may not be there
    write_report = None if out is None else part(task, "report_files").write_report
    report = job.run(cache, label, tell=lambda line: typer.echo(line, err=True))
    if os.environ.get("RANK", "0") != "0":  # of several processes one writes
        return
    written: list[Path] = []
    if json_file is not None:
        with replacing(json_file) as partial:
            partial.write_text(to_json(report.content), encoding="utf-8")
        written.append(json_file)
    if write_report is not None:
        written += write_report(report, out)
    print_figures(task, name, report.content)
    for file in written:
        typer.echo(f"wrote {file}")


def print_figures(task: Task, name: str, figures: Mapping[str, Any]) -> None:
    """What a model of a task is measured by, in per cent."""
    for line in part(task, "show").figure_lines(name, figures):
        typer.echo(line)
