"""From the figures of a measurement to the few that a checkpoint keeps, its card tells and the page's sentence is made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zslviz.tasks.attributes.map_truth import CENTRE, CHANCE, map_truth

SMOOTH = ", smooth"
_SCENE = "grid"  # of the sorts of scenes the one whose chance is the same for every map
_PLACES = 4  # decimals


def metrics_entry(figures: Mapping[str, Any]) -> dict[str, Any]:
    """`MapFigures` of what `measure_faithfulness` gave, as plain values; empty entries are left out.

    Of each sort of map the smooth one counts, all granularities together: settled on training photos (`photos.smoothing`), and
    not the one that was best on these photos. Curves count where blurring whole photos lowers the value at all.
    """
    localisation, curves = figures["localisation"] or {}, (figures["curves"] or {}).get("attribute") or {}
    scenes = ((figures.get("scenes") or {}).get(_SCENE) or {}).get("attributes") or {}
    falls = curves.get("whole", 0) > curves.get("blurred", 0)  # else less and more mean the contrary
    areas = {name.removesuffix(SMOOTH): row for name, row in curves.get("orders", {}).items() if falls}
    entry = {
        "photos": figures["photos"],
        "curve_photos": figures["curve_photos"],
        "pointing": _intervals(_smooth(localisation.get("maps", {})), "pointing"),
        "by_part": {
            part: {"pairs": row["pairs"], **{name: _rounded(share) for name, share in _smooth(row).items()}}
            for part, row in localisation.get("by_part", {}).items()
        },
        **{curve: _intervals(areas, curve) for curve in ("deletion", "insertion")},
        "shuffled": {n: _rounded(v) for n, v in figures["sanity"].items() if v is not None and n != "class"},
        "scenes": _intervals(_smooth(scenes.get("maps", {})), "pointing"),
        "same_place": _intervals(
            {name: {"share": row} for name, row in _smooth((figures.get("same_place") or {}).get("maps", {})).items()},
            "share",
        ),
    }
    return {name: value for name, value in entry.items() if value not in ({}, None)}


def sentence(figures: Mapping[str, Any]) -> str:
    """What figures come to, in plain words (`map_truth`)."""
    return map_truth({"maps": metrics_entry(figures)})


def _smooth(rows: Mapping[str, Any]) -> dict[str, Any]:
    """By the name of the sort: of every map that has a smooth one, that one; and what all are compared with."""
    kept = {name.removesuffix(SMOOTH): row for name, row in rows.items() if name.endswith(SMOOTH)}
    return kept | {name: rows[name] for name in (CENTRE, CHANCE) if name in rows}


def _intervals(rows: Mapping[str, Any], figure: str) -> dict[str, list[float]]:
    found = {name: row[figure] for name, row in rows.items()}
    return {
        name: [_rounded(row[end]) for end in ("value", "low", "high")]
        for name, row in found.items()
        if row["value"] is not None
    }


def _rounded(value: float) -> float:
    return round(value, _PLACES)
