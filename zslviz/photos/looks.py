"""A photo seen eight times, each time slightly otherwise: what is in it stays, so an answer that changes hangs on the framing.

Mirrored, moved to each side, nearer, farther, and mirrored from nearer; nothing is drawn by chance, so the same photo is always
seen the same eight times.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import cv2
import numpy as np

from zslviz.photos.covering import Photo

STEP = 0.08
"""By what share of its sides the photo is moved, or cut or widened on every side."""


def _cut(photo: Photo, left: float = 0, top: float = 0, right: float = 0, bottom: float = 0) -> Photo:
    """Without these shares of its sides; one pixel at least is left of each."""
    height, width = photo.shape[:2]
    rows = slice(min(round(top * height), height - 1), max(height - round(bottom * height), 1))
    columns = slice(min(round(left * width), width - 1), max(width - round(right * width), 1))
    return np.ascontiguousarray(photo[rows, columns])


def _mirrored(photo: Photo) -> Photo:
    return np.ascontiguousarray(photo[:, ::-1])


def _nearer(photo: Photo) -> Photo:
    return _cut(photo, STEP, STEP, STEP, STEP)


def _farther(photo: Photo) -> Photo:
    """With a margin in which its edges go on."""
    across, down = (round(STEP * side) for side in (photo.shape[1], photo.shape[0]))
    wider = cv2.copyMakeBorder(photo, down, down, across, across, cv2.BORDER_REFLECT)
    return np.asarray(wider, dtype=np.uint8)


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
