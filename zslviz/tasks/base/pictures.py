"""What pictures of maps share: sizes, legends, and the region at a place."""

from __future__ import annotations

from typing import Any

from zslviz.photos.geometry import Geometry
from zslviz.photos.heatmaps import ColourScale

MAP_WIDTH = 288


THUMBNAIL_WIDTH = 112


def legend(scale: ColourScale) -> dict[str, Any]:
    """What the colours mean, for drawing a legend."""
    return {"ticks": list(scale.ticks()), "gradient": scale.css_gradient()}


def region_at(geometry: Geometry, grid: tuple[int, int], x: float, y: float) -> tuple[int, int]:
    """The (row, column) of the region at a place given as fractions of the photo's width and height."""
    inside = min(max(x, 0.0), 1.0) * geometry.width, min(max(y, 0.0), 1.0) * geometry.height
    return geometry.photo_to_cell(*inside, grid)


def region_box(geometry: Geometry, grid: tuple[int, int], row: int, column: int) -> list[float]:
    """A region's rectangle [x0, y0, x1, y1] as fractions of the photo's width and height, clipped to the photo."""
    x0, y0, x1, y1 = geometry.cell_to_photo(row, column, grid)
    return [x0 / geometry.width, y0 / geometry.height, x1 / geometry.width, y1 / geometry.height]
