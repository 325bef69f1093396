"""The photo itself as the page shows it, and small pictures of examples. Maps are the tasks' (`tasks/*/pictures.py`)."""

from __future__ import annotations

import functools
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import ImageOps

from zslviz.photos.heatmaps import data_url, jpeg, shrink
from zslviz.photos.loading import load_photo

PHOTO_WIDTH = 720
MAX_SHOWN_PIXELS = 2_000_000  # of a photo on the page: 720 wide, it would be as much only if it were four times as high
MAX_KEPT_PIXELS = 12_000_000  # of a photo that is kept to be downloaded with its maps
EXAMPLE_WIDTH = 112


def photo_url(photo: NDArray[np.uint8]) -> str:
    """The upright photo, at most 720 pixels wide."""
    return data_url(jpeg(shrink(shrunk(photo, MAX_SHOWN_PIXELS), PHOTO_WIDTH)), "image/jpeg")


def shrunk(photo: NDArray[np.uint8], pixels: int) -> NDArray[np.uint8]:
    """The photo with at most so many pixels, averaged down; a smaller one comes back as it is. Nobody can write to either."""
    height, width = photo.shape[:2]
    if height * width <= pixels:
        return photo
    share = (pixels / (height * width)) ** 0.5
    size = max(1, int(width * share)), max(1, int(height * share))
    small = cv2.resize(photo, size, interpolation=cv2.INTER_AREA).astype(np.uint8)
    small.setflags(write=False)
    return small


@functools.lru_cache(maxsize=256)
def example_thumbnail(path: Path) -> str:
    """A small square picture of an example, cut from its middle."""
    photo = load_photo(path)
    square = ImageOps.fit(photo, (EXAMPLE_WIDTH, EXAMPLE_WIDTH), centering=(0.5, 0.4))
    return data_url(jpeg(np.asarray(square), quality=80), "image/jpeg")
