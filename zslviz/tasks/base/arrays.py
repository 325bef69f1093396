"""Arrays that nobody may change, and how much memory things made of arrays hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zslviz.errors import ConfigError


def frozen(array: NDArray[Any], dtype: type[np.generic]) -> NDArray[Any]:
    """The array itself if nobody can write to it, else a read-only copy."""
    if array.dtype == dtype and not array.flags.writeable and array.base is None:
        return array
    copy = np.array(array, dtype=dtype)
    copy.setflags(write=False)
    return copy


def shaped(
    arrays: Mapping[str, NDArray[Any]], shapes: Mapping[str, str], sizes: Mapping[str, int]
) -> dict[str, NDArray[Any]]:
    """Those of some arrays that are described, once they fit together; others are left out. Raises ConfigError.

    shapes: by name, a letter for the type (f: float32, finite; b: bool; u: uint8) and one a dimension, such as "f G A": the same
    letter is the same size everywhere, a number that size. sizes: of letters that are known before.
    """
    known, found = dict(sizes), {}
    for name, described in shapes.items():
        if name not in arrays:
            continue
        array, (kind, *letters) = arrays[name], described.split()
        wanted = [int(letter) if letter.isdigit() else known.get(letter) for letter in letters]
        fits = len(wanted) == array.ndim and all(w in (None, n) for w, n in zip(wanted, array.shape, strict=True))
        if not fits or not array.size or array.dtype.kind != kind:
            raise ConfigError(f"its '{name}' is {array.dtype} {array.shape}, which does not fit the rest of it.")
        known |= dict(zip(letters, array.shape, strict=True))
        found[name] = array.astype(np.float32, copy=False) if kind == "f" else array
        if kind == "f" and not np.isfinite(found[name]).all():
            raise ConfigError(f"its '{name}' holds a number that is not finite.")
    return found


def memory_of(thing: Any) -> dict[int, int]:
    """Bytes by identity of every distinct piece of memory that a thing holds or is going to hold.

    Arrays are found in dataclasses (by their fields, at any depth), tuples, lists and mappings; views count as the array that
    they keep alive. What a dataclass derives on demand it tells by `derived_size`, in bytes; so the answer is the same before
    and after. Two things that share memory have keys in common, as long as both are there.
    """
    if isinstance(thing, np.ndarray):
        while isinstance(thing.base, np.ndarray):
            thing = thing.base
        return {id(thing): thing.nbytes}
    parts: list[Any] = []
    found: dict[int, int] = {}
    if is_dataclass(thing) and not isinstance(thing, type):
        parts = [getattr(thing, field.name) for field in fields(thing)]
        found = {id(thing): int(getattr(thing, "derived_size", 0))}
    elif isinstance(thing, tuple | list):
        parts = list(thing) if not all(isinstance(part, str) for part in thing) else []
    elif isinstance(thing, Mapping):
        parts = list(thing.values())
    for part in parts:
        found |= memory_of(part)
    return found


def order_free_sums(terms: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sums of the rows of [K, A] that are the same in whatever order a row's terms stand: float64 [K].

    What is equal in exact arithmetic, only with its terms in another order, stays equal, and keeps the order of its list.
    """
    return np.asarray(np.sort(terms, axis=1).sum(axis=1))
