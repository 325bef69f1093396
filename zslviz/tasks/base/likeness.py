"""Which of several maps show the same thing, so that one picture is enough for them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

SAME = 0.97
"""Correlation from which two maps are one picture to the eye."""


def correlation(first: NDArray[np.floating], second: NDArray[np.floating]) -> float:
    """Pearson's correlation of two maps [H, W]; of flat ones 1 if both are flat, else 0."""
    a, b = (np.asarray(m, dtype=np.float64).ravel() - float(np.mean(m, dtype=np.float64)) for m in (first, second))
    lengths = float(np.linalg.norm(a)), float(np.linalg.norm(b))
    flat = [length <= 1e-12 for length in lengths]
    if any(flat):
        return float(all(flat))
    return float(a @ b) / (lengths[0] * lengths[1])


def alike(maps: Sequence[NDArray[np.floating]], least: float = SAME) -> list[list[int]]:
    """Maps [H, W] in groups of the same picture: lists of their places in the sequence, each led by the one that came first.

    A map joins the first group whose leading map it correlates with by `least` or more.
    """
    groups: list[list[int]] = []
    for i, one in enumerate(maps):
        group = next((g for g in groups if correlation(maps[g[0]], one) >= least), None)
        if group is None:
            groups.append([i])
        else:
            group.append(i)
    return groups
