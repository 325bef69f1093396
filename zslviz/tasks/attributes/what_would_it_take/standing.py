"""Whether a class is first after some edits, and by how much, in the ranking's own numbers, without ranking every class.

Class scores are known at once to far more digits than they are rounded to, from one product of a matrix; so only those close to the
best of the others can be the best. Of these, and of the class itself, the scores are worked out as the ranking does it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from zslviz.tasks.attributes.requests import RankRequest
from zslviz.tasks.attributes.scoring import ClassRanking, calibrate, class_scores

if TYPE_CHECKING:
    from zslviz.tasks.attributes.explanation import Explanation

_CLOSE = 1e-5  # of scores, next to the largest: float32 tells them apart to 1e-7


@dataclass(frozen=True, eq=False)
class Standing:
    """Where the class at `target` stands after edits of a photo. ranking: before them. rows: float64 [K, A], of `exact_rows`."""

    explanation: Explanation
    ranking: ClassRanking
    rows: NDArray[np.float64]
    target: int

    def lead(self, request: RankRequest) -> float:
        """Over the best of the others that compete, by the calibrated scores of the ranking; infinite if there is none.

        request: what differs from the one that `ranking` is of are edits of the photo alone.
        """
        ranking, rule = self.ranking, self.explanation.rule
        scores = self.explanation.edited_scores(request.image_edits)
        raw = self.rows @ rule.fuse(scores.astype(np.float64))
        about = np.where(ranking.competing, raw - ranking.space.seen * ranking.gamma, -np.inf)
        about[self.target] = -np.inf
        best = float(about.max())
        if best == -np.inf:
            return math.inf
        close = np.flatnonzero(about >= best - _CLOSE * (1 + np.abs(raw).max() + abs(ranking.gamma)))
        some = [self.target, *close.tolist()]
        exact = class_scores(scores, ranking.space, rule, some)
        own, *others = calibrate(exact, ranking.space.seen[some], ranking.gamma).tolist()
        return own - max(others)
