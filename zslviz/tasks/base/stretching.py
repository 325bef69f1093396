"""When a map is too weak for the one scale of its photo, and is drawn on its own."""

from __future__ import annotations

from typing import Any

from zslviz.errors import ConfigError

WEAK = 0.5
"""Share of the photo's scale below which the strongest place of a map is hardly seen."""
LITTLE = 0.15
"""Share of the photo's scale below which almost nothing was counted, where maps begin at 0."""


def stretch_named(value: Any) -> bool | None:
    """Whether a map is to be stretched, from JSON; None for what it needs. Raises ConfigError."""
    if value is None or isinstance(value, bool):
        return value
    raise ConfigError("'stretch' must be true, false or null.")
