"""What photos come in: the one list of formats, told by a file's first bytes."""

from __future__ import annotations

import io
import warnings
from functools import cache

from PIL import Image

from zslviz.photos.structure import why_refused

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "AVIF", "HEIF")
"""What people send. Pillow knows many more: one of them, EPS, would start Ghostscript on what a stranger uploads, and others take a
decoder's time out of proportion to their bytes. HEIF is read where the package pillow-heif is installed."""

SUFFIXES = {
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "PNG": (".png", ".apng"),
    "WEBP": (".webp",),
    "GIF": (".gif",),
    "TIFF": (".tif", ".tiff"),
    "BMP": (".bmp", ".dib"),
    "AVIF": (".avif", ".avifs"),
    "HEIF": (".heic", ".heif", ".hif"),
}
"""What files of a format are usually called. What a file is, its content says."""

PREFIX = 64
"""How many bytes of a file say what it is."""

NO_PICTURE = "not a picture that can be read"


class RefusedError(Exception):
    """A picture that is not decoded, and why, to follow its name."""


@cache
def readable_formats() -> tuple[str, ...]:
    """The formats that have a decoder on this machine."""
    try:
        from pillow_heif import register_heif_opener

        register_heif_opener()
    except ImportError:
        pass
    Image.init()
    return tuple(name for name in FORMATS if name in Image.OPEN)


def format_of(prefix: bytes) -> str | None:
    """The format of a file by its first `PREFIX` bytes, whether or not it can be decoded here; None if it is none of `FORMATS`."""
    if prefix[4:8] == b"ftyp":  # a container that says which pictures it holds: AVIF and HEIF differ by nothing else
        end = min(int.from_bytes(prefix[:4], "big"), len(prefix))
        brands = {prefix[8:12], *(prefix[at : at + 4] for at in range(16, end - 3, 4))}
        return "AVIF" if brands & {b"avif", b"avis"} else "HEIF" if brands & _HEIF_BRANDS else None
    for name in readable_formats():
        accepts = Image.OPEN[name][1]
        if accepts is not None and accepts(prefix[:16]):
            return name
    return None


def why_not(prefix: bytes) -> str:
    """Why a file with these first bytes is no photo, in a few words; "" if its format can be decoded here."""
    name = format_of(prefix)
    if name is None:
        return NO_PICTURE if prefix else "empty"
    accepts = Image.OPEN[name][1] if name in readable_formats() else None
    if accepts is None or accepts(prefix[:16]) is not True:
        return f"{_TITLES.get(name, name)}, for which no decoder is installed{_HINTS.get(name, '')}"
    return ""


def instead(prefix: bytes) -> str:
    """What to do with a file with these first bytes, which cannot be decoded here."""
    if format_of(prefix) == "HEIF":
        return "share or export it from the phone as JPEG"
    return "use a JPEG, PNG, WebP, GIF or TIFF file"


def opened(data: bytes) -> Image.Image:
    """A picture of one of the formats, not yet decoded; whatever Pillow raises if it is none or is damaged.

    Raises RefusedError if decoding it would take far more time or memory than a photo does.
    """
    kind = format_of(data[:PREFIX])
    if kind is not None and (why := why_refused(data, kind)):
        raise RefusedError(why)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of large pictures; the limit here is ours
        return Image.open(io.BytesIO(data), formats=readable_formats())


_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
_TITLES = {"HEIF": "a HEIC picture, as iPhones take them"}
_HINTS = {"HEIF": " (pip install pillow-heif)"}
