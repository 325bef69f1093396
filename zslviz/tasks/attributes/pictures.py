"""Pictures of an attribute's maps: layers on one scale, small multiples, regions, parts."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from zslviz.errors import ConfigError
from zslviz.photos.heatmaps import ColourScale, MapKind, data_url, layer_png
from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.base.pictures import MAP_WIDTH, THUMBNAIL_WIDTH, legend, region_at, region_box

REGION_ATTRIBUTES = 8


def map_kind(name: Any) -> MapKind:
    """The kind of map by its name, "attention" or "evidence". Raises ConfigError."""
    if name == "attention":
        return "attention"
    if name == "evidence":
        return "evidence"
    raise ConfigError("Maps are of kind 'attention' (where it looked) or 'evidence' (what it counted).")


def attribute_maps(explanation: Explanation, attribute: int, kind: MapKind) -> list[tuple[str, NDArray[np.float32]]]:
    """The maps [H, W] of an attribute, by name: one per granularity, then, of several, their sum (evidence) or mean (attention)."""
    if kind == "attention":
        each, together = explanation.attention[:, attribute], explanation.fused_attention[attribute]
    else:
        each, together = explanation.value_evidence[:, attribute], explanation.fused_evidence[attribute]
    named = list(zip(explanation.granularities, each, strict=True))
    if len(named) == 1:  # the sum would be the same picture again
        return named
    return [*named, ("sum of all" if kind == "evidence" else "mean of all", together)]


def maps_answer(explanation: Explanation, attribute: int, kind: MapKind) -> dict[str, Any]:
    """Layers to lay over the photo, all on one scale, and the legend that goes with them."""
    maps = attribute_maps(explanation, attribute, kind)
    scale = ColourScale.shared(kind, [values for _, values in maps])
    # a checkpoint may rank by some of its granularities alone: what it leaves out is said beside its map
    counted = [weight != 0 for weight in explanation.rule.weights] + [True] * (
        len(maps) - len(explanation.granularities)
    )
    return {
        "attribute": attribute,
        "kind": kind,
        "maps": [
            {
                "name": name if counts else f"{name} (not in the ranking)",
                "url": data_url(layer_png(values, explanation.geometry, scale, MAP_WIDTH)),
            }
            for (name, values), counts in zip(maps, counted, strict=True)
        ],
        "legend": legend(scale),
    }


def thumbnails_answer(explanation: Explanation, attributes: list[int], kind: MapKind) -> dict[str, Any]:
    """Small multiples: the sum (or mean) maps of some attributes on one scale."""
    fused = explanation.fused_attention if kind == "attention" else explanation.fused_evidence
    scale = ColourScale.shared(kind, [fused[a] for a in attributes])
    return {
        "kind": kind,
        "thumbnails": [
            {
                "attribute": a,
                "url": data_url(layer_png(fused[a], explanation.geometry, scale, THUMBNAIL_WIDTH)),
            }
            for a in attributes
        ],
        "legend": legend(scale),
    }


def region_answer(explanation: Explanation, x: float, y: float) -> dict[str, Any]:
    """What a place of the photo speaks for; x, y and the region's box are fractions of the photo's width and height."""
    row, column = region_at(explanation.geometry, explanation.grid, x, y)
    return {
        "row": row,
        "column": column,
        "grid": list(explanation.grid),
        "box": region_box(explanation.geometry, explanation.grid, row, column),
        "attributes": [
            {"attribute": a, "above_average": value}
            for a, value in explanation.region_attributes(row, column, REGION_ATTRIBUTES)
        ],
    }


def parts_answer(explanation: Explanation) -> dict[str, Any]:
    """The part every place was counted to, per granularity: small maps on one scale from 0 to the largest share."""
    if explanation.parts is None:
        return {"rows": []}
    scale = ColourScale.shared("attention", [explanation.parts])
    return {
        "rows": [
            {
                "name": name,
                "maps": [data_url(layer_png(part, explanation.geometry, scale, THUMBNAIL_WIDTH)) for part in parts],
            }
            for name, parts in zip(explanation.granularities, explanation.parts, strict=True)
        ],
        "legend": legend(scale),
    }
