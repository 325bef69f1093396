"""Black borders of scanned slides, cut off."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_BLACK = 48  # of 255: a slide's mount is scanned as almost black, with some noise


_MAX_BORDER = 0.12  # of a side; what is black beyond it is the photo


_JUMP = 15  # by how much a photo is lighter than its border; without it a dark photo would be taken for one


def without_border(photo: Image.Image) -> Image.Image:
    """The photo without the black border that a mounted slide leaves; whole if it has none.

    Black rows and columns at an edge are a border if they end within 12 % of the side and the photo behind them is lighter.
    """
    brightest = np.asarray(photo).max(axis=2)
    top, bottom = (_border(brightest[::step]) for step in (1, -1))
    left, right = (_border(brightest.T[::step]) for step in (1, -1))
    return photo.crop((left, top, photo.width - right, photo.height - bottom))


def _border(lines: NDArray[np.uint8]) -> int:
    """How many lines from the first on are border. lines: [L, any] brightness of an edge's lines, from outside in."""
    reach = int(len(lines) * _MAX_BORDER)
    black = np.percentile(lines[: reach + 1], 98, axis=1) < _BLACK
    width = int(np.argmin(black))
    if black.all() or width == 0:
        return 0
    behind = np.median(lines[width + 1 : width + 4])
    if behind < np.median(lines[:width]) + _JUMP:
        return 0
    mixed = np.median(lines[width]) < 0.7 * behind  # the line in which border and photo share pixels
    return width + int(mixed)
