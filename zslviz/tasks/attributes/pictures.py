"""Maps of an attribute as numbers that the page draws and words that it says (the page's twin: `map_answers.js`); their PNG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zslviz.errors import ConfigError
from zslviz.photos.heatmaps import ColourScale
from zslviz.tasks.attributes import map_words as words
from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.attributes.maps import ShownMaps, drawn
from zslviz.tasks.base import pictures
from zslviz.tasks.base.photo import MapOffer
from zslviz.tasks.base.pictures import region_at, region_box
from zslviz.tasks.base.stretching import LITTLE
from zslviz.tasks.base.where import share_in_words

REGION_ATTRIBUTES = 8
TOGETHER = "all together"
SPECIAL = "special"
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class MapView:
    """How a map is drawn. layer: 0 of all granularities together, then each of them, or "special". stretched: on its own scale.

    smooth: as `photos.smoothing` has it, else cell by cell, with linear interpolation. grey: over the photo without its colours.
    """

    layer: int | str = 0
    stretched: bool = False
    smooth: bool = True
    grey: bool = False


def maps_answer(explanation: Explanation, attribute: int, offer: MapOffer) -> dict[str, Any]:
    """All that is drawn and said of one attribute. Numbers are of its value: 0 absent, 1 fully there (of attention, shares).

    visible: whether a photo can show it; no map is drawn of one that it cannot. absent: whether it is called "not hunter". places,
    rest: what of the value comes from places and from none, null of maps that are not exact. end, special_end: of the photo's one
    scale, 0 if all maps are empty. layers: of all granularities together, then each of several. special: its map less its sum
    shared out among the places as usual in this photo. common: how many of the visible attributes are strongest at one place, null
    unless this one is and they are most.
    """
    maps, exact = explanation.shown(offer.name), offer.exact
    name, value = explanation.space.attribute_names[attribute], float(explanation.values[attribute])
    fused = maps.fused[attribute]
    places = _total(fused)
    special = maps.special(attribute)
    layers = [_layer(explanation, maps, TOGETHER, fused, places < 0)]
    if len(explanation.granularities) > 1:  # else it would be the same map again
        own = maps.layers(attribute)
        sizes = _sizes(maps, own)
        counted = [weight != 0 for weight in explanation.rule.weights]
        layers += [
            {**_layer(explanation, maps, granularity, values, _total(values) < 0), "share": share, "counted": counts}
            for granularity, values, share, counts in zip(explanation.granularities, own, sizes, counted, strict=True)
        ]
    common, visible = maps.peaks.common, explanation.space.visible
    most = bool(common[attribute]) and 2 * int(common.sum()) > sum(visible)
    nowhere = float(maps.from_no_place()[attribute])
    said = words.value_words(value, places, offer.rest, nowhere) if exact else ""
    return {
        "attribute": attribute,
        "kind": offer.name,
        "visible": visible[attribute],
        "absent": words.absent(explanation, attribute),
        "value": value,
        "places": places if exact else None,
        "rest": value - places if exact else None,
        "equation": said,
        "held": words.held_words(offer.held) if exact else "",
        "grid": list(fused.shape),
        "end": maps.end(),
        "special_end": maps.end(special=True),
        "layers": layers,
        "special": {
            **_layer(explanation, maps, SPECIAL, special, places < 0, special=True),
            "says": words.special_words(float(np.maximum(special, 0).sum(dtype=np.float64)), offer),
        },
        "common": {"count": int(common.sum()), "of": sum(visible)} if most else None,
        "says": _says(name, visible[attribute], layers[0]["weak"], offer, common if most else None, sum(visible)),
    }


def _says(
    name: str, visible: bool, weak: bool, offer: MapOffer, common: NDArray[np.bool_] | None, of: int
) -> list[str]:
    """What a reader of the map has to know, in sentences."""
    if not visible:
        return [words.unseen_words(name)]
    if weak:
        return [words.little_words(name, offer)]
    return [] if common is None else [words.common_words(int(common.sum()), of, offer)]


def _layer(
    explanation: Explanation, maps: ShownMaps, name: str, values: Floats, against: bool, special: bool = False
) -> dict[str, Any]:
    """One map: how far it reaches on the photo's one scale, whether that is almost nothing, and where it is strongest.

    against: whether its places together speak against the attribute; then that is what is told of them.
    """
    offer, end = maps.own.offer, maps.end(special)
    reach = float(np.abs(drawn(values)).max()) / end if end > 0 else 0.0
    signed = offer.signed or special
    turned = signed and against
    return {
        "name": name,
        "share": None,
        "counted": True,
        "values": _numbers(values),
        "places": _total(values),
        "reach": reach,
        "weak": reach < LITTLE,
        "where": share_in_words(explanation, -values if turned else values, words.shared_out(offer, turned, special)),
    }


def thumbnails_answer(explanation: Explanation, attributes: Sequence[int], offer: MapOffer) -> dict[str, Any]:
    """Small multiples: the maps of some attributes, all granularities together, on the photo's one scale."""
    maps = explanation.shown(offer.name)
    return {
        "kind": offer.name,
        "grid": list(maps.fused.shape[1:]),
        "end": maps.end(),
        "thumbnails": [
            {
                "attribute": a,
                "absent": words.absent(explanation, a),
                "values": _numbers(maps.fused[a]),
                "weak": maps.end() <= 0 or float(maps.peaks.heights[a]) < LITTLE * maps.end(),
            }
            for a in attributes
        ],
    }


def region_answer(explanation: Explanation, x: float, y: float, kind: str | None = None) -> dict[str, Any]:
    """What a place of the photo speaks for; x, y and the region's box are fractions of the photo's width and height.

    kind: in which maps, the first ones offered if None. end: the most that any place counts for an attribute that can be seen.
    """
    row, column = region_at(explanation, x, y)
    offer = explanation.offer_of(kind, "attribute")
    maps = explanation.shown(offer.name)
    return {
        "row": row,
        "column": column,
        "grid": list(explanation.checked_grid()),
        "box": region_box(explanation, row, column),
        "end": float(np.abs(maps.fused)[np.array(maps.visible)].max(initial=0.0)),
        "attributes": [
            {"attribute": a, "counted": value}
            for a, value in explanation.region_attributes(row, column, REGION_ATTRIBUTES, offer.name)
        ],
    }


def parts_answer(explanation: Explanation) -> dict[str, Any]:
    """The part every place was counted to, per granularity: small maps on one scale from 0 to the largest share ("end")."""
    parts = explanation.parts
    if parts is None:
        return {"rows": [], "grid": [1, 1], "end": 0.0}
    return {
        "rows": [
            {"name": name, "maps": [_numbers(part) for part in own]}
            for name, own in zip(explanation.granularities, parts, strict=True)
        ],
        "grid": list(parts.shape[2:]),
        "end": float(parts.max()),
    }


def overlay_png(
    explanation: Explanation, attribute: int, offer: MapOffer, view: MapView, opacity: float
) -> tuple[str, bytes]:
    """The photo at its full size with one of an attribute's maps over it: words for its name, and the PNG. Raises ConfigError."""
    maps = explanation.shown(offer.name)
    special = view.layer == SPECIAL
    values, name = (maps.special(attribute), SPECIAL) if special else _layer_at(explanation, maps, attribute, view)
    laid = drawn(values) if view.smooth else values
    signed = offer.signed or special
    end = 0.0 if view.stretched else maps.end(special)
    scale = ColourScale(-end if signed else 0.0, end, signed) if end > 0 else ColourScale.shared([laid], signed)
    title = f"{words.called(explanation, attribute)} {offer.name} {name.split(' ·')[0]}"
    return title, pictures.overlay_png(explanation, laid, scale, opacity, view.grey)


def _layer_at(explanation: Explanation, maps: ShownMaps, attribute: int, view: MapView) -> tuple[Floats, str]:
    names = (TOGETHER, *(explanation.granularities if len(explanation.granularities) > 1 else ()))
    if not isinstance(view.layer, int) or not 0 <= view.layer < len(names):
        raise ConfigError(f"There is no map number {view.layer}; there are {len(names)}, from 0 on, and '{SPECIAL}'.")
    if view.layer == 0:
        return maps.fused[attribute], TOGETHER
    return maps.layers(attribute)[view.layer - 1], names[view.layer]


def _sizes(maps: ShownMaps, layers: Floats) -> list[float]:
    """How much of an attribute's map each granularity [G, H, W] is, by size: they add up to 1, or are all 0."""
    weights = np.ones(len(layers)) if maps.own.offer.signed else np.abs(maps.scale.weights.astype(np.float64))
    sizes = weights * np.abs(layers).sum(axis=(1, 2), dtype=np.float64)
    return [round(float(size), 6) for size in sizes / max(float(sizes.sum()), 1e-12)]


def _total(values: Floats) -> float:
    return float(values.sum(dtype=np.float64))


def _numbers(values: Floats) -> list[float]:
    """A map [H, W] row by row, with as many digits as can be seen."""
    return [float(f"{value:.5g}") for value in values.ravel().tolist()]
