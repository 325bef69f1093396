"""Arrays of numbers from people's files (.npy, .npz): nothing is unpickled, and nothing is believed that a header announces."""

from __future__ import annotations

import io
import math
import warnings
import zipfile
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from zslviz.errors import ZslvizError
from zslviz.files.plain import read_bytes

MAX_BYTES = 2**31
_NUMBERS = "biuf"  # kinds of NumPy's types: true or false, whole numbers, fractions
_HEADERS = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}


def read_npy(path: str | Path, error: type[ZslvizError]) -> NDArray[Any]:
    """The array of an .npy file. Raises `error` if it is no array of numbers, or not as large as it says."""
    content = read_bytes(path, error, MAX_BYTES)
    try:
        return _array(io.BytesIO(content), len(content))
    except Exception:  # of foreign content, whatever is said of it below
        raise error(
            f"'{path}' is not an array of numbers as NumPy saves it (.npy); nothing else is read from it."
        ) from None


def read_npz(path: str | Path, error: type[ZslvizError]) -> dict[str, NDArray[Any]]:
    """The arrays of an .npz file by name. Raises `error` as `read_npy` does, and if they take more than 2 GB together."""
    content = io.BytesIO(read_bytes(path, error, MAX_BYTES))
    try:
        with zipfile.ZipFile(content) as archive:
            entries = archive.infolist()
            if sum(entry.file_size for entry in entries) > MAX_BYTES or len(entries) > 10_000:
                raise ValueError
            arrays = {}
            for entry in entries:
                with archive.open(entry) as stream:
                    arrays[entry.filename.removesuffix(".npy")] = _array(stream, entry.file_size)
            return arrays
    except Exception:  # of foreign content, whatever is said of it below
        raise error(f"'{path}' does not hold arrays of numbers as NumPy saves them (.npz), or is damaged.") from None


def as_finite(array: NDArray[Any], what: str, error: type[ZslvizError]) -> NDArray[np.float32]:
    """The numbers as float32. what: they are, in a sentence. Raises `error` if one is NaN or too large."""
    with np.errstate(over="ignore"):
        numbers = array.astype(np.float32)
    if not np.isfinite(numbers).all():
        place = ", ".join(str(i) for i in np.argwhere(~np.isfinite(numbers))[0])
        raise error(f"{what} holds a number that is not finite, at [{place}].")
    return numbers


def _array(stream: IO[bytes], size: int) -> NDArray[Any]:
    """An array from a stream of `size` bytes. Raises anything if it is none, before memory is taken for it."""
    version = np.lib.format.read_magic(stream)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        shape, by_columns, kind = _HEADERS[version](stream)
    start = 8 + (2 if version == (1, 0) else 4)
    if kind.kind not in _NUMBERS or min(shape, default=0) < 0:
        raise ValueError
    count = math.prod(shape)
    content = stream.read(count * kind.itemsize + 1) if count * kind.itemsize + start <= size else b""
    if len(content) != count * kind.itemsize:
        raise ValueError
    return np.frombuffer(content, dtype=kind).reshape(shape, order="F" if by_columns else "C").copy()
