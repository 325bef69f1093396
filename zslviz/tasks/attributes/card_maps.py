"""The part of an attribute model's card on whether its maps are true: the sentence, and the figures that it is made from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zslviz.tasks.attributes.map_truth import (
    CENTRE,
    CHANCE,
    GRAD_CAM,
    Figures,
    Interval,
    called,
    map_figures,
    map_truth,
    own,
)
from zslviz.tasks.base.card_parts import paragraph, percent

_PRIORS = {GRAD_CAM: "Grad-CAM", CENTRE: "always the middle", CHANCE: "chance"}
_COLUMNS = {
    "pointing": "pointing game",
    "deletion": "deletion ↓",
    "insertion": "insertion ↑",
    "scenes": "the right photo of several",
    "same_place": "highest in one place",
}

_EXPLAINED = {
    "pointing": "The pointing game is played by smooth maps.",
    "deletion": "Deletion and insertion are of an attribute's value, 0 where photos are blurred and 100 where they are whole.",
}


def maps_section(metrics: Mapping[str, Any]) -> list[str]:
    """Markdown, heading included; nothing where a model's maps have not been measured."""
    found = map_figures(metrics)
    if found is None:
        return []
    columns = {name: getattr(found, name) for name in _COLUMNS if getattr(found, name)}
    lines = ["## Are the maps true?\n", *([paragraph(said)] if (said := map_truth(metrics)) else [])]
    if columns:
        lines.append("\n".join(_table(columns)) + "\n")
    if found.by_part:
        lines.append(by_part_line(found.by_part))
    curves = f", {found.curve_photos} of them with deletion and insertion" if found.curve_photos else ""
    left = ", ".join(f"{round(value, 2) + 0.0:.2f} of {called(name)}" for name, value in found.shuffled.items())
    shuffled = f"Rank correlation with the maps of shuffled weights: {left}." if left else ""
    explained = [_EXPLAINED[name] for name in columns if name in _EXPLAINED]
    measured = f"Measured on {found.photos} test photos{curves}, in per cent with 95 % intervals; all figures, and how they are"
    lines.append(paragraph(*explained, shuffled, measured, "made, stand in docs/results.md (`zslviz faithfulness`)."))
    return lines


def by_part_line(by_part: Mapping[str, Mapping[str, float]]) -> str:
    """The pointing game part by part, as a paragraph: "Where it looked: bill 71, tail 38, ...", best first, then the middle's."""
    sorts = own(next(iter(by_part.values())))
    listed: list[tuple[str, str]] = [(called(name), name) for name in sorts]
    listed += [("always the middle", CENTRE)] if all(CENTRE in row for row in by_part.values()) else []
    told = [f"*{title}*: {_parts(by_part, name)}" for title, name in listed]
    return paragraph(f"Hits by part, of 100: {'; '.join(told)}.")


def _parts(by_part: Mapping[str, Mapping[str, float]], name: str) -> str:
    ordered = sorted(by_part, key=lambda part: -by_part[part][name])
    return ", ".join(f"{part} {100 * by_part[part][name]:.0f}" for part in ordered)


def _table(columns: Mapping[str, Figures]) -> list[str]:
    sorts = list(dict.fromkeys(name for figures in columns.values() for name in own(figures)))
    rows = [(called(name), name) for name in sorts]
    there = [(title, name) for name, title in _PRIORS.items() if any(name in f for f in columns.values())]
    return [
        f"| map | {' | '.join(_COLUMNS[name] for name in columns)} |",
        "|---" * (len(columns) + 1) + "|",
        *(
            f"| {title} | {' | '.join(_figure(figures.get(name)) for figures in columns.values())} |"
            for title, name in [*rows, *there]
        ),
    ]


def _figure(interval: Interval | None) -> str:
    if interval is None:
        return ""
    value, low, high = interval
    return f"{percent(value)} ({percent(low)} to {percent(high)})"
