"""Pictures of an attribute's maps: layers on one scale, small multiples, regions, parts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zslviz.errors import ConfigError
from zslviz.photos.heatmaps import ColourScale
from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.base import pictures
from zslviz.tasks.base.photo import MapOffer
from zslviz.tasks.base.pictures import layer_url, legend, region_at, region_box, thumbnail_url

REGION_ATTRIBUTES = 8


def attribute_maps(explanation: Explanation, attribute: int, offer: MapOffer) -> list[tuple[str, NDArray[np.float32]]]:
    """The maps [H, W] of an attribute, by name: one per granularity, then, of several, their sum (signed) or mean."""
    named = list(zip(explanation.granularities, explanation.layers(offer.name, attribute), strict=True))
    if len(named) == 1:  # the sum would be the same picture again
        return named
    return [*named, ("sum of all" if offer.signed else "mean of all", explanation.fused(offer.name)[attribute])]


def maps_answer(explanation: Explanation, attribute: int, offer: MapOffer) -> dict[str, Any]:
    """Layers to lay over the photo, all on one scale, and the legend that goes with them.

    share: how much a granularity brings to the maps of all of them (`Explanation.shares`); None of the one that is of all.
    """
    maps = attribute_maps(explanation, attribute, offer)
    scale = ColourScale.shared([values for _, values in maps], offer.signed)
    # a checkpoint may rank by some of its granularities alone: what it leaves out is said beside its map
    counted = [weight != 0 for weight in explanation.rule.weights] + [True] * (
        len(maps) - len(explanation.granularities)
    )
    shares: list[float | None] = [round(float(share), 4) for share in explanation.shares(offer.name)]
    shares[len(explanation.granularities) :] = [None] * (len(maps) - len(explanation.granularities))
    return {
        "attribute": attribute,
        "kind": offer.name,
        "maps": [
            {
                "name": name if counts else f"{name} (not in the ranking)",
                "url": layer_url(explanation, values, scale),
                "share": share if len(maps) > 1 else None,
            }
            for (name, values), counts, share in zip(maps, counted, shares, strict=True)
        ],
        "legend": legend(scale),
    }


def thumbnails_answer(explanation: Explanation, attributes: Sequence[int], offer: MapOffer) -> dict[str, Any]:
    """Small multiples: the sum (or mean) maps of some attributes on one scale."""
    fused = explanation.fused(offer.name)
    scale = ColourScale.shared([fused[a] for a in attributes], offer.signed)
    return {
        "kind": offer.name,
        "thumbnails": [{"attribute": a, "url": thumbnail_url(explanation, fused[a], scale)} for a in attributes],
        "legend": legend(scale),
    }


def region_answer(explanation: Explanation, x: float, y: float) -> dict[str, Any]:
    """What a place of the photo speaks for; x, y and the region's box are fractions of the photo's width and height."""
    row, column = region_at(explanation, x, y)
    return {
        "row": row,
        "column": column,
        "grid": list(explanation.checked_grid()),
        "box": region_box(explanation, row, column),
        "attributes": [
            {"attribute": a, "above_average": value}
            for a, value in explanation.region_attributes(row, column, REGION_ATTRIBUTES)
        ],
    }


def parts_answer(explanation: Explanation) -> dict[str, Any]:
    """The part every place was counted to, per granularity: small maps on one scale from 0 to the largest share."""
    if explanation.parts is None:
        return {"rows": []}
    scale = ColourScale.shared([explanation.parts])
    return {
        "rows": [
            {"name": name, "maps": [thumbnail_url(explanation, part, scale) for part in parts]}
            for name, parts in zip(explanation.granularities, explanation.parts, strict=True)
        ],
        "legend": legend(scale),
    }


def overlay_png(
    explanation: Explanation, attribute: int, offer: MapOffer, which: int, opacity: float
) -> tuple[str, bytes]:
    """The photo at its full size with one of an attribute's maps over it: words for its name, and the PNG. Raises ConfigError."""
    maps = attribute_maps(explanation, attribute, offer)
    if not 0 <= which < len(maps):
        raise ConfigError(f"There is no map number {which}; there are {len(maps)}.")
    scale = ColourScale.shared([values for _, values in maps], offer.signed)
    name, values = maps[which]
    words = f"{explanation.space.attribute_names[attribute]} {offer.name} {name.split(' ·')[0]}"
    return words, pictures.overlay_png(explanation, values, scale, opacity)
