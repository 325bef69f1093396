"""The model card of a checkpoint, written from its own files so that no figure is typed by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from zslviz.models.registry import MODELS
from zslviz.tasks.base.card_parts import SMALL_BACKBONE, front_matter, gradient_recipe, interval, percent, terms
from zslviz.tasks.compositional.card import composition_card
from zslviz.tasks.multilabel.card import label_card

CLOSED_FORM = {
    "eszsl": "ESZSL has a closed form: one linear system is solved, nothing is trained in epochs",
    "dap": "DAP's attribute classifiers are fitted one by one on the pooled feature, nothing is trained in epochs",
}
_CUB = "CUB-200-2011, proposed split (150 seen / 50 unseen classes, 312 attributes)"
_AWA2 = "Animals with Attributes 2, proposed split (40 seen / 10 unseen classes, 85 attributes)"
_ALL_ANIMALS = 50
_FIGURES = ("t1", "u", "s", "h")


def write_model_card(folder: Path, measured: Mapping[str, Any] | None = None) -> None:
    """Writes README.md of a checkpoint folder from config.json and metrics.json.

    measured: entries that stand beside those of metrics.json ("intervals", "seeds") where it has none of its own.
    """
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    metrics = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    write = _CARDS[MODELS[config["system"]].task]
    (folder / "README.md").write_text(write(config, {**(measured or {}), **metrics}), encoding="utf-8")


def model_card(config: dict[str, Any], metrics: Mapping[str, Any]) -> str:
    """The card's Markdown text. metrics: of metrics.json; "intervals" and "seeds" are told where they are there.

    intervals: `{"t1": [low, high], ..., "method": ...}` (evaluation.bootstrap). seeds: `{"count": 3, "t1": {"mean", "std"}, ...}`.
    """
    return "\n".join(
        [
            _head(config),
            "## Figures\n",
            _figures(metrics),
            "T1: mean per-class accuracy in per cent when only unseen classes compete. U, S, H: unseen, seen and harmonic\n"
            f"mean when all compete. Data: {data_name(config)}. {_caution(config)}\n",
            "## How it was made\n",
            *_making(config, metrics),
            "\n## Terms\n",
            terms(config, metrics),
        ]
    )


def data_name(config: Mapping[str, Any]) -> str:
    """What the model was trained and measured on, in words."""
    space, data = config["space"], config["data"]
    unseen = list(space["seen"]).count(0)
    counts = f"{len(space['classes']) - unseen} seen / {unseen} unseen classes"
    if data == "cub":
        return _CUB
    if data == "awa2" and len(space["classes"]) == _ALL_ANIMALS:
        return _AWA2
    if data == "awa2":
        return f"animals with the AWA2 attributes: own photos of {counts} of the proposed split, 85 attributes"
    return f"`{data}` ({counts}, {config['model']['attributes']} attributes)"


def _head(config: Mapping[str, Any]) -> str:
    backbone, space = config["backbone"], config["space"]
    trained = backbone.get("trained") or []
    how = "a frozen" if not trained else "a fine-tuned"
    along = f" (trained along: {', '.join(trained)})" if trained else ""
    return f"""{front_matter(config, "attributes")}
# {config["name"]}: {config["title"]}

Attribute-based zero-shot classifier on {how} {backbone["name"]} at {backbone["size"]} px{along}. It predicts
{config["model"]["attributes"]} attributes with a map each, and ranks {len(space["classes"])} classes, of which \
{list(space["seen"]).count(0)} were never trained on.
"""


def _figures(metrics: Mapping[str, Any]) -> str:
    oracle = metrics["oracle"]
    lines = [
        "| | T1 | U | S | H | gamma | AUSUC |",
        "|---|---|---|---|---|---|---|",
        f"| gamma chosen on validation | {' | '.join(percent(metrics[k]) for k in _FIGURES)} | {metrics['gamma']:.2f} "
        f"| {percent(metrics['ausuc'])} |",
    ]
    if intervals := metrics.get("intervals"):
        level = 100 * intervals["method"]["level"]
        lines.append(
            f"| {level:.0f} % interval over test photos | {_row(interval(intervals[k]) for k in _FIGURES)} | | |"
        )
    if seeds := metrics.get("seeds"):
        spread = (f"{percent(seeds[k]['mean'])} ± {percent(seeds[k]['std'])}" for k in _FIGURES)
        lines.append(f"| mean ± standard deviation over {seeds['count']} seeds | {_row(spread)} | | |")
    lines.append(
        f"| oracle gamma (chosen on the test photos, for comparison only) | | {percent(oracle['u'])} | {percent(oracle['s'])} "
        f"| {percent(oracle['h'])} | {oracle['gamma']:.2f} | |\n"
    )
    return "\n".join(lines)


def _making(config: Mapping[str, Any], metrics: Mapping[str, Any]) -> list[str]:
    recipe, chosen, backbone = config["recipe"], metrics["validation"], config["backbone"]
    settings = ", ".join(f"{k} {v}" for k, v in config["model"].items())
    from_photos = list(backbone.get("trained") or []) == ["c3", "c4", "c5"]
    first = "" if from_photos else f" (features first: `zslviz cache --data {config['data']}=DIR`)"
    lines = [f"- Command: `{metrics['command']}`{first}"]
    if config["system"] in CLOSED_FORM:
        lines.append(f"- Recipe: {CLOSED_FORM[config['system']]}{_hyper_parameters(chosen)}")
        what = "Hyper-parameters and gamma"
    else:
        lines.append(f"- Recipe: {gradient_recipe(recipe, chosen)}")
        what = "Epoch, fusion and gamma"
    lines.append(f"- Network: {settings}")
    lines.append(f"- {recipe.get('note') or 'No departures from the paper beyond the sizes above.'}")
    if config["system"] not in CLOSED_FORM:
        loss = ", ".join(f"{k} {v}" for k, v in recipe["loss"].items()) or "defaults of the paper"
        lines.append(f"- Loss: {loss}")
    lines.append(f"- Class scores: {config['rule']['kind']}, weights per granularity {config['rule']['weights']}")
    held_out = (
        f"- {what} were chosen on seen classes held out as pseudo-unseen ones (T1 {percent(chosen['t1'])}, "
        f"H {percent(chosen['h'])} there), never on test photos."
    )
    if metrics.get("settled_with_test_figures", True):
        held_out += (
            " The settings of this\nrecipe (held-out share, weight decay, the plain sum of granularities) were settled with test "
            "figures of earlier runs in\nsight, so the figures are slightly optimistic."
        )
    lines.append(f"{held_out} The weights are stored in float16 and were measured as stored.")
    return lines


def _hyper_parameters(chosen: Mapping[str, Any]) -> str:
    """What validation chose beyond gamma, for systems with a closed form: "; chosen: ridge 10"."""
    settings = chosen.get("settings") or {}
    told = ", ".join(f"{k} {v:g}" if isinstance(v, float) else f"{k} {v}" for k, v in settings.items())
    return f"; chosen: {told}" if told else ""


def _caution(config: Mapping[str, Any]) -> str:
    lite = config["backbone"]["name"].startswith("efficientnet_lite")
    if config["data"] == "cub":
        return "Trained on photos reduced to 224 x 224 pixels. " + (SMALL_BACKBONE if lite else "")
    if config["data"] == "awa2" and len(config["space"]["classes"]) < _ALL_ANIMALS:
        return "The photos are not AWA2's own, so these figures never stand beside published AWA2 figures."
    return SMALL_BACKBONE if lite else ""


def _row(cells: Any) -> str:
    return " | ".join(cells)


_CARDS = {"attributes": model_card, "multilabel": label_card, "compositional": composition_card}
