"""Maps -> pictures: one shared colour scale for everything that is compared, layers over the photo, legends, PNG.

A layer is transparent where the value is zero and grows opaque with it, so the photo stays visible where a map says
nothing. Colour and opacity depend on the value alone, through one scale for all maps that stand side by side: a map
that is empty looks empty, and is never stretched until it shows something.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from zslviz.errors import ConfigError
from zslviz.files import replacing
from zslviz.photos.geometry import Geometry

Floats = NDArray[np.floating[Any]]
Bytes = NDArray[np.uint8]

# Anchor colours, evenly spaced. Of values from 0 on: dark violet to yellow, lightness rising steadily. Of signed ones: blue for
# what speaks against, red for what speaks for, distinguishable with every common colour deficiency.
_RISING_ANCHORS = ((43, 10, 87), (106, 23, 110), (170, 43, 94), (221, 81, 58), (249, 142, 9), (252, 228, 80))
_AGAINST_ANCHORS = ((146, 197, 222), (67, 147, 195), (33, 102, 172), (8, 66, 138))
_FOR_ANCHORS = ((253, 190, 133), (244, 125, 66), (214, 60, 38), (158, 10, 30))
AGAINST_COLOUR, FOR_COLOUR = _AGAINST_ANCHORS[2], _FOR_ANCHORS[2]  # where one colour each has to do, RGB
_LEVELS = 256
_FULL_FROM = 0.7  # a value of this share of the scale is fully opaque
TALLEST = 8
_STRIP = 512  # rows blended at once, so that a large photo needs no second copy of itself in floats


def _ramp(anchors: Sequence[tuple[int, int, int]], levels: int) -> Bytes:
    positions = np.linspace(0.0, 1.0, len(anchors))
    at = np.linspace(0.0, 1.0, levels)
    channels = [np.interp(at, positions, [anchor[c] for anchor in anchors]) for c in range(3)]
    return np.stack(channels, axis=1).round().astype(np.uint8)


def _colour_table(signed: bool) -> Bytes:
    """RGBA uint8 [256, 4]; alpha grows with the distance from zero."""
    if signed:
        half = _LEVELS // 2
        colours = np.concatenate([_ramp(_AGAINST_ANCHORS, half)[::-1], _ramp(_FOR_ANCHORS, half)])
        distance = np.abs(np.linspace(-1.0, 1.0, _LEVELS))
    else:
        colours, distance = _ramp(_RISING_ANCHORS, _LEVELS), np.linspace(0.0, 1.0, _LEVELS)
    alpha = np.clip(distance / _FULL_FROM, 0.0, 1.0) * 255.0
    return np.concatenate([colours, alpha.round().astype(np.uint8)[:, None]], axis=1)


_TABLES = {signed: _colour_table(signed) for signed in (False, True)}


@dataclass(frozen=True)
class ColourScale:
    """What a colour means: `low` and `high` are the values at the ends of the legend. A signed scale is centred at 0."""

    low: float
    high: float
    signed: bool = False

    @classmethod
    def shared(cls, maps: Sequence[Floats], signed: bool = False) -> ColourScale:
        """One scale for all maps shown together: from 0, or symmetric around 0 if they are signed."""
        largest = max((float(np.abs(m).max(initial=0.0)) for m in maps), default=0.0)
        if not np.isfinite(largest) or largest <= 0.0:
            largest = 1.0  # nothing to see: every map stays transparent
        return cls(-largest if signed else 0.0, largest, signed)

    def colours(self, values: Floats) -> Bytes:
        """Values [...] -> RGBA uint8 [..., 4]; values beyond the ends get the end's colour."""
        return _TABLES[self.signed][self.levels(values)]

    def levels(self, values: Floats) -> Bytes:
        """Values [...] -> their places in the colour table, uint8 [...]."""
        position = (np.asarray(values, dtype=np.float32) - self.low) * ((_LEVELS - 1) / (self.high - self.low))
        return np.clip(position + 0.5, 0, _LEVELS - 1).astype(np.uint8)

    def palette(self) -> Bytes:
        """The colour table, RGBA uint8 [256, 4]."""
        return _TABLES[self.signed]

    def ticks(self) -> tuple[float, float, float]:
        """The numbers on the legend: both ends and the middle."""
        return self.low, (self.low + self.high) / 2, self.high

    def css_gradient(self) -> str:
        """The legend's colours as a CSS gradient, from `low` on the left to `high` on the right."""
        table = _TABLES[self.signed]
        stops = [table[i] for i in np.linspace(0, _LEVELS - 1, 17).round().astype(int)]
        return f"linear-gradient(90deg, {', '.join(f'rgba({r},{g},{b},{a / 255:.2f})' for r, g, b, a in stops)})"


def drawn_size(photo: tuple[int, int], width: int) -> tuple[int, int]:
    """(width, height) of a picture of a photo's outline: `width` pixels wide, less of one over `TALLEST` times as high.

    photo: its width and height. So what is drawn takes about as much as of a photo of common shape, whatever the shape.
    """
    tallest = TALLEST * width
    height = round(width * photo[1] / photo[0])
    if height > tallest:
        return max(1, round(tallest * photo[0] / photo[1])), tallest
    return width, max(1, height)


def layer_png(values: Floats, geometry: Geometry, scale: ColourScale, width: int) -> bytes:
    """A map [H, W] as a transparent PNG of the photo's outline (`drawn_size`), to be laid over the photo.

    Written with the colour table as its palette: a tenth of the time and size of four channels.
    """
    width, height = drawn_size((geometry.width, geometry.height), width)
    palette = scale.palette()
    picture = Image.fromarray(scale.levels(geometry.map_to_photo(values, (height, width))))
    picture.putpalette(palette[:, :3].tobytes())
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", transparency=palette[:, 3].tobytes(), compress_level=3)
    return buffer.getvalue()


def overlay(photo: Bytes, values: Floats, geometry: Geometry, scale: ColourScale, opacity: float = 0.75) -> Bytes:
    """The photo with a map [H, W] laid over it, at the photo's full size: uint8 RGB [height, width, 3]."""
    laid = geometry.map_to_photo(values, photo.shape[:2])
    blended = np.empty_like(photo)
    for start in range(0, photo.shape[0], _STRIP):
        rows = slice(start, start + _STRIP)
        colours = scale.colours(laid[rows]).astype(np.float32)
        share = colours[..., 3:] * np.float32(min(max(opacity, 0.0), 1.0) / 255.0)
        blended[rows] = (photo[rows] * (1 - share) + colours[..., :3] * share + 0.5).astype(np.uint8)
    return blended


def write_overlay(
    photo: Bytes, values: Floats, geometry: Geometry, scale: ColourScale, path: Path, opacity: float = 0.75
) -> None:
    """Writes `overlay` to a file, in the format of the file's ending. Raises ConfigError."""
    kind = overlay_format(path)
    laid = Image.fromarray(overlay(photo, values, geometry, scale, opacity))
    with replacing(path) as partial:
        try:
            laid.save(partial, kind)
        except ValueError:  # a side too long for the format, for one
            raise ConfigError(f"The overlay cannot be written to '{path}'; name a file that ends in .png.") from None


def overlay_format(path: Path) -> str:
    """The format that a file's ending asks for, by Pillow's name. Raises ConfigError if pictures are not written so."""
    kind = Image.registered_extensions().get(path.suffix.lower(), "")
    if kind not in Image.SAVE:
        raise ConfigError(f"The overlay cannot be written to '{path}'; name a file that ends in .png.")
    return kind


def png(image: Bytes, compression: int = 3) -> bytes:
    """uint8 [H, W], [H, W, 3] RGB or [H, W, 4] RGBA as the bytes of a PNG file."""
    return _encoded(".png", image, [cv2.IMWRITE_PNG_COMPRESSION, compression])


def jpeg(image: Bytes, quality: int = 88) -> bytes:
    """uint8 RGB [H, W, 3] as the bytes of a JPEG file: for showing a photo, never for pixels that are measured."""
    return _encoded(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])


def webp(image: Bytes, quality: int = 80) -> bytes:
    """uint8 RGB [H, W, 3] as the bytes of a WebP file: for showing a photo, as `jpeg`, and smaller."""
    return _encoded(".webp", image, [cv2.IMWRITE_WEBP_QUALITY, quality])


def shrink(photo: Bytes, width: int) -> Bytes:
    """The photo at most `width` pixels wide and `TALLEST` times as high, averaged down; a smaller one comes back as it is."""
    if photo.shape[1] <= width and photo.shape[0] <= TALLEST * width:
        return photo
    size = drawn_size((photo.shape[1], photo.shape[0]), width)
    return cv2.resize(photo, size, interpolation=cv2.INTER_AREA).astype(np.uint8)


def without_colour(photo: Bytes) -> Bytes:
    """The photo in greys, still uint8 RGB [H, W, 3]: under a map, so that red shows on red."""
    return np.repeat(np.asarray(cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY), np.uint8)[..., None], 3, axis=2)


def data_url(data: bytes, media_type: str = "image/png") -> str:
    """Bytes of a picture as a `data:` address, so that a page needs no further request."""
    return f"data:{media_type};base64,{base64.b64encode(data).decode('ascii')}"


def _encoded(suffix: str, image: Bytes, options: list[int]) -> bytes:
    if image.ndim == 3:  # cv2 writes blue first
        code = cv2.COLOR_RGBA2BGRA if image.shape[2] == 4 else cv2.COLOR_RGB2BGR
        image = np.asarray(cv2.cvtColor(image, code), dtype=np.uint8)
    done, buffer = cv2.imencode(suffix, image, options)
    if not done:
        raise RuntimeError(f"OpenCV could not write a {suffix} picture of shape {image.shape}.")
    return buffer.tobytes()
