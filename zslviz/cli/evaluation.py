"""Commands that measure models."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from zslviz.cli.options import Data, Device, Model
from zslviz.errors import ConfigError


def evaluate(
    data: Data,
    model: Model = "mgmrn-cub",
    cache: Annotated[
        Path | None, typer.Option(help="Read cached features from here instead of running the backbone.")
    ] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the figures here.")] = None,
    device: Device = "auto",
) -> None:
    """Measure a model on the test photos of a data set: T1, U, S, H, AUSUC, and the oracle's H for comparison.

    Example: zslviz evaluate --model msdn-cub --data cub=/data/CUB_200_2011
    """
    from zslviz.datasets import load_dataset, parse_data_argument
    from zslviz.evaluation.run import evaluate_model
    from zslviz.explainer import Explainer

    name, folder = parse_data_argument(data)
    explainer = Explainer.from_pretrained(model, device)
    if explainer.data != name:
        raise ConfigError(
            f"'{explainer.name}' was trained on the data '{explainer.data}'; it cannot be measured on '{name}'."
        )
    report = evaluate_model(explainer, load_dataset(name, folder), cache)
    print_report(explainer.name, report.to_dict())
    if json_file is not None:
        text = json.dumps({"model": explainer.name, "data": name, **report.to_dict()}, indent=1) + "\n"
        try:
            json_file.write_text(text, encoding="utf-8")
        except OSError as error:
            raise ConfigError(f"The figures cannot be written to '{json_file}' ({error.strerror}).") from None
        typer.echo(f"wrote {json_file}")


def print_report(name: str, report: dict[str, Any]) -> None:
    figures = "  ".join(f"{k.upper()} {100 * report[k]:.1f}" for k in ("t1", "u", "s", "h", "ausuc"))
    oracle = report["oracle"]
    typer.echo(f"{name}: {figures}  (gamma {report['gamma']:.2f}, from validation)")
    typer.echo(f"oracle, gamma chosen on the test photos: H {100 * oracle['h']:.1f} at gamma {oracle['gamma']:.2f}")
