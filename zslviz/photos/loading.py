"""Photos in: decoding whatever a person uploads, and the geometry from photo to network input and back."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, UnidentifiedImageError

from zslviz.errors import ImageError
from zslviz.files import read_bytes
from zslviz.photos.formats import NO_PICTURE, PREFIX, RefusedError, instead, opened, why_not
from zslviz.photos.geometry import Geometry

MAX_FILE_BYTES = 50 * 2**20
MAX_PIXELS = 50_000_000  # 50 megapixels: above any phone's default, and 150 MB once decoded
MAX_SIDE = 30_000  # what is drawn follows a photo's shape, and encoders of pictures end at 65 500
MIN_SIDE = 8
BACKGROUND = (255, 255, 255)  # what shows through transparency

ImageSource = str | Path | bytes | Image.Image | NDArray[Any]


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
        image = opened(data)
    except UnidentifiedImageError:
        raise ImageError(f"{name} is {why_not(data[:PREFIX]) or NO_PICTURE}; {instead(data[:PREFIX])}.") from None
    except RefusedError as refused:
        raise ImageError(f"{name} {refused}.") from None
    except Image.DecompressionBombError:
        raise ImageError(f"{name} is too large once decoded; make it smaller than 50 megapixels.") from None
    except Exception:
        raise ImageError(f"{name} is damaged or cut off and cannot be decoded; save or download it again.") from None
    with image:
        return _decoded(image, name)


def upright_size(file: Path) -> tuple[int, int]:
    """Width and height of a photo as it is looked at; reads the header alone. Raises ImageError."""
    try:
        with Image.open(file) as photo:
            width, height = photo.size
            return (height, width) if _orientation(photo) in _SIDEWAYS else (width, height)
    except Exception:  # a damaged file can fail in any way inside a decoder
        raise ImageError(f"The photo '{file}' cannot be read.") from None


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
    check_size(image.size)
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
        data = read_bytes(path, ImageError, MAX_FILE_BYTES)
    except OSError as error:
        reason = "does not exist" if isinstance(error, FileNotFoundError) else f"cannot be read ({error.strerror})"
        raise ImageError(f"The photo {name} {reason}.") from None
    except ValueError:  # a name that no file can have
        raise ImageError("The photo's name holds characters that no file name can have.") from None
    if not data:
        raise ImageError(f"{name} is empty.")
    return data, name


def check_size(size: tuple[int, int]) -> None:
    """Raises ImageError if a photo of so many pixels (width, height) is not taken."""
    width, height = size
    if width * height > MAX_PIXELS:
        raise ImageError(
            f"The photo has {width} x {height} pixels, more than the {MAX_PIXELS // 10**6} megapixels that are "
            "accepted; make it smaller."
        )
    if max(width, height) > MAX_SIDE:
        raise ImageError(f"The photo has {width} x {height} pixels; no side may be longer than {MAX_SIDE}.")
    if min(width, height) < MIN_SIDE:
        raise ImageError(
            f"The photo has only {width} x {height} pixels; it needs at least {MIN_SIDE} on each side to show anything."
        )


def _from_array(array: NDArray[Any]) -> Image.Image:
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (1, 3, 4)):
        raise ImageError(f"An array of shape {array.shape} is not a photo; give [height, width, 3] in 0..255.")
    if array.dtype.kind not in "buif":
        raise ImageError(f"An array of {array.dtype} is not a photo; give [height, width, 3] of numbers in 0..255.")
    check_size((array.shape[1], array.shape[0]))
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
    turn = _TURNS.get(_orientation(image))
    if turn is not None:
        image = image.transpose(turn)
    deep = image.mode.startswith("I;16") or image.mode in ("I", "F")
    if not deep and not _is_transparent(image):
        rgb = image.convert("RGB")
    else:  # in strips, so that a large picture needs no second copy of itself in numbers or with its transparency
        rgb = Image.new("RGB", image.size)
        full_scale = _full_scale(image) if deep else 1.0
        for top in range(0, image.height, _STRIP):
            strip = image.crop((0, top, image.width, min(top + _STRIP, image.height)))
            rgb.paste(_flat(_eight_bit(strip, full_scale) if deep else strip), (0, top))
    rgb.info = {}
    return rgb


_STRIP = 512

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""How a picture is turned upright, by its EXIF orientation."""
_SIDEWAYS = (5, 6, 7, 8)


def _orientation(image: Image.Image) -> Any:
    """The EXIF orientation; 1, upright, if there is none or it cannot be read."""
    try:
        return image.getexif().get(ExifTags.Base.Orientation, 1)
    except Exception:  # EXIF is what many programs have written over, and the picture is whole without it
        return 1


def _is_transparent(image: Image.Image) -> bool:
    return image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info


def _flat(image: Image.Image) -> Image.Image:
    """Transparency laid over the background."""
    if not _is_transparent(image):
        return image.convert("RGB")
    rgba = image.convert("RGBA")
    canvas = Image.new("RGBA", rgba.size, (*BACKGROUND, 255))
    canvas.alpha_composite(rgba)
    return canvas.convert("RGB")


def _full_scale(image: Image.Image) -> float:
    """What white is in a 16-bit, 32-bit or float greyscale picture, by the range its values are in."""
    tops = range(0, image.height, _STRIP)
    strips = (image.crop((0, top, image.width, min(top + _STRIP, image.height))) for top in tops)
    top = max(float(np.nan_to_num(np.asarray(strip, dtype=np.float64)).max(initial=0.0)) for strip in strips)
    return 1.0 if top <= 1.0 else 255.0 if top <= 255.0 else 65535.0 if top <= 65535.0 else top


def _eight_bit(image: Image.Image, full_scale: float) -> Image.Image:
    """A 16-bit, 32-bit or float greyscale picture in 8 bits."""
    values = np.nan_to_num(np.asarray(image, dtype=np.float64))
    return Image.fromarray(np.clip(values / full_scale * 255.0, 0, 255).astype(np.uint8))
