"""Pictures for the page: maps of an attribute on one scale, small multiples, regions, parts, full-size overlay."""

from __future__ import annotations

import functools
import secrets
import shutil
import tempfile
import threading
from collections import deque
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import ImageOps

from zslviz.errors import ConfigError
from zslviz.explanation import Explanation
from zslviz.heatmaps import ColourScale, MapKind, data_url, jpeg, layer_png, overlay, png, shrink
from zslviz.images import Geometry, load_photo

PHOTO_WIDTH = 720
MAP_WIDTH = 288
THUMBNAIL_WIDTH = 112
EXAMPLE_WIDTH = 112
REGION_ATTRIBUTES = 8
KEPT_DOWNLOADS = 24


def photo_url(photo: NDArray[np.uint8]) -> str:
    """The upright photo, at most 720 pixels wide."""
    return data_url(jpeg(shrink(photo, PHOTO_WIDTH)), "image/jpeg")


@functools.lru_cache(maxsize=256)
def example_thumbnail(path: Path) -> str:
    """A small square picture of an example, cut from its middle."""
    photo = load_photo(path)
    square = ImageOps.fit(photo, (EXAMPLE_WIDTH, EXAMPLE_WIDTH), centering=(0.5, 0.4))
    return data_url(jpeg(np.asarray(square), quality=80), "image/jpeg")


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


def legend(scale: ColourScale) -> dict[str, Any]:
    """What the colours mean, for drawing a legend."""
    return {"ticks": list(scale.ticks()), "gradient": scale.css_gradient()}


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


def region_at(geometry: Geometry, grid: tuple[int, int], x: float, y: float) -> tuple[int, int]:
    """The (row, column) of the region at a place given as fractions of the photo's width and height."""
    inside = min(max(x, 0.0), 1.0) * geometry.width, min(max(y, 0.0), 1.0) * geometry.height
    return geometry.photo_to_cell(*inside, grid)


def region_box(geometry: Geometry, grid: tuple[int, int], row: int, column: int) -> list[float]:
    """A region's rectangle [x0, y0, x1, y1] as fractions of the photo's width and height, clipped to the photo."""
    x0, y0, x1, y1 = geometry.cell_to_photo(row, column, grid)
    return [x0 / geometry.width, y0 / geometry.height, x1 / geometry.width, y1 / geometry.height]


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


class Downloads:
    """Files made for visitors, in one folder that the page may serve; only the newest are kept."""

    def __init__(self, kept: int = KEPT_DOWNLOADS) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="zslviz-downloads-"))
        self._kept = kept
        self._written: deque[Path] = deque()
        self._lock = threading.Lock()

    def overlay(self, explanation: Explanation, attribute: int, kind: MapKind, which: int, opacity: float) -> Path:
        """Writes one of an attribute's maps over the photo at the photo's full size (PNG)."""
        maps = attribute_maps(explanation, attribute, kind)
        if not 0 <= which < len(maps):
            raise ConfigError(f"There is no map number {which}; there are {len(maps)}.")
        scale = ColourScale.shared(kind, [values for _, values in maps])
        name, values = maps[which]
        picture = png(overlay(explanation.photo, values, explanation.geometry, scale, opacity))
        words = f"{explanation.space.attribute_names[attribute]} {kind} {name.split(' ·')[0]}"
        return self.write(words, picture)

    def write(self, words: str, picture: bytes) -> Path:
        """Writes the bytes of a PNG under a name made of words."""
        stem = "-".join("".join(c if c.isalnum() and c.isascii() else " " for c in words).split())
        folder = self.folder / secrets.token_urlsafe(12)
        folder.mkdir()
        path = folder / f"{stem or 'overlay'}.png"
        path.write_bytes(picture)
        with self._lock:
            self._written.append(folder)
            while len(self._written) > self._kept:
                shutil.rmtree(self._written.popleft(), ignore_errors=True)
        return path
