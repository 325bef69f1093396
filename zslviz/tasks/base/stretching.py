"""When a map is too weak for the one scale of its photo, and how it is said that it was stretched."""

from __future__ import annotations

from typing import Any

from zslviz.errors import ConfigError

WEAK = 0.5
"""Share of the photo's scale below which the strongest place of a map is hardly seen."""


def stretch_named(value: Any) -> bool | None:
    """Whether a map is to be stretched, from JSON; None for what it needs. Raises ConfigError."""
    if value is None or isinstance(value, bool):
        return value
    raise ConfigError("'stretch' must be true, false or null.")


def times(reach: float) -> float | None:
    """How many times a map is stretched that fills `reach` of the scale of its photo; None if it would not show there at all."""
    return None if reach <= 0 else round(1 / reach, 1)
