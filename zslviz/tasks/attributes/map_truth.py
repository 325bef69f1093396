"""What a model's maps are worth: the figures of `zslviz faithfulness` that a checkpoint keeps, and one plain sentence from them.

Nothing is claimed that intervals leave open: one figure is more than another where their 95 % intervals do not meet.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from zslviz.errors import ConfigError
from zslviz.files.typed import CountOrNone, Finite, typed
from zslviz.tasks.attributes.maps import ATTENTION, EVIDENCE

Interval = tuple[Finite, Finite, Finite]
"""A figure and the ends of its 95 % interval; shares are 0..1."""
Figures = Mapping[str, Interval]

CENTRE, GRAD_CAM, CHANCE = "centre", "Grad-CAM", "random"
PRIORS = (GRAD_CAM, CENTRE, CHANCE)  # what a model's own maps are compared with
_CALLED = {ATTENTION.name: "where it looked", EVIDENCE.name: "what it counted"}
_FORGOTTEN = 0.2  # of rank correlation, as a size: no more is left of maps whose model forgot everything


@dataclass(frozen=True)
class MapFigures:
    """The entry "maps" of metrics.json. All figures are by the name of the sort of map or of what it is compared with (`PRIORS`).

    photos, curve_photos: how many were measured. pointing: shares of hits in the pointing game, maps smoothed, where parts are
    marked; by_part: the same by part, with "pairs", plain values. deletion, insertion: areas between 0 (blurred) and 1 (whole) of
    the attribute's value. shuffled: rank correlation with the maps of shuffled weights, plain. scenes: shares of hits on the one
    photo of several, side by side, that has the attribute. same_place: shares of a photo's attributes whose maps peak in one place.
    """

    photos: CountOrNone
    curve_photos: CountOrNone
    pointing: Figures = field(default_factory=dict)
    by_part: Mapping[str, Mapping[str, Finite]] = field(default_factory=dict)
    deletion: Figures = field(default_factory=dict)
    insertion: Figures = field(default_factory=dict)
    shuffled: Mapping[str, Finite] = field(default_factory=dict)
    scenes: Figures = field(default_factory=dict)
    same_place: Figures = field(default_factory=dict)


def map_figures(metrics: Mapping[str, Any]) -> MapFigures | None:
    """The figures among a checkpoint's metrics; None where there are none, or none that can be read."""
    if not metrics.get("maps"):
        return None
    try:
        return typed(MapFigures, metrics["maps"], "the figures of its maps", known=None)
    except ConfigError:
        return None


def map_truth(metrics: Mapping[str, Any]) -> str:
    """What a checkpoint's maps are worth, in a sentence or two; "" where that has not been measured."""
    found = map_figures(metrics)
    if found is None:
        return ""
    where = _pointing(found.pointing) or _in_scenes(found.scenes)
    counted = _counting(found.deletion, found.insertion)
    rest = "" if where else _forgetting(found.shuffled)
    # Where parts are marked, many attributes rightly speak of one place (bill, eye, crown, forehead), and pointing tells the truth.
    alike = "" if found.pointing else _one_place(found.same_place)
    caution = alike and (f"But {alike}" if where else alike[0].upper() + alike[1:])
    return " ".join(said for said in (where, caution, counted, rest) if said)


def own(figures: Mapping[str, Any]) -> list[str]:
    """The sorts of maps among the names of figures, without what they are compared with."""
    return [name for name in figures if name not in (*PRIORS, "pairs")]


def called(sort: str) -> str:
    """What a sort of map is called where people read it."""
    return _CALLED.get(sort, sort)


def compared(a: Interval, b: Interval) -> int:
    """1 if a is more than b, -1 if it is less, 0 if their intervals meet."""
    return int(a[1] > b[2]) - int(a[2] < b[1])


def counts_more(deletion: Figures, insertion: Figures, sort: str, rival: str) -> int | None:
    """Whether the places that a map names first matter more than a rival's: 1 if both curves say so, -1 if both say the contrary.

    0 if a curve leaves it open, or one says this and one that. None where it was not measured.
    """
    if not all(name in curve for name in (sort, rival) for curve in (deletion, insertion)):
        return None
    says = {compared(deletion[rival], deletion[sort]), compared(insertion[sort], insertion[rival])}
    return says.pop() if len(says) == 1 else 0


def _pointing(figures: Figures) -> str:
    sorts = _best_first(figures)
    if not sorts or CENTRE not in figures:
        return ""
    first, *others = sorts
    also = "".join(f" (of {called(name)}, {_of_100(figures[name])})" for name in others[:1])
    said = (
        f"Of 100 maps of {called(first)}, {_of_100(figures[first])} point at the part that their attribute names{also}"
    )
    middle = _of_100(figures[CENTRE])
    return {
        1: f"{said}; a map that always pointed at the middle would hit {middle}.",
        0: f"{said}; that is not clearly more than a map that always points at the middle, which hits {middle}.",
        -1: f"{said}; a map that always pointed at the middle would hit more, {middle}.",
    }[compared(figures[first], figures[CENTRE])]


def _in_scenes(figures: Figures) -> str:
    sorts = _best_first(figures)
    if not sorts or CHANCE not in figures:
        return ""
    first, chance = figures[sorts[0]], figures[CHANCE]
    said = (
        f"Asked for an attribute that one of several photos side by side has, {_of_100(first)} of 100 maps of {called(sorts[0])} "
        "point at that photo"
    )
    return {
        1: f"{said}; maps that know nothing would be right {_of_100(chance)} times.",
        0: f"{said}; that is not clearly more than the {_of_100(chance)} of maps that know nothing.",
        -1: f"{said}; maps that know nothing would be right more often, {_of_100(chance)} times.",
    }[compared(first, chance)]


def _one_place(figures: Figures) -> str:
    """A caution where maps hardly depend on the attribute that is asked for."""
    crowded = [name for name in own(figures) if CHANCE in figures and compared(figures[name], figures[CHANCE]) > 0]
    half = [name for name in crowded if figures[name][1] > 0.5]
    if not half:
        return ""
    worst = max(half, key=lambda name: figures[name][0])
    return (
        f"of a photo's attributes, {_of_100(figures[worst])} in 100 have their map of {called(worst)} highest in one and the same "
        "place."
    )


def _counting(deletion: Figures, insertion: Figures) -> str:
    sorts = own(deletion)
    if not sorts:
        return ""
    sort = EVIDENCE.name if EVIDENCE.name in sorts else sorts[0]
    rivals = {CENTRE: "the middle of the photo", GRAD_CAM: "what Grad-CAM marks"}  # in words that follow "covering"
    found = {rival: counts_more(deletion, insertion, sort, rival) for rival in rivals}
    than: dict[int, list[str]] = {
        sign: [rivals[r] for r, verdict in found.items() if verdict == sign] for sign in (1, 0, -1)
    }
    words = {1: "more than", 0: "not clearly more or less than", -1: "less than"}
    told = [f"{words[sign]} covering {' or '.join(names)}" for sign, names in than.items() if names]
    return f"Covering {called(sort)} lowers an attribute's value {', and '.join(told)}." if told else ""


def _forgetting(figures: Mapping[str, float]) -> str:
    """Of maps that no place is known for: whether they are the model's at all."""
    sorts = own(figures)
    if not sorts:
        return ""
    most = max(sorts, key=lambda name: abs(figures[name]))
    becomes = "become others" if abs(figures[most]) < _FORGOTTEN else "stay alike"
    return (
        f"With the model's weights shuffled, its maps {becomes} (rank correlation {round(figures[most], 2) + 0.0:.2f})."
    )


def _best_first(figures: Figures) -> list[str]:
    return sorted(own(figures), key=lambda name: -figures[name][0])


def _of_100(interval: Interval) -> int:
    return round(100 * interval[0])
