"""How a photo lies in the square network input: the affine map between the two, and maps drawn back over the photo."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

MAX_STRETCH = 2.0


@dataclass(frozen=True)
class Geometry:
    """How a photo lies in the square network input: the affine map between the two, and nothing else.

    The whole photo is resized to fill the square (nothing is cropped, so every place of the photo has a place in the
    maps). Beyond an aspect ratio of `MAX_STRETCH` the long side alone fills it and the rest is padded, so that a
    panorama is not squeezed into something unrecognisable.

    width, height: the photo in pixels after its EXIF rotation. size: side of the network input in pixels.
    left, top, box_width, box_height: where the photo lies in the network input, in pixels.
    """

    width: int
    height: int
    size: int
    left: int
    top: int
    box_width: int
    box_height: int

    @classmethod
    def fit(cls, width: int, height: int, size: int) -> Geometry:
        aspect = width / height
        box_width = size if aspect >= 1 / MAX_STRETCH else max(1, round(size * aspect * MAX_STRETCH))
        box_height = size if aspect <= MAX_STRETCH else max(1, round(size / aspect * MAX_STRETCH))
        return cls(width, height, size, (size - box_width) // 2, (size - box_height) // 2, box_width, box_height)

    def photo_to_input(self, x: float, y: float) -> tuple[float, float]:
        """A point of the photo (pixels, 0..width, 0..height) in the network input (0..size)."""
        return self.left + x * self.box_width / self.width, self.top + y * self.box_height / self.height

    def input_to_photo(self, x: float, y: float) -> tuple[float, float]:
        """The inverse of `photo_to_input`."""
        return (x - self.left) * self.width / self.box_width, (y - self.top) * self.height / self.box_height

    def photo_to_cell(self, x: float, y: float, grid: tuple[int, int]) -> tuple[int, int]:
        """The (row, column) of the map cell that holds a point of the photo; points outside go to the nearest cell."""
        u, v = self.photo_to_input(x, y)
        rows, columns = grid
        row, column = int(v * rows // self.size), int(u * columns // self.size)
        return min(max(row, 0), rows - 1), min(max(column, 0), columns - 1)

    def cell_to_photo(self, row: int, column: int, grid: tuple[int, int]) -> tuple[float, float, float, float]:
        """The rectangle (x0, y0, x1, y1) of the photo under a map cell, clipped to the photo."""
        rows, columns = grid
        x0, y0 = self.input_to_photo(column * self.size / columns, row * self.size / rows)
        x1, y1 = self.input_to_photo((column + 1) * self.size / columns, (row + 1) * self.size / rows)
        return max(x0, 0.0), max(y0, 0.0), min(x1, float(self.width)), min(y1, float(self.height))

    def shifted(self, pixels: float) -> Geometry:
        """The geometry of maps whose cells see so many pixels of the input further right and down than their middle.

        Laid over the photo by it, such maps lie where their cells saw, and keep their values cell by cell.
        """
        return replace(self, left=self.left - round(pixels), top=self.top - round(pixels))

    def map_to_photo(
        self, values: NDArray[np.floating[Any]], shape: tuple[int, int] | None = None, smooth: bool = True
    ) -> NDArray[np.float32]:
        """Lays a map [H, W] over the photo: float32 [height, width], or another `shape` with the photo's outline.

        A cell's value sits at the cell's centre; between centres it is interpolated (`smooth`) or constant.
        """
        height, width = shape or (self.height, self.width)
        rows, columns = values.shape
        step_x, step_y = self.box_width / width * columns / self.size, self.box_height / height * rows / self.size
        offset_x = self.left * columns / self.size + 0.5 * step_x - 0.5
        offset_y = self.top * rows / self.size + 0.5 * step_y - 0.5
        matrix = np.array([[step_x, 0.0, offset_x], [0.0, step_y, offset_y]])
        flags = (cv2.INTER_LINEAR if smooth else cv2.INTER_NEAREST) | cv2.WARP_INVERSE_MAP
        source = np.ascontiguousarray(values, dtype=np.float32)
        laid = cv2.warpAffine(source, matrix, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(laid, dtype=np.float32)
