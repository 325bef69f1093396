"""How strongly a label speaks, in a number that people can read: 0 is the middle label trained on, 100 counts as found.

Scores are means of logits: negative as a rule, and of no unit. A strength is the same score on a line that every photo has.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FOUND = 100.0
"""The strength from which a label counts as found, as the model has it."""


@dataclass(frozen=True)
class StrengthScale:
    """strength = 100 (calibrated score - zero) / (bar - zero), with a bar for labels trained on and one for the others.

    zero: the calibrated score of the middle label trained on. seen, unseen: the bars, the calibrated scores from which labels count
    as found; both are above zero.
    """

    zero: float
    seen: float
    unseen: float


def strength_scale(
    calibrated: NDArray[np.float32], seen: NDArray[np.bool_], threshold: float, unseen_threshold: float
) -> StrengthScale:
    """The scale of one photo. calibrated: scores [K] at the model's own gamma; all labels count where none was trained on.

    Where the middle label is above a bar itself, zero lies a standard deviation of the scores below the lower bar.
    """
    scores = calibrated[seen if seen.any() else np.ones_like(seen)].astype(np.float64)
    middle, lowest = float(np.median(scores)), min(threshold, unseen_threshold)
    zero = middle if middle < lowest else lowest - max(float(scores.std()), 1e-6)
    return StrengthScale(zero, threshold, unseen_threshold)


def thresholds(scale: StrengthScale, strength: float) -> tuple[float, float]:
    """The calibrated scores of a strength: of labels trained on, and of the others."""
    share = strength / FOUND
    return scale.zero + share * (scale.seen - scale.zero), scale.zero + share * (scale.unseen - scale.zero)
