"""The photo itself as the page shows it, and small pictures of examples. Maps are the tasks' (`tasks/*/pictures.py`)."""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import ImageOps

from zslviz.photos.heatmaps import data_url, jpeg, shrink
from zslviz.photos.loading import load_photo
from zslviz.ui.served import Served, zipped

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


class ExamplePictures:
    """Small square pictures of examples, cut from their middle: each under an address of its photo's digest."""

    def __init__(self) -> None:
        self._paths: dict[str, Path] = {}  # by digest
        self._digest_of = functools.lru_cache(maxsize=1024)(
            lambda path: hashlib.sha256(path.read_bytes()).hexdigest()[:16]
        )
        self._made = functools.lru_cache(maxsize=256)(_thumbnail)

    def address(self, path: Path) -> str:
        digest = self._digest_of(path)
        self._paths[digest] = path
        return f"example/{digest}"

    def picture(self, digest: str) -> Served | None:
        """The picture at an address that was told."""
        path = self._paths.get(digest)
        return None if path is None else self._made(path)


def _thumbnail(path: Path) -> Served:
    square = ImageOps.fit(load_photo(path), (EXAMPLE_WIDTH, EXAMPLE_WIDTH), centering=(0.5, 0.4))
    return Served(zipped(jpeg(np.asarray(square), quality=80)), "image/jpeg", public=True)
