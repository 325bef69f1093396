"""How often an answer is right, by how far its first class is ahead: counts of test photos, no scores turned into per cents.

A reliability table (Guo et al. 2017, section 2) whose bins are of the lead of the first class over the second, calibrated scores
both, with as many photos in each as in the others; photos of classes trained on and of the others are counted apart. The softmax
over class scores is tabled in the same way, to be seen for what it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zslviz.tasks.attributes.scoring import ScoringRule, calibrate
from zslviz.tasks.attributes.space import SemanticSpace
from zslviz.tasks.attributes.whole_set.photos import FusedPhotos

BINS = 6
SHARES = (0.0, 0.2, 0.4, 0.6, 0.8, 0.9, 1.0)
"""The ends of the softmax's bins."""


@dataclass(frozen=True)
class Bin:
    """Photos whose answer lies from `low` to `high`. seen, unseen: how many photos of classes trained on and of the others, and how
    many of these are answered rightly."""

    low: float
    high: float
    seen: tuple[int, int]
    unseen: tuple[int, int]


def by_lead(photos: FusedPhotos, space: SemanticSpace, rule: ScoringRule, gamma: float) -> list[Bin]:
    """By the lead of the first class over the second. Fewer bins where many leads are equal."""
    scores, right = _answers(photos, space, rule, gamma)
    first, second = np.sort(scores, axis=1)[:, :-3:-1].T
    leads = first - second
    ends = np.unique(np.quantile(leads, np.linspace(0, 1, BINS + 1), method="higher"))
    return _binned(leads, ends, right, photos.of_seen)


def by_softmax(photos: FusedPhotos, space: SemanticSpace, rule: ScoringRule, gamma: float) -> list[Bin]:
    """By the first class's share in the softmax over all classes, as `ClassRanking.probabilities` has it."""
    scores, right = _answers(photos, space, rule, gamma)
    shares = 1 / np.exp(scores - scores.max(axis=1, keepdims=True)).sum(axis=1)
    return _binned(shares, np.array(SHARES), right, photos.of_seen)


def _answers(
    photos: FusedPhotos, space: SemanticSpace, rule: ScoringRule, gamma: float
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Calibrated scores [N, K], and whether the first class is the photo's [N]."""
    scores = calibrate(photos.scores(space, rule), space.seen, gamma).astype(np.float64)
    return scores, scores.argmax(axis=1) == photos.labels


def _binned(
    values: NDArray[np.float64], ends: NDArray[np.float64], right: NDArray[np.bool_], of_seen: NDArray[np.bool_]
) -> list[Bin]:
    """Each bin without its upper end, the last one with it."""
    place = np.clip(np.searchsorted(ends, values, side="right") - 1, 0, len(ends) - 2)
    found = []
    for number, (low, high) in enumerate(zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True)):
        inside = place == number
        seen, unseen = (
            (int((inside & kind).sum()), int((inside & kind & right).sum())) for kind in (of_seen, ~of_seen)
        )
        found.append(Bin(low, high, seen, unseen))
    return found
