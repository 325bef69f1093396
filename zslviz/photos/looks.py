"""A photo seen eight times, each time slightly otherwise: what is in it stays, so an answer that changes hangs on the framing.

Mirrored, moved to each side, nearer, farther, and mirrored from nearer; nothing is drawn by chance, so the same photo is always
seen the same eight times. Each is a photo that is taken like any other, however small or large the one is that it is made of.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import cv2
import numpy as np

from zslviz.photos.covering import Photo
from zslviz.photos.loading import MAX_PIXELS, MAX_SIDE, MIN_SIDE

STEP = 0.08
"""By what share of its sides the photo is moved, or cut or widened on every side."""


def _cut(photo: Photo, left: float = 0, top: float = 0, right: float = 0, bottom: float = 0) -> Photo:
    """Without these shares of its sides; where less than a photo must have would be left, its edge goes on at the other end."""
    rows, above, below = _rest(photo.shape[0], top, bottom)
    columns, before, after = _rest(photo.shape[1], left, right)
    return _widened(photo[rows, columns], above, below, before, after)


def _rest(side: int, start: float, end: float) -> tuple[slice, int, int]:
    """What is left of a side without these shares, and the pixels to go on at its start and at its end."""
    first, last = round(start * side), round(end * side)
    missing = max(min(MIN_SIDE, side) - (side - first - last), 0)
    at_start = missing * last // max(first + last, 1)
    return slice(first, side - last), at_start, missing - at_start


def _widened(photo: Photo, above: int, below: int, before: int, after: int) -> Photo:
    """With a margin of so many pixels in which its edges go on."""
    return np.asarray(cv2.copyMakeBorder(photo, above, below, before, after, cv2.BORDER_REFLECT), dtype=np.uint8)


def _mirrored(photo: Photo) -> Photo:
    return np.ascontiguousarray(photo[:, ::-1])


def _nearer(photo: Photo) -> Photo:
    return _cut(photo, STEP, STEP, STEP, STEP)


def _farther(photo: Photo) -> Photo:
    """With a margin in which its edges go on; a photo that would be too large with it is made smaller first."""
    height, width = photo.shape[:2]
    across, down = (round(STEP * side) for side in (width, height))
    wide, high = width + 2 * across, height + 2 * down
    if max(wide, high) <= MAX_SIDE and wide * high <= MAX_PIXELS:
        return _widened(photo, down, down, across, across)
    small = cv2.resize(photo, (width - 2 * across, height - 2 * down), interpolation=cv2.INTER_AREA)
    return _widened(np.asarray(small, dtype=np.uint8), down, down, across, across)


LOOKS: Mapping[str, Callable[[Photo], Photo]] = {
    "mirrored": _mirrored,
    "moved left": lambda photo: _cut(photo, left=STEP),
    "moved right": lambda photo: _cut(photo, right=STEP),
    "moved up": lambda photo: _cut(photo, top=STEP),
    "moved down": lambda photo: _cut(photo, bottom=STEP),
    "nearer": _nearer,
    "farther": _farther,
    "mirrored and nearer": lambda photo: _nearer(_mirrored(photo)),
}


def looks(photo: Photo) -> list[Photo]:
    """The photo [H, W, 3] in each of `LOOKS`."""
    return [look(photo) for look in LOOKS.values()]
