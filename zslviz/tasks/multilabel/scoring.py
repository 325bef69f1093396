"""From a photo's label scores to a ranking: calibration, and which labels count as found.

What is worked out of one photo is worked out in float64 from float32 numbers and rounded once, so that the page's own arithmetic
(`zslviz/ui/twin`) finds the same order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zslviz.errors import ConfigError
from zslviz.tasks.base.ranking import Ranking, best_first
from zslviz.tasks.multilabel.space import LabelSpace


@dataclass(frozen=True)
class RankedLabel:
    """One line of a ranking. score: the label's own; calibrated: less gamma if it is seen; found: at least its threshold."""

    index: int
    name: str
    seen: bool
    rank: int
    score: float
    calibrated: float
    found: bool


@dataclass(frozen=True, eq=False)
class LabelRanking(Ranking[RankedLabel]):
    """All K labels of a photo (or the unseen ones), best first.

    scores: float32 [K]. calibrated: float32 [K], gamma taken from seen labels. threshold: the calibrated score from which a seen
    label counts as found; unseen_threshold: an unseen one. first: instead of them, how many of the ranking count as found, or None.
    """

    calibrated: NDArray[np.float32]
    space: LabelSpace
    gamma: float
    threshold: float
    unseen_threshold: float
    unseen_only: bool
    first: int | None = None

    @property
    def names(self) -> tuple[str, ...]:
        return self.space.label_names

    @property
    def seen(self) -> NDArray[np.bool_]:
        return self.space.seen

    @property
    def found(self) -> NDArray[np.bool_]:
        """Which labels count as found: bool [K]."""
        if self.first is None:
            bars = np.where(self.seen, np.float32(self.threshold), np.float32(self.unseen_threshold))
            return np.asarray(self.calibrated >= bars)
        return (self.ranks > 0) & (self.ranks <= self.first)

    def _lines(self, indices: NDArray[np.intp], ranks: Sequence[int]) -> list[RankedLabel]:
        columns = (self.seen, self.scores, self.calibrated, self.found)
        rows = zip(indices.tolist(), ranks, *(column[indices].tolist() for column in columns), strict=True)
        return [
            RankedLabel(index, self.names[index], seen, rank, score, calibrated, found)
            for index, rank, seen, score, calibrated, found in rows
        ]


def highest_regions(region_scores: NDArray[np.float32], counted: int) -> NDArray[np.intp]:
    """The `counted` highest regions of every label [K, H, W] as flat indices, highest first: [K, counted]."""
    flat = region_scores.reshape(len(region_scores), -1)
    return np.argsort(-flat, axis=1, kind="stable")[:, :counted].copy()  # the others' places are not kept


def region_means(
    region_scores: NDArray[np.float32], counted: int, cells: NDArray[np.intp] | None = None
) -> NDArray[np.float32]:
    """The score of every label: the mean of its `counted` highest regions, [K, H, W] -> float32 [K] (BiAM, eq. 8).

    cells: those regions, if they are known (`highest_regions`).
    """
    cells = highest_regions(region_scores, counted) if cells is None else cells
    flat = region_scores.reshape(len(region_scores), -1)
    return np.take_along_axis(flat, cells, axis=1).mean(axis=1, dtype=np.float64).astype(np.float32)


def calibrate(scores: NDArray[np.float32], seen: NDArray[np.bool_], gamma: float) -> NDArray[np.float32]:
    """Scores [K] as they compete: seen labels' less gamma."""
    return (scores - gamma * seen).astype(np.float32)


def rank_labels(
    scores: NDArray[np.float32],
    space: LabelSpace,
    gamma: float,
    threshold: float,
    unseen_only: bool = False,
    first: int | None = None,
    unseen_threshold: float | None = None,
) -> LabelRanking:
    """Ranks the labels of a space by one photo's scores [K]; of equals the one listed first comes first.

    unseen_threshold: from which unseen labels count as found; that of the others if None. Raises ConfigError if gamma or a
    threshold is not finite, or no label competes.
    """
    unseen_bar = threshold if unseen_threshold is None else unseen_threshold
    if not np.isfinite([gamma, threshold, unseen_bar]).all():
        raise ConfigError("gamma and the threshold must be finite numbers.")
    calibrated = calibrate(scores, space.seen, gamma)
    competing = ~space.seen if unseen_only else np.ones(len(space), dtype=bool)
    if not competing.any():
        raise ConfigError("There is no unseen label, so nothing is left to rank; show all labels.")
    order = best_first(calibrated, competing)
    return LabelRanking(scores, competing, order, calibrated, space, gamma, threshold, unseen_bar, unseen_only, first)
