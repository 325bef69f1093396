"""Photos in: decoding whatever a person uploads, and the geometry from photo to network input and back."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from zslviz.errors import ImageError

MAX_FILE_BYTES = 50 * 2**20
MAX_PIXELS = 50_000_000  # 50 megapixels: above any phone's default, and 150 MB once decoded
MIN_SIDE = 8
MAX_STRETCH = 2.0
BACKGROUND = (255, 255, 255)  # what shows through transparency
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "AVIF", "JPEG2000", "PPM")
"""What photos come in. Pillow knows many more, and one of them, EPS, would start Ghostscript on what a stranger uploads."""

ImageSource = str | Path | bytes | Image.Image | NDArray[Any]


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


def load_photo(source: ImageSource) -> Image.Image:
    """Decodes a photo from a path, bytes, a PIL image or an array [H, W], [H, W, 3] or [H, W, 4] into upright RGB.

    The EXIF rotation is applied, transparency is laid over white, 16-bit and CMYK pictures are converted, and of an
    animation the first frame is taken. Size limits are checked before the pixels are decoded.
    Raises ImageError with one sentence on anything that cannot be shown.
    """
    if isinstance(source, np.ndarray):
        return _upright_rgb(_from_array(source))
    if isinstance(source, Image.Image):
        return _decoded(source, "The photo")
    data, name = _read(source)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of large pictures; the limit here is ours
            Image.init()
            image = Image.open(io.BytesIO(data), formats=[f for f in FORMATS if f in Image.OPEN])
    except UnidentifiedImageError:
        raise ImageError(
            f"{name} is not a picture that can be read; use a JPEG, PNG, WebP, GIF or TIFF file."
        ) from None
    except Image.DecompressionBombError:
        raise ImageError(f"{name} is too large once decoded; make it smaller than 50 megapixels.") from None
    except Exception:
        raise ImageError(f"{name} is damaged or cut off and cannot be decoded; save or download it again.") from None
    with image:
        return _decoded(image, name)


def to_network_input(photo: Image.Image, size: int) -> tuple[NDArray[np.uint8], Geometry]:
    """Resizes an upright RGB photo into a square: uint8 [size, size, 3], and the geometry to come back."""
    geometry = Geometry.fit(photo.width, photo.height, size)
    resized = photo.resize((geometry.box_width, geometry.box_height), Image.Resampling.BICUBIC, reducing_gap=1.3)
    if (geometry.box_width, geometry.box_height) == (size, size):
        return np.asarray(resized, dtype=np.uint8), geometry
    canvas = np.full((size, size, 3), 127, dtype=np.uint8)  # mid-grey: close to zero after normalisation
    rows = slice(geometry.top, geometry.top + geometry.box_height)
    columns = slice(geometry.left, geometry.left + geometry.box_width)
    canvas[rows, columns] = np.asarray(resized)
    return canvas, geometry


def _decoded(image: Image.Image, name: str) -> Image.Image:
    """Checks the size, then decodes the pixels."""
    _check_size(image.size)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            image.load()
            return _upright_rgb(image)
    except MemoryError:
        raise ImageError(f"{name} is too large for the memory of this machine; make it smaller.") from None
    except Exception:  # a damaged file can fail in any way inside a decoder, and each of them means the same
        raise ImageError(f"{name} is damaged or cut off and cannot be decoded; save or download it again.") from None


def _read(source: str | Path | bytes) -> tuple[bytes, str]:
    if isinstance(source, bytes):
        if len(source) > MAX_FILE_BYTES:
            raise ImageError("The photo's file is larger than 50 MB; save it smaller.")
        return source, "The file"
    path = Path(source)
    name = f"'{path.name}'"
    try:
        if path.is_dir():
            raise ImageError(f"{name} is a folder, not a photo.")
        if path.stat().st_size > MAX_FILE_BYTES:
            raise ImageError(f"{name} is larger than 50 MB; save it smaller.")
        data = path.read_bytes()
    except OSError as error:
        reason = "does not exist" if isinstance(error, FileNotFoundError) else f"cannot be read ({error.strerror})"
        raise ImageError(f"The photo {name} {reason}.") from None
    except ValueError:  # a name that no file can have
        raise ImageError("The photo's name holds characters that no file name can have.") from None
    if not data:
        raise ImageError(f"{name} is empty.")
    return data, name


def _check_size(size: tuple[int, int]) -> None:
    width, height = size
    if width * height > MAX_PIXELS:
        raise ImageError(
            f"The photo has {width} x {height} pixels, more than the {MAX_PIXELS // 10**6} megapixels that are "
            "accepted; make it smaller."
        )
    if min(width, height) < MIN_SIDE:
        raise ImageError(
            f"The photo has only {width} x {height} pixels; it needs at least {MIN_SIDE} on each side to show anything."
        )


def _from_array(array: NDArray[Any]) -> Image.Image:
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (1, 3, 4)):
        raise ImageError(f"An array of shape {array.shape} is not a photo; give [height, width, 3] in 0..255.")
    if array.dtype.kind not in "buif":
        raise ImageError(f"An array of {array.dtype} is not a photo; give [height, width, 3] of numbers in 0..255.")
    _check_size((array.shape[1], array.shape[0]))
    if array.dtype == np.bool_:
        array = array * np.uint8(255)
    elif array.dtype == np.uint16:
        array = array // 257
    elif np.issubdtype(array.dtype, np.floating):
        if not np.isfinite(array).all():
            raise ImageError("The photo's array holds values that are not numbers.")
        array = array * 255.0 if array.max(initial=0.0) <= 1.0 else array
    pixels = np.clip(array, 0, 255).astype(np.uint8)
    return Image.fromarray(pixels[..., 0] if pixels.ndim == 3 and pixels.shape[2] == 1 else pixels)


def _upright_rgb(image: Image.Image) -> Image.Image:
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I;16") or image.mode in ("I", "F"):
        image = _eight_bit(image)
    if image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info:
        rgba = image.convert("RGBA")
        canvas = Image.new("RGBA", rgba.size, (*BACKGROUND, 255))
        canvas.alpha_composite(rgba)
        image = canvas
    rgb = image.convert("RGB")
    rgb.info = {}
    return rgb


def _eight_bit(image: Image.Image) -> Image.Image:
    """A 16-bit, 32-bit or float greyscale picture in 8 bits, by the range its values are in."""
    values = np.nan_to_num(np.asarray(image, dtype=np.float64))
    top = values.max(initial=0.0)
    full_scale = 1.0 if top <= 1.0 else 255.0 if top <= 255.0 else 65535.0 if top <= 65535.0 else top
    return Image.fromarray(np.clip(values / full_scale * 255.0, 0, 255).astype(np.uint8))
