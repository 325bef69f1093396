"""How much work a picture's file asks for, told from its structure before it is decoded.

A file of a few kilobytes can keep a decoder busy for minutes or fill the memory: three hundred scans over the same pixels, millions
of empty blocks, tags that all point to the whole file. No camera and no program writes such files, and so they are refused.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator

MAX_SCANNED = 1_500_000_000
"""Pixels that all scans of a JPEG together may pass over: thirty scans of the largest photo, about a second."""

MAX_SEGMENTS = 4000
"""Segments of a JPEG, and blocks before the first frame of a GIF; photos have tens."""

MAX_RUN_LENGTH = 2 * 2**20
"""Bytes of a run-length encoded BMP: its decoder is slow, and nobody keeps photos in it."""

_MAX_NOTES = 4 * 2**20  # bytes of EXIF and of Photoshop's notes in a JPEG
_MAX_ENTRIES = 500_000
_MAX_NUMBERS = 2**20
_SLACK = 2**16
_SLOW = "takes far more work to decode than a photo does; save it again as JPEG or PNG"
_DAMAGED = ""  # whatever is wrong with it, the decoder finds


def why_refused(data: bytes, kind: str) -> str:
    """Why a file of a format is not to be decoded, to follow its name; "" if it may be."""
    check = _CHECKS.get(kind)
    return (check(data) if check else "") or ("" if kind in ("GIF", "BMP") else _tags_anywhere(data))


def _jpeg(data: bytes) -> str:
    scans = pixels = count = notes = skipped = 0
    exif: list[bytes] = []
    at = 2
    while found := _MARKER.search(data, at):  # what is between segments is entropy-coded, and holds no marker
        skipped += 0 if scans else found.start() - at  # one byte after the other
        marker, at = data[found.start() + 1], found.end()
        if marker == 0xD9:
            break
        count += 1
        length = int.from_bytes(data[at : at + 2], "big")
        body = data[at + 2 : at + length]
        if marker == 0xDA:
            scans += 1
        elif marker in _FRAMES and len(body) >= 5:
            pixels = max(pixels, int.from_bytes(body[1:3], "big") * int.from_bytes(body[3:5], "big"))
        elif marker in (0xE1, 0xED) and body.startswith((b"Exif\0\0", b"Photoshop 3.0\0")):
            notes += length
            exif += [body[6:]] if marker == 0xE1 else []
        if count > MAX_SEGMENTS or scans * pixels > MAX_SCANNED or notes > _MAX_NOTES or skipped > _SLACK:
            return _SLOW
        at += max(2, length) if marker != 0xD8 else 0
    return _tags(memoryview(b"".join(exif)))[0]


_MARKER = re.compile(rb"\xff[^\x00\x01\xff\xd0-\xd7]")
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}


def _png(data: bytes) -> str:
    at, count = 8, 0
    while at + 8 <= len(data):
        at += 12 + int.from_bytes(data[at : at + 4], "big")
        count += 1
    return _SLOW if count > MAX_SEGMENTS + len(data) // 1024 else ""


def _gif(data: bytes) -> str:
    """Blocks before the first frame: of comments, the decoder makes one text by adding block to block."""
    if len(data) < 13:
        return _DAMAGED
    at = 13 + (3 * (2 << (data[10] & 7)) if data[10] & 0x80 else 0)
    count = 0
    while at < len(data) and data[at] != 0x2C and count <= MAX_SEGMENTS:
        count += 1
        if data[at] != 0x21:  # skipped by the decoder, byte by byte
            at += 1
            continue
        at += 2
        while at < len(data) and data[at] and count <= MAX_SEGMENTS:
            at += 1 + data[at]
            count += 1
        at += 1
    return _SLOW if count > MAX_SEGMENTS else ""


def _bmp(data: bytes) -> str:
    compression = int.from_bytes(data[30:34], "little")
    return _SLOW if compression in (1, 2) and len(data) > MAX_RUN_LENGTH else ""


def _tiff(data: bytes) -> str:
    order = "<" if data[:2] == b"II" else ">"
    if data[2:4] in (b"\x2b\0", b"\0\x2b"):
        return "is a BigTIFF, which is made for pictures larger than a photo; save it as JPEG or PNG"
    tags = {tag: (kind, count, value) for tag, kind, count, value in _entries(data, order, data[4:8])}
    if tags.get(254, (0, 0, 0))[2] & 1:
        return "begins with a preview, as cameras' raw files do; save the photo as JPEG"

    def number(tag: int, otherwise: int) -> int:
        kind, count, value = tags.get(tag, (4, 1, otherwise))
        if kind == 3 and order == ">" and tag in tags:
            value >>= 16
        return (value & 0xFFFF if kind == 3 else value) if count == 1 else otherwise

    width, height = number(256, 0), number(257, 0)
    planes = number(277, 1) if number(284, 1) == 2 else 1
    across, down = (number(322, 0), number(323, 0)) if 324 in tags else (width, number(278, height))
    parts = -(-width // max(1, across)) * -(-height // max(1, min(down, height or 1))) * planes
    listed = max(tags.get(tag, (0, 0, 0))[1] for tag in (273, 324))
    if listed > max(1, parts) or listed > 2**17:
        return _SLOW
    scans = data.count(b"\xff\xda") if number(259, 1) in (6, 7) else 0
    return _SLOW if scans * width * height // max(1, listed) > MAX_SCANNED else ""


_CHECKS: dict[str, Callable[[bytes], str]] = {"JPEG": _jpeg, "PNG": _png, "GIF": _gif, "BMP": _bmp, "TIFF": _tiff}


# -- tags: TIFF's, which EXIF uses in all formats --------------------------------------------------------------------------------


def _tags_anywhere(data: bytes) -> str:
    """Of all that may be read as tags: the file itself, or EXIF somewhere in it."""
    whole, total = memoryview(data), 0
    for found in re.finditer(rb"II\*\x00|MM\x00\*", data):
        problem, entries = _tags(whole[found.start() :])
        total += entries + 1
        if problem or total > _MAX_ENTRIES:
            return _SLOW
    return ""


def _tags(data: memoryview) -> tuple[str, int]:
    """Tags whose values the decoder copies: together they are no more than the file, unless they point to the same bytes.

    Returns what is wrong with them, and how many there are.
    """
    head = bytes(data[:4])
    if head not in (b"II*\0", b"MM\0*"):
        return _DAMAGED, 0
    order = "<" if head.startswith(b"II") else ">"
    copied = numbers = count = 0
    waiting = [bytes(data[4:8])]
    seen: set[bytes] = set()
    while waiting and len(seen) < 64 and count < _MAX_ENTRIES:
        start = waiting.pop()
        if start in seen:
            continue
        seen.add(start)
        for tag, kind, length, value in _entries(data, order, start):
            count += 1
            size = _SIZES.get(kind, 0) * length
            if size > 4:
                held = max(0, min(size, len(data) - value))
                copied += held
                numbers += held if kind not in _BYTES else 0
            if tag in _POINTERS:
                waiting.append(struct.pack(f"{order}I", value))
    return _SLOW if copied > len(data) + _SLACK or numbers > _MAX_NUMBERS else "", count


_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
_BYTES = {1, 2, 6, 7}
_POINTERS = {330, 34665, 34853, 40965}


def _entries(data: bytes | memoryview, order: str, start: bytes) -> Iterator[tuple[int, int, int, int]]:
    """Tag, type, count, and value or place of it, of a directory of tags."""
    if len(start) < 4:
        return
    (at,) = struct.unpack(f"{order}I", start)
    head = data[at : at + 2]
    if len(head) < 2:
        return
    (count,) = struct.unpack(f"{order}H", head)
    body = data[at + 2 : at + 2 + 12 * count]
    yield from struct.iter_unpack(f"{order}HHII", body[: len(body) // 12 * 12])
