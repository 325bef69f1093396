"""From the records of scenes to figures, with bootstrap intervals over scenes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zslviz.faithfulness.scene_maps import FIGURES
from zslviz.faithfulness.scenes import CUT_OUT, PLACES
from zslviz.faithfulness.summary import interval, share, shares_by

Record = dict[str, Any]


def summarise_scenes(records: Sequence[Record], groups: Sequence[str]) -> dict[str, Any] | None:
    """Figures of maps in scenes, by the name of the place that was asked for: `grid`, `ground`, `pasted`; None without records.

    groups: of every attribute. Of each place, for `attributes` and for `classes` (None where nothing could be asked): `scenes` and
    `pairs`, how many; `maps`, per map `pointing`, `energy` and `ranking` over all pairs, each `value`, `low` and `high` with a 95 %
    bootstrap interval over scenes, *random* being chance; of attributes also `by_group`, each map's pointing by group.
    `heeds` of what is pasted: how much more often a map points there when that is asked for than when the ground is, 0 of a map
    that is the same whatever is asked.
    """
    figures: dict[str, Any] = {}
    for name in dict.fromkeys(name for places in PLACES.values() for name in places):
        of_attributes = _figures([_at(r["attributes"], name) for r in records], groups)
        of_classes = _figures([_at(r["classes"], name) for r in records])
        if of_attributes or of_classes:
            figures[name] = {"attributes": of_attributes, "classes": of_classes}
    ground, pasted = PLACES[CUT_OUT]
    for of, found in figures.get(pasted, {}).items():
        heeds = _heeds(*([_at(r[of], name) for r in records] for name in (ground, pasted)))
        if heeds:
            found["heeds"] = heeds
    return figures or None


def _at(asked: Record, place: str) -> Record:
    """Of what was asked in a scene, that of one place."""
    chosen = [i for i, name in enumerate(asked["places"]) if name == place]
    return {
        "of": [asked["of"][i] for i in chosen],
        "area": [asked["area"][i] for i in chosen],
        "maps": {name: [rows[i] for i in chosen] for name, rows in asked["maps"].items()},
    }


def _figures(records: list[Record], groups: Sequence[str] | None = None) -> dict[str, Any] | None:
    records = [r for r in records if r["of"]]
    if not records:
        return None
    owner = np.repeat(np.arange(len(records)), [len(r["of"]) for r in records])
    area = np.array([a for r in records for a in r["area"]])
    rows = {"random": np.stack([area, area, np.full(len(area), 0.5)], axis=1)}
    rows |= {name: np.array([row for r in records for row in r["maps"][name]]) for name in records[0]["maps"]}
    maps = {
        name: {figure: share(values[:, i], owner) for i, figure in enumerate(FIGURES)} for name, values in rows.items()
    }
    figures = {"scenes": len(records), "pairs": len(owner), "maps": maps}
    if groups is None:
        return figures
    group = np.array([groups[a] for r in records for a in r["of"]])
    return {**figures, "by_group": shares_by(group, {name: values[:, 0] for name, values in rows.items()})}


def _heeds(ground: list[Record], pasted: list[Record]) -> dict[str, Any] | None:
    """The share of pairs pointed at the cut-out, of what is pasted minus of the ground, per map. Both lists: the same scenes."""
    told = [(one, other) for one, other in zip(ground, pasted, strict=True) if one["of"] or other["of"]]
    if not all(any(scene[side]["of"] for scene in told) for side in (0, 1)):
        return None
    counts = np.array([[len(one["of"]) for one in scene] for scene in told], dtype=np.float64)

    def figure(name: str) -> dict[str, Any]:
        hits = np.array([[sum(row[0] for row in one["maps"][name]) for one in scene] for scene in told])

        def statistic(weights: NDArray[np.float64]) -> Any:
            pairs = weights @ counts
            shares = np.divide(weights @ hits, pairs, out=np.full_like(pairs, np.nan), where=pairs > 0)
            return shares[:, 1] - (1 - shares[:, 0])

        return interval(statistic, len(told))

    return {name: figure(name) for name in told[0][0]["maps"]}
