"""From the records of photos to figures, with bootstrap intervals over photos."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zslviz.faithfulness.curves import area
from zslviz.faithfulness.localisation import TOLERANCE
from zslviz.tasks.base.bootstrap import TAILS, draw_weights, percentiles

_SCORES = ("attribute", "class", "probability")  # the columns of a curve
Record = dict[str, Any]


def summarise(
    maps: list[Record], curves: list[Record], groups: Sequence[str], parts: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Figures of all records. A figure is [value, low, high] with a 95 % bootstrap interval.

    groups: of every attribute. parts: what a group's parts are called (`parts.names_of_parts`).

    localisation (where the data marks parts): per map `pointing` (share of hits over all pairs of photo and attribute),
    `pointing_groups` (the mean over attribute groups, as Zhang et al. average over categories), `pointing_wide` (within twice the
    tolerance, about a cell of a 9 x 9 map), `energy_parts`, `energy_box` and the plain median `distance`; `by_group` has each map's
    share of hits by group, `by_part` by what the parts are called, where that is told.
    curves: per score and order `deletion` and `insertion` areas, once on the score's own scale and once between 0 (all photos
    blurred) and 1 (all photos whole), as ratios of means, since a single photo's score may hardly change at all.
    sanity: mean rank correlation of maps before and after shuffling the weights.
    """
    return {
        "photos": len(maps),
        "curve_photos": len(curves),
        "seconds": {
            kind: float(np.median([r["seconds"] for r in records])) if records else None
            for kind, records in (("maps", maps), ("curves", curves))
        },
        "localisation": _localisation([r for r in maps if r.get("attributes")], groups, parts or {}),
        "curves": {name: _curve_figures(curves, column) for column, name in enumerate(_SCORES)} if curves else None,
        "sanity": _sanity(maps),
    }


def _localisation(records: list[Record], groups: Sequence[str], parts: Mapping[str, str]) -> dict[str, Any] | None:
    if not records:
        return None
    owner = np.repeat(np.arange(len(records)), [len(r["attributes"]) for r in records])
    group = np.array([groups[a] for r in records for a in r["attributes"]])
    chance = np.array([row for r in records for row in r["chance"]], dtype=np.float64)
    by_map = {
        name: np.array([row for r in records for row in r["maps"][name]], dtype=np.float64)
        for name in records[0]["maps"]
    }
    measures = {
        "random": np.stack([np.full(len(chance), np.nan), *chance.T[[0, 2, 0, 1]]]),
        **{
            name: np.stack([v[:, 0], *(v[:, 0] <= t for t in (TOLERANCE, 2 * TOLERANCE)), v[:, 1], v[:, 2]])
            for name, v in by_map.items()
        },
    }
    group_index = np.unique(group, return_inverse=True)[1]
    figures = {}
    for name, (distance, hit, wide, on_parts, box) in measures.items():
        figures[name] = {
            "pointing": share(hit, owner),
            "pointing_groups": _mean_of_groups(hit, owner, group_index),
            "pointing_wide": share(wide, owner),
            "energy_parts": share(on_parts, owner),
            "energy_box": share(box, owner),
            "distance": _finite(float(np.median(np.nan_to_num(distance, nan=np.inf)))),
        }
    hits = {name: measure[1] for name, measure in measures.items()}
    found = {"pairs": len(group), "tolerance": TOLERANCE, "maps": figures, "by_group": shares_by(group, hits)}
    return {**found, "by_part": shares_by(np.array([parts[g] for g in group.tolist()]), hits)} if parts else found


def shares_by(names: NDArray[np.str_], hits: Mapping[str, NDArray[np.float64]]) -> dict[str, dict[str, Any]]:
    """Pairs and each map's share of hits, by the name that each pair has."""
    return {
        str(name): {"pairs": int(own.sum()), **{of: float(hit[own].mean()) for of, hit in hits.items()}}
        for name in np.unique(names)
        for own in (names == name,)
    }


def _curve_figures(records: list[Record], column: int) -> dict[str, Any] | None:
    """Areas of one of the three scores for every order that was ranked for it or shared."""
    used = [r for r in records if r["whole"][column] is not None]
    if not used:
        return None
    prefix = "attribute: " if column == 0 else "class: "
    whole, blurred = (np.array([r[end][column] for r in used], dtype=np.float64) for end in ("whole", "blurred"))
    orders = {}
    for name in used[0]["deletion"]:
        if name.startswith(prefix) or name in ("random", "centre"):
            areas = np.array([_areas(r, name, column) for r in used])  # [N, 2]
            orders[name.removeprefix(prefix)] = {
                kind: interval(_between(areas[:, i], blurred, whole), len(used)) | {"area": float(areas[:, i].mean())}
                for i, kind in enumerate(("deletion", "insertion"))
            }
    return {"photos": len(used), "whole": float(whole.mean()), "blurred": float(blurred.mean()), "orders": orders}


def _areas(record: Record, order: str, column: int) -> tuple[float, float]:
    def one(values: Any) -> NDArray[np.float32]:
        return np.asarray(values, dtype=np.float32)[..., column : column + 1]

    fractions = tuple(record["fractions"])
    whole, blurred = one(record["whole"]), one(record["blurred"])
    deletion, insertion = one(record["deletion"][order]), one(record["insertion"][order])
    return (
        float(area(fractions, whole, deletion, blurred)[0]),
        float(area(fractions, blurred, insertion, whole)[0]),
    )


def _sanity(records: list[Record]) -> dict[str, float | None]:
    names = records[0]["sanity"] if records else ()
    found = {name: [r["sanity"][name] for r in records if r["sanity"][name] is not None] for name in names}
    return {name: float(np.mean(values)) if values else None for name, values in found.items()}


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None


# -- bootstrap over photos --------------------------------------------------------------------------------------------------


def interval(statistic: Callable[[NDArray[np.float64]], Any], photos: int) -> dict[str, Any]:
    """`value` and `low`, `high` of a statistic of weights: how often each photo counts, [n, photos].

    All None where the statistic does not exist (blurring changes nothing).
    """
    value, resampled = float(statistic(np.ones((1, photos)))[0]), statistic(draw_weights(photos))
    if not np.isfinite(value):
        return {"value": None, "low": None, "high": None}
    low, high = percentiles(resampled, TAILS)
    return {"value": value, "low": low, "high": high}


def share(values: NDArray[np.float64], owner: NDArray[np.int64]) -> dict[str, Any]:
    """Mean over all pairs, resampled by photo. owner: the photo of each pair."""
    total, count = np.bincount(owner, values), np.bincount(owner).astype(np.float64)
    return interval(lambda weights: (weights @ total) / (weights @ count), len(count))


def _mean_of_groups(values: NDArray[np.float64], owner: NDArray[np.int64], group: NDArray[np.int64]) -> dict[str, Any]:
    """Mean over groups of the mean over a group's pairs; in a resample, over the groups that are in it."""
    shape = (int(owner.max()) + 1, int(group.max()) + 1)
    total, count = np.zeros(shape), np.zeros(shape)
    np.add.at(total, (owner, group), values)
    np.add.at(count, (owner, group), 1)

    def statistic(weights: NDArray[np.float64]) -> Any:
        pairs = weights @ count
        return np.nanmean(np.where(pairs > 0, (weights @ total) / np.maximum(pairs, 1), np.nan), axis=-1)

    return interval(statistic, shape[0])


def _between(
    areas: NDArray[np.float64], blurred: NDArray[np.float64], whole: NDArray[np.float64]
) -> Callable[[NDArray[np.float64]], Any]:
    """Areas as a share of the way from the blurred to the whole photos, all three averaged first."""

    def statistic(weights: NDArray[np.float64]) -> Any:
        gain, reach = weights @ (areas - blurred), weights @ (whole - blurred)
        return np.divide(gain, reach, out=np.full_like(gain, np.nan), where=reach != 0)

    return statistic
