"""What an explanation holds, counted buffer by buffer, whatever it says itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import is_dataclass
from functools import cached_property
from typing import Any

import numpy as np


def derive_everything(thing: Any) -> None:
    """Asks for whatever a thing, and what it is made of, derives on demand and keeps."""
    for base in type(thing).__mro__:
        for name, member in vars(base).items():
            if isinstance(member, cached_property):
                getattr(thing, name)
    parts = vars(thing).values()
    for part in (p for value in parts for p in (value.values() if isinstance(value, dict) else [value])):
        if is_dataclass(part):
            derive_everything(part)


def buffers(thing: Any) -> Iterator[np.ndarray]:
    """Every array that keeps memory for a thing, however often it is used."""
    if isinstance(thing, np.ndarray):
        yield thing if not isinstance(thing.base, np.ndarray) else next(buffers(thing.base))
    elif isinstance(thing, dict):
        for value in thing.values():
            yield from buffers(value)
    elif isinstance(thing, tuple | list):
        for value in thing:
            yield from buffers(value)
    elif is_dataclass(thing):
        yield from buffers(vars(thing))


def held(thing: Any) -> int:
    """Bytes of all distinct arrays in it."""
    return sum({id(array): array.nbytes for array in buffers(thing)}.values())
