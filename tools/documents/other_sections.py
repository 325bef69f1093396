"""The sections of docs/results.md on multi-label and compositional models, from checkpoints and docs/results/."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from zslviz.checkpoints.listing import list_checkpoints
from zslviz.tasks.base.card_parts import interval, paragraph, percent
from zslviz.tasks.compositional import card as composition_card
from zslviz.tasks.multilabel import card as label_card

ROOT = Path(__file__).resolve().parents[2]
_FOLDERS = {"multilabel": "labels", "compositional": "compositions"}  # below docs/results, by task
_SHOWN_LABELS = 8


def load(task: str) -> dict[str, dict[str, Any]]:
    """Measured models of a task by the name of their row: shipped ones by their metrics, other trainings, then yardsticks.

    Of the last two there are files NAME.json of figures with `title`; "label" sets a training apart ("without queries").
    """
    shipped = sorted(list_checkpoints(ROOT / "checkpoints", task=task), key=lambda info: info.name)
    files = sorted((ROOT / "docs" / "results" / _FOLDERS[task]).glob("*.json"))
    others = [json.loads(file.read_text(encoding="utf-8")) for file in files]
    contents = [{"title": info.title, **info.metrics} for info in shipped]
    contents += sorted(others, key=lambda content: (bool(content.get("yardstick")), bool(content.get("label"))))
    return {row_name(content): content for content in contents}


def row_name(content: Mapping[str, Any]) -> str:
    """ "BiAM", "BiAM, GloVe vectors", "Linear map (yardstick)"."""
    title = str(content["title"]).partition(" · ")[0]
    name = f"{title}, {content['label']}" if content.get("label") else title
    return f"{name} (yardstick)" if content.get("yardstick") else name


def labels_section() -> str:
    """Many labels in a photo: figures beside the yardsticks, and labels that go well and badly."""
    rows = load("multilabel")
    if not rows:
        return ""
    first = next(iter(rows.values()))
    return "\n".join(
        [
            "## Many labels in one photo (Corel-5k)\n",
            label_card.meaning(first),
            label_card.figures_table(rows),
            _by_the_authors(rows),
            _commands(rows),
            _extremes(label_card.readable_rows(first["per_label"], "corel5k")),
            _maps({name: content["maps"] for name, content in rows.items() if content.get("maps")}),
        ]
    )


def compositions_section() -> str:
    """States and objects: figures beside the yardsticks, and with each part of the network left out."""
    rows = load("compositional")
    if not rows:
        return ""
    return "\n".join(
        [
            "## States and objects (colours and garments)\n",
            paragraph(
                "Refiner here is our construction after the paper's abstract. MSCI is the paper's two stages on a small frozen",
                "backbone, without adapters and learned prompts; it was trained with Refiner's settings, which were not settled",
                "for it, and was still rising on validation when they ended.",
                composition_card.FIGURES_MEAN,
                "Closed world: listed pairs compete; open world: all feasible ones do, by a threshold chosen on validation",
                "photos.",
            ),
            composition_card.figures_table(rows),
            "At one bias, chosen on validation photos (nothing of the test part is used):\n",
            _at_bias(rows),
            _commands(rows),
        ]
    )


def _at_bias(rows: Mapping[str, Mapping[str, Any]]) -> str:
    lines = ["| | closed S | U | H | open S | U | H |", "|---|---|---|---|---|---|---|"]
    for name, content in rows.items():
        cells = [percent(content[w]["at_validation_bias"][k]) for w in ("closed", "open") for k in ("s", "u", "h")]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _extremes(per_label: list[Mapping[str, Any]]) -> str:
    """The unseen and seen labels with the highest and lowest average precision."""
    lines = []
    for seen, kind in ((False, "Unseen"), (True, "Seen")):
        known = [r for r in per_label if bool(r["seen"]) is seen and r["average_precision"] is not None]
        ordered = sorted(known, key=lambda r: -r["average_precision"])
        for title, some in (("best", ordered[:_SHOWN_LABELS]), ("worst", ordered[::-1][:_SHOWN_LABELS])):
            told = ", ".join(f"{r['label']} {percent(r['average_precision'])} ({r['positives']})" for r in some)
            lines.append(f"- {kind}, {title}: {told}")
    return "Average precision of single labels (tagged test photos in brackets):\n\n" + "\n".join(lines) + "\n"


def _by_the_authors(rows: Mapping[str, Mapping[str, Any]]) -> str:
    """The same scores by the conventions of BiAM's code."""
    told = {name: {**content["authors"]} for name, content in rows.items() if content.get("authors")}
    return (
        paragraph(
            "The same scores by the conventions of BiAM's public code, to be set beside figures made with it: photos without any",
            "of the labels are dropped, a label without a tagged photo counts as AP 0, an unknown tag as wrong.",
        )
        + "\n"
        + label_card.figures_table(told)
        if told
        else ""
    )


def _maps(measured: Mapping[str, Mapping[str, Any]]) -> str:
    """Where the maps lie on scenes whose things' outlines are known."""
    if not measured:
        return ""
    lines = [
        "### Where the maps lie\n",
        paragraph(
            "Cut-outs pasted over landscapes, so that each thing's outline is known: how often the highest region lies on it or on",
            "the scene's other thing, how much of the map (above its own average) lies inside, and how often a place inside is",
            "higher than one outside. In brackets: 95 % intervals over scenes.",
        ),
        "| | things | pointing | on the other thing | energy inside | inside above outside |",
        "|---|---|---|---|---|---|",
    ]
    for name, maps in measured.items():
        cells = [
            f"{percent(maps[k])} ({interval(maps['intervals'][k])})"
            for k in ("pointing", "pointing_other", "energy", "ranking")
        ]
        lines.append(f"| {name} | {maps['things']} | {' | '.join(cells)} |")
    chance = next(iter(measured.values()))
    lines.append(
        f"| without meaning | | {percent(chance['pointing_chance'])} | | {percent(chance['energy_chance'])} | 50.0 |\n"
    )
    return "\n".join(lines)


def _commands(rows: Mapping[str, Mapping[str, Any]]) -> str:
    told = [f"- {name}: `{content['command']}`" for name, content in rows.items() if content.get("command")]
    return "Commands:\n\n" + "\n".join(told) + "\n" if told else ""
