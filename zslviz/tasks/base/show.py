"""What the tables of predictions share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

BEST = 5


class Table(Protocol):
    """header: the columns after the photo's. rows: of one photo, from what the explainer's `scores` gives."""

    header: list[str]

    def rows(self, scores: Any) -> Iterator[list[Any]]: ...
