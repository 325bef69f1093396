"""Curves of seen against unseen accuracy."""

from __future__ import annotations

from typing import Any

import numpy as np


def harmonic_mean(seen: Any, unseen: Any) -> Any:
    """2 S U / (S + U), and 0 where both are 0."""
    seen, unseen = np.asarray(seen, dtype=np.float64), np.asarray(unseen, dtype=np.float64)
    total = seen + unseen
    return np.where(total > 0, 2 * seen * unseen / np.where(total > 0, total, 1), 0.0)
