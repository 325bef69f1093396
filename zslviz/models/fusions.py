"""Fusions that are tried on validation, of systems whose class scores are a weighted mean of two answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SHARES = tuple(round(0.1 * i, 1) for i in range(11))  # of the first answer


def of_two_answers(granularities: int, loss: Mapping[str, Any]) -> list[tuple[str, tuple[float, ...]]]:
    """alpha z_1 + (1 - alpha) z_2 of the two answers' dot products, for each alpha of a grid (`System.fusions`)."""
    return [("dot", (alpha, round(1 - alpha, 1))) for alpha in SHARES]
