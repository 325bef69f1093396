"""Bundles: a head of plain values and some arrays as one run of bytes, which a browser reads as it lies there (docs/bundle.md).

    8 bytes     `MAGIC`, whose last byte is the number of this layout
    4 bytes     length of the head, unsigned, little-endian
    head        JSON in ASCII: {"parts": [{"name", "type", "shape"}, ...], and whatever else the head tells}
    parts       one after the other in the order of the head, little-endian, rows first

The head and every part begin at a multiple of 8 bytes; what lies between is zero. So a browser can lay its typed arrays over the
bytes without copying them. Nothing in it can run, and a part is as large as its shape says or the bytes are no bundle.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, NoReturn

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from zslviz.errors import ConfigError, ZslvizError
from zslviz.files.typed import Name, typed

MAGIC = b"zslviz\x00\x01"
MAX_BYTES = 256 * 2**20
_START = len(MAGIC) + 4 + 4  # where the head begins: the length is followed by zeros up to a multiple of 8
_ALIGNED = 8
_MOST_PARTS = 1000
_TYPES = {"float32": "<f4", "float16": "<f2", "uint16": "<u2", "int8": "i1", "uint8": "u1"}


@dataclass(frozen=True)
class _Part:
    name: Name
    type: Literal["float32", "float16", "uint16", "int8", "uint8"]
    shape: Annotated[tuple[Annotated[int, Field(ge=0, le=MAX_BYTES)], ...], Field(max_length=8)]

    @property
    def size(self) -> int:
        """In bytes."""
        return math.prod(self.shape) * np.dtype(_TYPES[self.type]).itemsize


@dataclass(frozen=True)
class _Head:
    parts: Annotated[tuple[_Part, ...], Field(max_length=_MOST_PARTS)]


@dataclass(frozen=True, eq=False)
class Bundle:
    """What a bundle holds. head: plain values. parts: arrays by name, read-only views of the bytes."""

    head: dict[str, Any]
    parts: dict[str, NDArray[Any]]


def write_bundle(head: Mapping[str, Any], parts: Mapping[str, NDArray[Any] | bytes]) -> bytes:
    """One bundle. parts: arrays of a type in `_TYPES`; bytes are written as uint8. Raises ValueError for other arrays."""
    arrays = {
        n: np.frombuffer(p, np.uint8) if isinstance(p, bytes) else np.ascontiguousarray(p) for n, p in parts.items()
    }
    if strange := [f"{name}: {array.dtype}" for name, array in arrays.items() if array.dtype.name not in _TYPES]:
        raise ValueError(f"A bundle cannot hold arrays of this type ({', '.join(strange)}).")
    listed = [{"name": name, "type": array.dtype.name, "shape": list(array.shape)} for name, array in arrays.items()]
    told = json.dumps({**head, "parts": listed}, separators=(",", ":"), allow_nan=False).encode("ascii")
    pieces = [_padded(MAGIC + len(told).to_bytes(4, "little")), _padded(told)]
    pieces += [_padded(array.astype(_TYPES[array.dtype.name], copy=False).tobytes()) for array in arrays.values()]
    return b"".join(pieces)


def read_bundle(content: bytes, error: type[ZslvizError] = ConfigError) -> Bundle:
    """What `write_bundle` wrote. Raises `error` if these bytes are no bundle, of another layout, or not as long as they say."""
    if len(content) > MAX_BYTES:
        raise error(f"This bundle is larger than {MAX_BYTES // 2**20} MB; it cannot be used.")
    if content[:7] != MAGIC[:7]:
        raise error("This is no bundle of an explanation.")
    if content[:8] != MAGIC:
        raise error("This bundle is laid out by a newer zslviz; update this one.")
    end = _START + int.from_bytes(content[8:12], "little")
    try:
        if end > len(content):
            raise ValueError
        head = json.loads(content[_START:end].decode("ascii"), parse_constant=_no_number)
        if not isinstance(head, dict):
            raise ValueError
    except (ValueError, RecursionError):
        raise error("This bundle is damaged: its head cannot be read.") from None
    listed = typed(_Head, {"parts": head.get("parts")}, "the bundle's head", error).parts
    if len({part.name for part in listed}) < len(listed):
        raise error("This bundle is damaged: two of its parts have the same name.")
    ends = list(_ends(listed, _aligned(end)))
    if (ends or [_aligned(end)])[-1] != len(content):
        raise error("This bundle is damaged: it is not as long as its head says.")
    parts = {
        part.name: np.frombuffer(content, _TYPES[part.type], math.prod(part.shape), at).reshape(part.shape)
        for part, at in zip(listed, [_aligned(end), *ends], strict=False)
    }
    return Bundle({name: value for name, value in head.items() if name != "parts"}, parts)


def _ends(listed: tuple[_Part, ...], at: int) -> Iterator[int]:
    """Where each part and the zeros after it end."""
    for part in listed:
        at = _aligned(at + part.size)
        yield at


def _aligned(at: int) -> int:
    return -(-at // _ALIGNED) * _ALIGNED


def _padded(content: bytes) -> bytes:
    return content.ljust(_aligned(len(content)), b"\x00")


def _no_number(text: str) -> NoReturn:
    raise ValueError(text)
