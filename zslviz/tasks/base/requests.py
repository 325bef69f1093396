"""Numbers and names as they come in JSON, checked."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from zslviz.errors import ConfigError
from zslviz.tasks.base.space import Names

VALUE_LIMIT = 100.0  # far outside the table's 0..1, and far inside what float32 can carry
GAMMA_LIMIT = 1e6
_DIGITS = 18  # of a number that is to be taken for one


def number(value: Any, what: str, limit: float = VALUE_LIMIT) -> float:
    """A finite number within +-limit. Raises ConfigError naming `what` it was for."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ConfigError(f"The value for '{what}' must be a number, such as 0 or 1.")
    if abs(value) > limit:
        raise ConfigError(f"The value for '{what}' is {value:g}; it must lie between {-limit:g} and {limit:g}.")
    return float(value)


def typed_number(text: str) -> float:
    """A number as people write it: "0.4", "0,4" and "40 %" are the same; nan for what is none."""
    bare = text.strip()
    try:
        number = float(bare.removesuffix("%").replace(",", "."))
    except ValueError:
        return math.nan
    return number / 100 if bare.endswith("%") else number


def index_at(key: Any, names: Names) -> int:
    """The index of a thing by its name, else by its number (an int, or its digits). Raises ConfigError, UnknownNameError.

    Digits are a number only if nothing is called so.
    """
    if isinstance(key, str) and (key in names or not key.isdecimal() or len(key) > _DIGITS):
        return names.index(key)
    if isinstance(key, bool) or not isinstance(key, int | str):
        raise ConfigError(f"The {names.what} must be given by name or number.")
    if not 0 <= int(key) < len(names):
        raise ConfigError(f"There is no {names.what} number {int(key)}; there are {len(names)}.")
    return int(key)


def names_to_add(given: Any, things: str, most: int, sentence: str) -> tuple[str, ...]:
    """Names of `things` to add, at most so many. None is no name; raises ConfigError, with `sentence` if it is no list of words."""
    given = [] if given is None else given
    if not isinstance(given, Sequence) or isinstance(given, str) or not all(isinstance(name, str) for name in given):
        raise ConfigError(sentence)
    if len(given) > most:
        raise ConfigError(f"At most {most} {things} can be added to a photo; remove one first.")
    return tuple(given)
