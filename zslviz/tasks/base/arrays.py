"""Arrays that nobody may change, and how much memory things made of arrays hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


def frozen(array: NDArray[Any], dtype: type[np.generic]) -> NDArray[Any]:
    """The array itself if nobody can write to it, else a read-only copy."""
    if array.dtype == dtype and not array.flags.writeable and array.base is None:
        return array
    copy = np.array(array, dtype=dtype)
    copy.setflags(write=False)
    return copy


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
