"""Numbers and names as they come in JSON, checked."""

from __future__ import annotations

import math
from typing import Any

from zslviz.errors import ConfigError

VALUE_LIMIT = 100.0  # far outside the table's 0..1, and far inside what float32 can carry


GAMMA_LIMIT = 1e6


def number(value: Any, what: str, limit: float = VALUE_LIMIT) -> float:
    """A finite number within +-limit. Raises ConfigError naming `what` it was for."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ConfigError(f"The value for '{what}' must be a number, such as 0 or 1.")
    if abs(value) > limit:
        raise ConfigError(f"The value for '{what}' is {value:g}; it must lie between {-limit:g} and {limit:g}.")
    return float(value)


def index_at(key: Any, count: int, kind: str, by_name: Any) -> int:
    if isinstance(key, int) and not isinstance(key, bool):
        index = key
    elif isinstance(key, str) and key.isdecimal():
        index = int(key)
    elif isinstance(key, str):
        return int(by_name(key))
    else:
        raise ConfigError(f"The {kind} must be given by name or number.")
    if not 0 <= index < count:
        raise ConfigError(f"There is no {kind} number {index}; there are {count}.")
    return index
