"""The model card of a multi-label model, written from its own files so that no figure is typed by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zslviz.models.registry import MODELS
from zslviz.tasks.base.card_parts import front_matter, interval, making, paragraph, percent, terms
from zslviz.tasks.base.space import readable_words

FIGURES = ("map_zsl", "f1_3_zsl", "f1_5_zsl", "map_gzsl", "f1_3_gzsl", "f1_5_gzsl")
HEADS = ("ZSL mAP", "ZSL F1@3", "ZSL F1@5", "GZSL mAP", "GZSL F1@3", "GZSL F1@5")
INCOMPLETE = "Tags are incomplete (at most five a photo), so some of what counts as wrong is in the picture."


def card(config: Mapping[str, Any], metrics: Mapping[str, Any]) -> str:
    """The card's Markdown text. metrics: of metrics.json; what is not there ("maps", "yardsticks", "seeds") is not told."""
    space = config["space"]
    unseen = list(space["seen"]).count(0)
    parts = [
        front_matter(config, "multi-label"),
        f"# {config['name']}: {config['title']}\n",
        paragraph(
            f"Multi-label zero-shot model on a frozen {config['backbone']['name']} at {config['backbone']['size']} px.",
            f"It scores {len(space['labels'])} labels, of which {unseen} were never trained on, and any other word that has a",
            f"vector (`{space['words']}`), each with an exact map of regions.",
            MODELS[config["system"]].about,
        ),
        "## Figures\n",
        figures_table({config["name"]: metrics, **metrics.get("yardsticks", {})}),
        meaning(metrics),
        *([_maps(metrics["maps"])] if metrics.get("maps") else []),
        "## Each label\n",
        "Average precision on the test photos, and how many of them are tagged.\n",
        per_label_table(metrics["per_label"], space["name"]),
        "\n## How it was made\n",
        *making(config, metrics, "the paper's ranking loss", *_choices(config, metrics)),
        "\n## Terms\n",
        terms(config, metrics),
    ]
    return "\n".join(parts)


def figures_table(rows: Mapping[str, Mapping[str, Any]]) -> str:
    """Models beside each other in per cent, with the interval below each that has one."""
    lines = [f"| | {' | '.join(HEADS)} |", f"|---|{'---|' * len(HEADS)}"]
    for name, figures in rows.items():
        lines.append(f"| {name} | {' | '.join(percent(figures[k]) for k in FIGURES)} |")
        if bounds := figures.get("intervals"):
            level = 100 * bounds["method"]["level"]
            lines.append(
                f"| {level:.0f} % interval over test photos | {' | '.join(interval(bounds[k]) for k in FIGURES)} |"
            )
    return "\n".join(lines) + "\n"


def per_label_table(rows: list[Mapping[str, Any]], data: str) -> str:
    """Unseen labels, then seen ones, each by falling average precision. data: the data set whose labels they are."""
    rows = readable_rows(rows, data)
    known = [r for r in rows if r["average_precision"] is not None]
    ordered = sorted(known, key=lambda r: (r["seen"], -r["average_precision"]))
    lines = ["| label | trained on | tagged photos | AP |", "|---|---|---|---|"]
    lines += [
        f"| {r['label']} | {'yes' if r['seen'] else 'no'} | {r['positives']} | {percent(r['average_precision'])} |"
        for r in ordered
    ]
    silent = [r["label"] for r in rows if r["average_precision"] is None]
    return "\n".join(lines) + (f"\n\nWithout a tagged test photo: {', '.join(silent)}." if silent else "")


def readable_rows(rows: list[Mapping[str, Any]], data: str) -> list[Mapping[str, Any]]:
    """Rows of labels with these as people read them."""
    shown = readable_words(data, [row["label"] for row in rows])
    return [{**row, "label": name} for row, name in zip(rows, shown, strict=True)]


def meaning(metrics: Mapping[str, Any]) -> str:
    """What the figures mean, of how many photos and labels, and what chance gives."""
    counts, chance = metrics["labels"], metrics["chance"]
    return paragraph(
        f"{metrics['photos']} test photos, {counts['seen']} seen and {counts['unseen']} unseen labels.",
        "ZSL: only the unseen labels compete and count; GZSL: all do.",
        "mAP: mean of the labels' average precisions, a label without a tagged photo left out.",
        "F1@k: micro F1 of each photo's k best labels.",
        f"Scores without meaning have a mAP of {percent(chance['zsl'])} (ZSL) and {percent(chance['gzsl'])} (GZSL).",
        INCOMPLETE,
    )


def _maps(maps: Mapping[str, Any]) -> str:
    return "### What the maps are worth\n\n" + paragraph(
        f"Measured on {maps['scenes']} own compositions ({maps['things']} cut-outs pasted over landscapes, so that the true",
        f"outline of each thing is known): the highest region lies inside the thing in {percent(maps['pointing'])} %",
        f"({interval(maps['intervals']['pointing'])}; a region drawn at random: {percent(maps['pointing_chance'])} %), on the",
        f"scene's other thing in {percent(maps['pointing_other'])} %; {percent(maps['energy'])} % of what the map says above its",
        f"own average lies inside (the things' share of the picture: {percent(maps['energy_chance'])} %); and a place inside",
        f"is higher than one outside in {percent(maps['ranking'])} % of pairs (50 % without meaning).",
        "The scenes are no photographs: they measure where a map lies, not how well the model recognises photos.",
    )


def _choices(config: Mapping[str, Any], metrics: Mapping[str, Any]) -> tuple[str, ...]:
    """What was chosen, and how; a choice that was made otherwise than training makes it is told as `validation` tells it."""
    unseen = config.get("unseen_threshold", config["threshold"])
    return (
        f"- Where labels compete with seen ones, gamma {config['gamma']:.3g} is taken from seen labels' scores, and a label",
        f"counts as found from {config['threshold']:.3g} on, an unseen one from {unseen:.3g} on. Epoch, gamma and thresholds were",
        "chosen on validation photos and on labels held out of training, never on test photos or the unseen labels.",
        *filter(None, [str(metrics.get("validation", {}).get("told", ""))]),
    )
