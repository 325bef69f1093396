"""The photo itself as the page shows it, and small pictures of examples. Maps are the tasks' (`tasks/*/pictures.py`)."""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import ImageOps

from zslviz.photos.heatmaps import data_url, jpeg, shrink
from zslviz.photos.loading import load_photo

PHOTO_WIDTH = 720
EXAMPLE_WIDTH = 112


def photo_url(photo: NDArray[np.uint8]) -> str:
    """The upright photo, at most 720 pixels wide."""
    return data_url(jpeg(shrink(photo, PHOTO_WIDTH)), "image/jpeg")


@functools.lru_cache(maxsize=256)
def example_thumbnail(path: Path) -> str:
    """A small square picture of an example, cut from its middle."""
    photo = load_photo(path)
    square = ImageOps.fit(photo, (EXAMPLE_WIDTH, EXAMPLE_WIDTH), centering=(0.5, 0.4))
    return data_url(jpeg(np.asarray(square), quality=80), "image/jpeg")
