"""Commands that measure models."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from zslviz.cli.options import Data, Device, Model
from zslviz.errors import ConfigError
from zslviz.tasks.base.card_parts import percent
from zslviz.tasks.multilabel.card import FIGURES as LABEL_FIGURES
from zslviz.tasks.multilabel.card import HEADS

FIGURES = ("t1", "u", "s", "h")


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
    device: Device = "auto",
) -> None:
    """Measure a model on the test photos of a data set, with intervals.

    Attribute models: T1, U, S, H, AUSUC, and the oracle's H for comparison. Multi-label models: mAP and F1 at 3 and 5, among unseen
    labels (ZSL) and among all (GZSL). Compositional models: S, U, H and AUC in the closed and the open world.

    Example: zslviz evaluate --model msdn-cub --data cub=/data/CUB_200_2011 --out results
    """
    from zslviz.datasets.reading import load_dataset, parse_data_argument
    from zslviz.explainer import Explainer
    from zslviz.tasks.attributes.evaluation import evaluate_in_full
    from zslviz.tasks.attributes.explainer import AttributeExplainer
    from zslviz.tasks.attributes.report_files import to_json, write_report
    from zslviz.tasks.compositional.explainer import CompositionExplainer
    from zslviz.tasks.multilabel.explainer import LabelExplainer

    name, folder = parse_data_argument(data)
    explainer = Explainer.from_pretrained(model, device)
    if explainer.data != name:
        raise ConfigError(
            f"'{explainer.name}' was trained on the data '{explainer.data}'; it cannot be measured on '{name}'."
        )
    content: Mapping[str, Any]
    if isinstance(explainer, AttributeExplainer):
        report = evaluate_in_full(explainer, load_dataset(name, folder), cache, label)
        content = report.content
        print_report(explainer.name, content)
        for line in variant_lines(content):
            typer.echo(line)
    else:
        if out is not None:
            raise ConfigError("'--out' writes the report of an attribute model; use --json here.")
        dataset: Any
        if isinstance(explainer, CompositionExplainer):
            dataset = load_dataset(name, folder, explainer.task, explainer.words())
        else:
            assert isinstance(explainer, LabelExplainer)
            dataset = load_dataset(name, folder, explainer.task, explainer.space.words)
        content = _measured(explainer, dataset, cache)
        content = {"model": explainer.name, "title": explainer.title, "label": label, **content}
    if os.environ.get("RANK", "0") != "0":  # of several processes one writes
        return
    if json_file is not None:
        try:
            json_file.write_text(to_json(content), encoding="utf-8")
        except OSError as error:
            raise ConfigError(f"The figures cannot be written to '{json_file}' ({error.strerror}).") from None
        typer.echo(f"wrote {json_file}")
    if out is not None:
        for file in write_report(report, out):
            typer.echo(f"wrote {file}")


def _measured(explainer: Any, dataset: Any, cache: Path | None) -> dict[str, Any]:
    """The figures of a multi-label or compositional model, printed and as plain values."""
    from zslviz.tasks.multilabel.explainer import LabelExplainer

    if isinstance(explainer, LabelExplainer):
        from zslviz.tasks.multilabel.evaluation import evaluate_label_model

        figures = evaluate_label_model(explainer, dataset, cache)
        typer.echo(label_line(explainer.name, figures))
        return figures
    from zslviz.tasks.compositional.evaluation import evaluate_composition_model

    figures = evaluate_composition_model(explainer, dataset, cache)
    for line in composition_lines(explainer.name, figures):
        typer.echo(line)
    return figures


def label_line(name: str, figures: Mapping[str, Any]) -> str:
    """mAP and F1 of a multi-label model, in per cent."""
    told = "  ".join(f"{title} {percent(figures[key])}" for title, key in zip(HEADS, LABEL_FIGURES, strict=True))
    return f"{name}: {told}"


def composition_lines(name: str, figures: Mapping[str, Any]) -> list[str]:
    """S, U, H, AUC of a compositional model in both worlds, in per cent."""
    lines = []
    for world in ("closed", "open"):
        of_world, at = figures[world], figures[world]["at_validation_bias"]
        told = "  ".join(f"{key.upper()} {percent(of_world[key])}" for key in ("s", "u", "h", "auc"))
        lines.append(
            f"{name}, {world} world: {told}  (best bias on the test photos, as the field reports)  states "
            f"{percent(of_world['state_accuracy'])}  objects {percent(of_world['object_accuracy'])}; at the validation's bias "
            f"{at['bias']:.2f}: S {percent(at['s'])}  U {percent(at['u'])}  H {percent(at['h'])}"
        )
    return lines


def print_report(name: str, report: Mapping[str, Any]) -> None:
    """The figures of a `ZeroShotReport` as plain values, in per cent."""
    figures = "  ".join(f"{k.upper()} {percent(report[k])}" for k in (*FIGURES, "ausuc"))
    oracle, intervals = report["oracle"], report["intervals"]
    typer.echo(f"{name}: {figures}  (gamma {report['gamma']:.2f}, from validation)")
    ranges = "  ".join(f"{k.upper()} {percent(intervals[k][0])} to {percent(intervals[k][1])}" for k in FIGURES)
    typer.echo(f"{100 * intervals['method']['level']:.0f} % intervals over test photos: {ranges}")
    typer.echo(f"oracle, gamma chosen on the test photos: H {percent(oracle['h'])} at gamma {oracle['gamma']:.2f}")


def variant_lines(content: Mapping[str, Any]) -> list[str]:
    """A line for each granularity alone, the plain sum and the fixed-bias protocol, of models that have them."""
    lines = []
    for variant in content["variants"]:
        own = "" if variant["h"] is None else f"H {percent(variant['h'])}, "
        lines.append(f"{variant['name']}: T1 {percent(variant['t1'])}, {own}oracle H {percent(variant['oracle']['h'])}")
    for fixed in content["fixed_bias"]:
        shares = " and ".join(f"{w:g}" for w in fixed["fusion"])
        figures = "  ".join(f"{k.upper()} {percent(fixed[k])}" for k in FIGURES)
        lines.append(f"fixed bias (MSDN's authors: -1 seen, +1 unseen), {fixed['from']} fusion {shares}: {figures}")
    return lines
