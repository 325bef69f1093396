"""Curves of seen against unseen accuracy."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray


def harmonic_mean(seen: Any, unseen: Any) -> Any:
    """2 S U / (S + U), and 0 where both are 0."""
    seen, unseen = np.asarray(seen, dtype=np.float64), np.asarray(unseen, dtype=np.float64)
    total = seen + unseen
    return np.where(total > 0, 2 * seen * unseen / np.where(total > 0, total, 1), 0.0)


def area_under(seen: NDArray[np.float64], unseen: NDArray[np.float64]) -> float:
    """Trapezoids of S over U along a curve, [P] each; added up so that points without area change nothing."""
    return math.fsum((np.diff(unseen) * (seen[1:] + seen[:-1]) / 2).tolist())
