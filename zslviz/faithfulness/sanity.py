"""Randomised weights (Adebayo et al. 2018): a map that stays the same when the model forgets everything explains the photo, not
the model."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata


def rank_correlation(first: NDArray[np.float32], second: NDArray[np.float32]) -> NDArray[np.float64]:
    """Spearman's correlation of maps [N, H, W], pair by pair: float64 [N]; NaN where a map is the same everywhere."""
    ranks = [rankdata(maps.reshape(len(maps), maps[0].size if len(maps) else 1), axis=1) for maps in (first, second)]
    a, b = (r - r.mean(axis=1, keepdims=True) for r in ranks)
    size = np.sqrt((a**2).sum(1) * (b**2).sum(1))
    return np.where(size > 0, (a * b).sum(1) / np.where(size > 0, size, 1), np.nan)
