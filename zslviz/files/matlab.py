"""MATLAB files of versions 5 to 7: arrays of numbers, texts, and cells of these, which is what benchmarks distribute.

SciPy's reader takes more, and down the whole process with it where a file is damaged. The format is that of "MAT-File Format"
(The MathWorks, level 5): elements of a tag (type, bytes) and data padded to eight bytes; an array is an element of elements (flags,
size, name, values); any element may be packed with zlib.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from zslviz.errors import DataError, ZslvizError
from zslviz.files.plain import reason

MatValue = NDArray[np.generic] | str | list[NDArray[np.generic] | str]

_HDF5 = b"\x89HDF\r\n\x1a\n"
_NUMBERS = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
_TEXTS = {1: "latin-1", 2: "utf-8", 4: "utf-16", 16: "utf-8", 17: "utf-16", 18: "utf-32"}
_MATRIX, _PACKED = 14, 15
_CELL, _CHAR, _NUMERIC = 1, 4, range(6, 16)
_COMPLEX = 0x0800
_PEEK = 4096  # bytes of an array that hold its name
_MOST_PACKED = 300  # times: features and lists of names are packed 1 to 30 times


class _DamagedError(Exception):
    """What is read is not as the format has it."""


def read_mat(
    path: Path, names: Sequence[str], error: type[ZslvizError] = DataError, optional: Sequence[str] = ()
) -> dict[str, MatValue]:
    """Variables of a MATLAB file by name: arrays as they are shaped there, texts, and cells as lists column by column.

    optional: names that may be missing. Raises `error` for a file that is missing, of another version, damaged, or without one of
    the names.
    """
    try:
        if not path.is_file():
            raise error(f"'{path}' is missing or is no file.")
        with path.open("rb") as stream:
            head = stream.read(128)
            if head.startswith(b"MATLAB 7.3") or _HDF5 in head + stream.read(512):
                raise error(
                    f"'{path}' is a MATLAB file of version 7.3 (HDF5), which is not read here; save it in MATLAB with the option "
                    "'-v7'."
                )
            order = {b"IM": "<", b"MI": ">"}.get(head[126:128])
            if order is None:
                raise _DamagedError
            stream.seek(128)
            others: list[str] = []
            found = dict(_variables(stream, order, {*names, *optional}, others))
        if missing := [name for name in names if name not in found]:
            there = ", ".join(f"'{name[:40]}'" for name in [*found, *others][:10] if name.isprintable())
            raise error(f"'{path}' has no variable '{missing[0]}'; it has {there or 'none'}.")
        return {name: found[name] for name in (*names, *(name for name in optional if name in found))}
    except OSError as problem:
        raise error(f"'{path}' cannot be read ({reason(problem)}).") from None
    except (_DamagedError, KeyError, ValueError, IndexError, OverflowError, MemoryError, zlib.error):
        raise error(f"'{path}' is damaged: {', '.join(names)} cannot be read from it.") from None


def _variables(stream: BinaryIO, order: str, wanted: set[str], others: list[str]) -> Iterator[tuple[str, MatValue]]:
    """The wanted arrays of a file, name by name; others are passed over unread, and their names put down."""
    size = stream.seek(0, 2)
    at = 128
    while at + 8 <= size and wanted:
        stream.seek(at)
        kind, length = _two(stream.read(8), order)
        if at + 8 + length > size:
            raise _DamagedError
        name = _name(_opened(stream.read(min(length, _PEEK)), kind, order, _PEEK), order)
        if name in wanted:
            stream.seek(at + 8)
            content = _opened(stream.read(length), kind, order, _MOST_PACKED * length + _PEEK, whole=True)
            yield name, _array(content, order)
            wanted = wanted - {name}
        else:
            others.append(name)
        at += 8 + length


def _opened(data: bytes, kind: int, order: str, most: int, whole: bool = False) -> memoryview:
    """The content of an array's element, unpacked if it is packed, to `most` bytes. whole: it must not have more."""
    if kind == _MATRIX:
        return memoryview(data)
    if kind != _PACKED:
        raise _DamagedError
    unpacking = zlib.decompressobj()
    unpacked = unpacking.decompress(data, most)
    if whole and not unpacking.eof:
        raise _DamagedError
    kind, length = _two(unpacked[:8], order)
    if kind != _MATRIX or (whole and length > len(unpacked) - 8):
        raise _DamagedError
    return memoryview(unpacked)[8 : 8 + length]


def _two(tag: bytes | memoryview, order: str) -> tuple[int, int]:
    first, second = np.frombuffer(tag, dtype=f"{order}u4", count=2)
    return int(first), int(second)


def _element(content: memoryview, at: int, order: str) -> tuple[int, memoryview, int]:
    """Type and data of the element at a place, and where the next one begins."""
    kind, length = _two(content[at : at + 8], order)
    if kind >> 16:  # four bytes at most stand in the tag itself
        kind, length = kind & 0xFFFF, kind >> 16
        start, end = at + 4, at + 8
    else:
        start = at + 8
        end = start + (length + 7) // 8 * 8
    if length > end - start or start + length > len(content):
        raise _DamagedError
    return kind, content[start : start + length], end


def _numbers(kind: int, data: memoryview, order: str) -> NDArray[np.generic]:
    if kind not in _NUMBERS:
        raise _DamagedError
    return np.frombuffer(data, dtype=np.dtype(order + _NUMBERS[kind]))


def _head(content: memoryview, order: str) -> tuple[int, tuple[int, ...], str, int]:
    """Flags, size and name of an array, and where its values begin."""
    kind, data, at = _element(content, 0, order)
    flags = int(_numbers(kind, data, order)[0])
    kind, data, at = _element(content, at, order)
    shape = tuple(int(n) for n in _numbers(kind, data, order))
    if any(n < 0 for n in shape) or len(shape) > 8:
        raise _DamagedError
    _, data, at = _element(content, at, order)
    return flags, shape, bytes(data).decode("latin-1"), at


def _name(content: memoryview, order: str) -> str:
    return _head(content, order)[2]


def _array(content: memoryview, order: str, in_cell: bool = False) -> MatValue:
    flags, shape, _, at = _head(content, order)
    sort, count = flags & 0xFF, math.prod(shape)
    if sort == _CELL and not in_cell:
        values = []
        for _ in range(count):
            kind, data, at = _element(content, at, order)
            value = _array(data, order, in_cell=True) if kind == _MATRIX else []
            if isinstance(value, list):
                raise _DamagedError
            values.append(value)
        return values
    kind, data, at = _element(content, at, order)
    if sort == _CHAR and kind in _TEXTS and (len(shape) < 2 or shape[0] <= 1):
        endian = {"<": "-le", ">": "-be"}[order] if _TEXTS[kind] in ("utf-16", "utf-32") else ""
        return bytes(data).decode(_TEXTS[kind] + endian)
    if sort not in _NUMERIC or flags & _COMPLEX:
        raise _DamagedError
    return _numbers(kind, data, order).reshape(shape, order="F")
