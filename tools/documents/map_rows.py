"""What the tables of maps in docs/results.md share: which rows they have, in which order, and how a figure is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zslviz.faithfulness.entry import SMOOTH

PRIORS = ("random", "centre", "Grad-CAM, smooth", "Grad-CAM")
"""What a model's own maps are compared with."""


def of_all_granularities(rows: Mapping[str, Any]) -> dict[str, Any]:
    """Without the maps of single granularities, "evidence, fine"."""
    return {name: row for name, row in rows.items() if ", " not in name or name.endswith(SMOOTH)}


def ordered(rows: Mapping[str, Any]) -> list[str]:
    """The names of a model's own maps first, then what they are compared with."""
    return [name for name in rows if name not in PRIORS] + [name for name in reversed(PRIORS) if name in rows]


def figure(interval: Mapping[str, Any] | None) -> str:
    """ "31.0 (29.5–32.6)", per cent."""
    if interval is None or interval["value"] is None:
        return "–"
    return f"{100 * interval['value']:.1f} ({100 * interval['low']:.1f}–{100 * interval['high']:.1f})"
