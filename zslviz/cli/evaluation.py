"""Commands that measure models."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from zslviz.catalogue import Task, part
from zslviz.cli.options import Data, Device, Features, Model, Weights, given
from zslviz.errors import ConfigError


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
    weights: Weights = None,
    features: Features = None,
    device: Device = "auto",
) -> None:
    """Measure a model on the test photos of a data set, with intervals.

    Attribute models: T1, U, S, H, AUSUC, and the oracle's H for comparison. Multi-label models: mAP and F1 at 3 and 5, among unseen
    labels (ZSL) and among all (GZSL). Compositional models: S, U, H and AUC in the closed and the open world.

    Example: zslviz evaluate --model msdn-cub --data cub=/data/CUB_200_2011 --out results
    """
    from zslviz.evaluator import prepare
    from zslviz.tasks.base.report import to_json
    from zslviz.tasks.base.show import refuse_others

    job = prepare(model, data, device, weights, features)
    task, name = job.explainer.task, job.explainer.name
    refuse_others("evaluate", task, name, given(out=out))
    # asked for before anything is measured: it draws, with a package that may not be there
    write_report = None if out is None else part(task, "report_files").write_report
    report = job.run(cache, label)
    print_figures(task, name, report.content)
    if os.environ.get("RANK", "0") != "0":  # of several processes one writes
        return
    if json_file is not None:
        try:
            json_file.write_text(to_json(report.content), encoding="utf-8")
        except OSError as error:
            raise ConfigError(f"The figures cannot be written to '{json_file}' ({error.strerror}).") from None
        typer.echo(f"wrote {json_file}")
    if write_report is not None:
        for file in write_report(report, out):
            typer.echo(f"wrote {file}")


def print_figures(task: Task, name: str, figures: Mapping[str, Any]) -> None:
    """What a model of a task is measured by, in per cent."""
    for line in part(task, "show").figure_lines(name, figures):
        typer.echo(line)
