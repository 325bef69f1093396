"""A place of a photo, and the photo with that place covered.

What covers is a blurred copy of the photo: a constant colour would put edges into it that no camera makes. The blur is strong (a
Gaussian with a tenth of the longer side), since colours and large shapes survive a weak one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from zslviz.errors import ConfigError

Photo = NDArray[np.uint8]
BLUR = 0.1  # standard deviation as a share of the photo's longer side
_FINE = 8  # pixels: a Gaussian of that standard deviation, or more, is smooth enough to be drawn large
_LOOKS = "A place is four numbers from 0 to 1, fractions of the photo's sides: left, top, right, bottom"


@dataclass(frozen=True)
class Region:
    """A rectangle of a photo as fractions of its sides: left, top, right, bottom, 0 <= x0 < x1 <= 1 and 0 <= y0 < y1 <= 1."""

    x0: float
    y0: float
    x1: float
    y1: float

    def __post_init__(self) -> None:
        if not all(math.isfinite(at) and 0 <= at <= 1 for at in self.box):
            raise ConfigError(f"{_LOOKS}; not {', '.join(f'{at:g}' for at in self.box)}.")
        if not (self.x0 < self.x1 and self.y0 < self.y1):
            raise ConfigError(
                "A place needs some width and height: its left edge is before its right one, its top above its bottom."
            )

    @classmethod
    def parse(cls, given: Any) -> Region:
        """From four numbers, {"x0": ..., ...}, or a text with commas between them ("0.1,0.2,0.5,0.6"). Raises ConfigError."""
        if isinstance(given, Region):
            return given
        if isinstance(given, Mapping):
            given = [given.get(side) for side in ("x0", "y0", "x1", "y1")]
        if isinstance(given, str):
            given = given.replace(";", " ").split() if ";" in given else given.split(",")
        if not isinstance(given, Sequence | np.ndarray) or len(given) != 4:
            raise ConfigError(f"{_LOOKS}, such as 0.1,0.2,0.5,0.6.")
        if any(isinstance(at, bool) or not isinstance(at, int | float | str | np.number) for at in given):
            raise ConfigError(f"{_LOOKS}, such as 0.1,0.2,0.5,0.6.")
        try:
            numbers = [float(at.strip().replace(",", ".")) if isinstance(at, str) else float(at) for at in given]
        except (ValueError, OverflowError):
            raise ConfigError(f"{_LOOKS}, such as 0.1,0.2,0.5,0.6.") from None
        return cls(*numbers)

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom."""
        return self.x0, self.y0, self.x1, self.y1

    @property
    def area(self) -> float:
        """Its share of the photo."""
        return (self.x1 - self.x0) * (self.y1 - self.y0)

    def pixels(self, height: int, width: int) -> tuple[slice, slice]:
        """The rows and columns of a photo that it covers, at least one of each."""
        return _pixels(self.y0, self.y1, height), _pixels(self.x0, self.x1, width)


def _pixels(low: float, high: float, side: int) -> slice:
    first = min(math.floor(low * side + 0.5), side - 1)
    return slice(first, max(math.floor(high * side + 0.5), first + 1))


def blur(photo: Photo, share: float = BLUR) -> Photo:
    """The photo [H, W, 3] behind a Gaussian whose standard deviation is `share` of its longer side.

    So strong a one is as good on a smaller copy, where it costs a hundredth: within 2 of 255 of the Gaussian on the photo itself.
    Making the copy and drawing it large again blur as well, by variances (f^2 - 1) / 12 and f^2 / 6 for a factor f: that is taken
    off.
    """
    height, width = photo.shape[:2]
    sigma = share * max(height, width)
    times = int(sigma / _FINE)
    if times < 2:
        return np.asarray(cv2.GaussianBlur(photo, (0, 0), sigma, borderType=cv2.BORDER_REFLECT_101), dtype=np.uint8)
    columns, rows = math.ceil(width / times), math.ceil(height / times)
    small = cv2.resize(photo.astype(np.float32), (columns, rows), interpolation=cv2.INTER_AREA)
    across, down = (_left_over(sigma, factor) for factor in (width / columns, height / rows))
    blurred = cv2.GaussianBlur(small, (0, 0), across, sigmaY=down, borderType=cv2.BORDER_REFLECT)
    large = cv2.resize(blurred, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.clip(np.rint(large), 0, 255).astype(np.uint8)


def _left_over(sigma: float, factor: float) -> float:
    """The standard deviation, in pixels of a copy that is `factor` times smaller, of what else has to be blurred."""
    return math.sqrt((sigma**2 - (factor**2 - 1) / 12) / factor**2 - 1 / 6)


def covered(photo: Photo, region: Region, blurred: Photo | None = None) -> Photo:
    """A copy of the photo [H, W, 3] with the place blurred. blurred: `blur` of the photo, where it is there already."""
    rows, columns = region.pixels(*photo.shape[:2])
    copied = photo.copy()
    copied[rows, columns] = (blur(photo) if blurred is None else blurred)[rows, columns]
    return copied
