"""Files that ask for far more work than a photo are refused before they are decoded; photos of every format are not."""

from __future__ import annotations

import io
import struct
import time
import zlib
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from PIL import Image

from tests.fuzzing import answered, fuzz, mutated, odd_files
from zslviz.errors import DataError, ImageError
from zslviz.photos import structure
from zslviz.photos.checking import check_photos
from zslviz.photos.formats import FORMATS, readable_formats
from zslviz.photos.loading import load_photo
from zslviz.photos.structure import why_refused

NOISE = Image.fromarray(np.random.default_rng(0).integers(0, 256, (40, 64, 3), dtype=np.uint8))
SIZE = 1_500_000  # bytes of the files made here; the time they would take grows with it, or with its square


def encoded(kind: str, picture: Image.Image = NOISE, **options: object) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, kind, **options)
    return stream.getvalue()


JPEG, PNG, GIF, TIFF = (encoded(kind) for kind in ("JPEG", "PNG", "GIF", "TIFF"))


def segment(marker: int, body: bytes) -> bytes:
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(body) + 2) + body


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def pointing_at_all(tags: int, size: int, byte_order: str = "<") -> bytes:
    """EXIF of so many tags, each of which holds all bytes of it."""
    head = b"II*\0" if byte_order == "<" else b"MM\0*"
    entries = b"".join(struct.pack(f"{byte_order}HHII", 700 + tag, 1, size, 0) for tag in range(tags))
    return (head + struct.pack(f"{byte_order}IH", 8, tags) + entries + bytes(4)).ljust(size, b"\0")


def scans(count: int) -> bytes:
    """A progressive JPEG of 7000 x 7000 whose scans are repeated."""
    once = encoded("JPEG", NOISE, progressive=True)
    frame = once.index(b"\xff\xc2")
    large = bytearray(once)
    large[frame + 5 : frame + 9] = struct.pack(">HH", 7000, 7000)
    first = large.index(b"\xff\xda")
    return bytes(large[:first]) + bytes(large[first:-2]) * count + b"\xff\xd9"


def tiff(width: int, height: int, strips: int, rows: int = 0, kind: int = 0) -> bytes:
    """An uncompressed grey TIFF whose strips all lie in the same bytes."""
    rows = rows or height
    offsets = 8 + 2 + 12 * 10 + 4
    sizes, pixels = offsets + 4 * strips, offsets + 8 * strips
    known = {
        254: (4, 1, kind), 256: (3, 1, width), 257: (3, 1, height), 258: (3, 1, 8), 259: (3, 1, 1), 262: (3, 1, 1),
        273: (4, strips, offsets if strips > 1 else pixels), 277: (3, 1, 1), 278: (4, 1, rows),
        279: (4, strips, sizes if strips > 1 else width * rows),
    }  # fmt: skip
    entries = b"".join(struct.pack("<HHII", tag, *known[tag]) for tag in sorted(known))
    places = struct.pack("<I", pixels) * strips + struct.pack("<I", width * rows) * strips
    return b"II*\0" + struct.pack("<IH", 8, len(known)) + entries + bytes(4) + places + bytes(min(width * rows, 4000))


def bmp_in_runs(size: int) -> bytes:
    head = struct.pack("<IiiHHIIiiII", 40, 5000, 200, 1, 8, 1, size, 0, 0, 256, 0)
    return b"BM" + struct.pack("<IHHI", size, 0, 0, 1078) + head + bytes(1024) + b"\x01\x05" * (size // 2)


TOO_MUCH: dict[str, Callable[[], bytes]] = {
    "jpeg of many scans": lambda: scans(40),
    "jpeg of many comments": lambda: JPEG[:2] + segment(0xFE, b"") * (SIZE // 4) + JPEG[2:],
    "jpeg of fill bytes": lambda: JPEG[:2] + b"\xff" * SIZE + JPEG[2:],
    "jpeg of restarts": lambda: JPEG[:2] + b"\xff\xd0" * (SIZE // 2) + JPEG[2:],
    "jpeg of long EXIF": lambda: JPEG[:2] + segment(0xE1, b"Exif\0\0" + bytes(65_000)) * 70 + JPEG[2:],
    "jpeg whose EXIF points at itself": lambda: (
        JPEG[:2] + segment(0xE1, b"Exif\0\0" + pointing_at_all(2000, 60_000)) + JPEG[2:]
    ),
    "png of many chunks": lambda: PNG[:33] + chunk(b"tEXt", b"a\0") * (SIZE // 14) + PNG[33:],
    "png whose EXIF points at itself": lambda: PNG[:33] + chunk(b"eXIf", pointing_at_all(900, SIZE, ">")) + PNG[33:],
    "gif of small comments": lambda: GIF[:781] + b"!\xfe" + b"\x01a" * (SIZE // 2) + b"\0" + GIF[781:],
    "gif of many blocks": lambda: GIF[:781] + b"!\xf9\x04\0\0\0\0\0" * (SIZE // 8) + GIF[781:],
    "tiff whose tags point at all of it": lambda: pointing_at_all(300, SIZE),
    "tiff whose strips are the whole picture": lambda: tiff(7000, 7000, 5000),
    "bmp in runs": lambda: bmp_in_runs(2 * SIZE),
    "avif with EXIF that points at itself": lambda: (
        b"\0\0\0\x1cftypavif\0\0\0\0avifmif1" + b"Exif\0\0" + pointing_at_all(900, SIZE)
    ),
}


@pytest.mark.parametrize("name", TOO_MUCH)
def test_what_takes_far_more_work_than_a_photo_is_refused_at_once(name: str) -> None:
    data = TOO_MUCH[name]()
    started = time.process_time()
    with pytest.raises(ImageError, match="takes far more work to decode than a photo does; save it again"):
        load_photo(data)
    assert time.process_time() - started < 0.5


def test_the_gif_made_here_has_its_blocks_where_they_are_read() -> None:
    """With a few of them it is a picture like any other."""
    few = GIF[:781] + b"!\xfe" + b"\x01a" * 20 + b"\0" + GIF[781:]
    assert load_photo(few).size == NOISE.size


def test_a_photo_checked_before_the_long_work_is_refused_alike(tmp_path: object) -> None:
    file = tmp_path / "many.jpg"  # type: ignore[operator]
    file.write_bytes(scans(40))
    with pytest.raises(DataError, match=r"many\.jpg.*takes far more work"):
        check_photos([file])


def test_a_raw_file_of_a_camera_is_not_taken_for_its_preview() -> None:
    assert load_photo(tiff(30, 20, 1)).size == (30, 20)
    with pytest.raises(ImageError, match="begins with a preview"):
        load_photo(tiff(30, 20, 1, kind=1))


@pytest.mark.parametrize("rows", [1, 7, 20])
def test_a_tiff_in_strips_is_a_photo(rows: int) -> None:
    assert load_photo(tiff(30, 20, -(-20 // rows), rows=rows)).size == (30, 20)


def test_photos_of_every_format_are_not_refused() -> None:
    exif = Image.Exif()
    exif[0x010E], exif[0x0112], exif[0x9286] = "a description", 6, b"x" * 5000
    for kind in set(FORMATS) & set(readable_formats()) & set(Image.SAVE):
        for mode in ("RGB", "L", "RGBA", "CMYK"):
            for options in (
                {},
                {"exif": exif},
                {"progressive": True},
                {"compression": "tiff_lzw"},
                {"compression": "jpeg"},
            ):
                try:
                    data = encoded(kind, NOISE.convert(mode), **options)
                except (OSError, ValueError):
                    continue
                assert why_refused(data, kind) == "", (kind, mode, options)


@pytest.mark.parametrize("orientation", [1, 6, 99])
def test_exif_that_cannot_be_read_leaves_a_photo_as_it_was_stored(orientation: int) -> None:
    """What other programs wrote into it is none of the picture; the orientation counts where it can be read."""
    broken = (
        b"II*\0"
        + struct.pack("<IHHHII", 8, 2, 0x0112, 3, 1, orientation)
        + struct.pack("<HHII", 0x8769, 4, 1, 2**32 - 1)
    )
    photo = load_photo(JPEG[:2] + segment(0xE1, b"Exif\0\0" + broken + bytes(4)) + JPEG[2:])
    assert photo.size == (NOISE.size[::-1] if orientation == 6 else NOISE.size)


def test_a_side_longer_than_pictures_can_be_is_refused() -> None:
    with pytest.raises(ImageError, match="no side may be longer than 30000"):
        load_photo(encoded("PNG", Image.new("L", (30_001, 8))))
    assert load_photo(encoded("PNG", Image.new("L", (30_000, 8)))).size == (30_000, 8)


REAL = [
    encoded(kind, picture, **options)
    for picture in (NOISE, Image.linear_gradient("L").resize((50, 30)).convert("RGB"))
    for kind, options in (
        ("JPEG", {"exif": b"Exif\0\0" + pointing_at_all(3, 100)}), ("JPEG", {"progressive": True}), ("PNG", {}), ("GIF", {}),
        ("WEBP", {}), ("WEBP", {"lossless": True}), ("TIFF", {}), ("TIFF", {"compression": "tiff_lzw"}),
        ("TIFF", {"compression": "jpeg"}), ("BMP", {}), ("AVIF", {"speed": 10}),
    )
    if kind in readable_formats()
]  # fmt: skip


@fuzz(quick=400)
@given(mutated(REAL, most=6))
def test_any_damage_to_a_photo_is_a_photo_or_one_sentence(data: bytes) -> None:
    with answered(ImageError, seconds=2):
        photo = load_photo(data)
        assert photo.mode == "RGB"
        assert photo.width * photo.height <= 50_000_000


@fuzz(quick=150)
@given(odd_files())
def test_what_is_no_photo_is_one_sentence(data: bytes) -> None:
    for kind in structure._CHECKS:
        why_refused(data, kind)
    with answered(ImageError, seconds=2):
        load_photo(data)
