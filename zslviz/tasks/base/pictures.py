"""What pictures of maps share: layers over the photo, overlays, legends, and the region at a place."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from zslviz.photos.heatmaps import ColourScale, data_url, layer_png, overlay, png, without_colour
from zslviz.tasks.base.photo import ExplainedPhoto

MAP_WIDTH = 288
THUMBNAIL_WIDTH = 112
Floats = NDArray[np.float32]


def offers_answer(explanation: ExplainedPhoto, of: str) -> list[dict[str, Any]]:
    """The maps that there are of such a thing, the one to show first at the front: the fields of `MapOffer`."""
    return [offer.told() for offer in explanation.offers() if offer.of == of]


def legend(scale: ColourScale) -> dict[str, Any]:
    """What the colours mean, for drawing a legend."""
    return {"ticks": list(scale.ticks()), "gradient": scale.css_gradient()}


def layer_url(explanation: ExplainedPhoto, values: Floats, scale: ColourScale, width: int = MAP_WIDTH) -> str:
    """A map [H, W] as a transparent picture to lay over the photo, `width` pixels wide, as a `data:` address."""
    return data_url(layer_png(values, explanation.map_geometry, scale, width))


def thumbnail_url(explanation: ExplainedPhoto, values: Floats, scale: ColourScale) -> str:
    """The same, small."""
    return layer_url(explanation, values, scale, THUMBNAIL_WIDTH)


def laid_over(
    explanation: ExplainedPhoto, values: Floats, scale: ColourScale, opacity: float, grey: bool = False
) -> NDArray[np.uint8]:
    """The photo at its full size with a map [H, W] over it: uint8 RGB [height, width, 3]. grey: the photo without its colours."""
    photo = without_colour(explanation.photo) if grey else explanation.photo
    return overlay(photo, values, explanation.map_geometry, scale, opacity)


def overlay_png(
    explanation: ExplainedPhoto, values: Floats, scale: ColourScale, opacity: float, grey: bool = False
) -> bytes:
    """The same as the bytes of a PNG file."""
    return png(laid_over(explanation, values, scale, opacity, grey))


def region_at(explanation: ExplainedPhoto, x: float, y: float) -> tuple[int, int]:
    """The (row, column) of the region at a place given as fractions of the photo's width and height. Raises ConfigError."""
    geometry, grid = explanation.map_geometry, explanation.checked_grid()
    inside = min(max(x, 0.0), 1.0) * geometry.width, min(max(y, 0.0), 1.0) * geometry.height
    return geometry.photo_to_cell(*inside, grid)


def region_box(explanation: ExplainedPhoto, row: int, column: int) -> list[float]:
    """A region's rectangle [x0, y0, x1, y1] as fractions of the photo's width and height, clipped to the photo."""
    geometry = explanation.map_geometry
    x0, y0, x1, y1 = geometry.cell_to_photo(row, column, explanation.checked_grid())
    return [x0 / geometry.width, y0 / geometry.height, x1 / geometry.width, y1 / geometry.height]
