"""The handicap of trained classes alone: what gamma would make a class first, with nothing else changed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from zslviz.tasks.attributes.requests import RankRequest
from zslviz.tasks.attributes.scoring import ClassRanking, calibrate

if TYPE_CHECKING:
    from zslviz.tasks.attributes.explanation import Explanation

_DECIMALS = (1, 2, 3, 4, 5)
_COARSE = 0.1  # of the way to the other gamma: what rounding may add


def gamma_alone(
    explanation: Explanation, request: RankRequest, target: int, ranking: ClassRanking | None = None
) -> float | None:
    """The gamma nearest to the present one, in a round number, with which the class would be first; None if there is none.

    Over classes of its own sort, trained on or not, a class is ahead with every gamma or with none. ranking: of `request`, if it is
    known.
    """
    ranking = ranking or request.rank(explanation)
    raw, seen = ranking.scores, ranking.space.seen
    rivals = [c for c in ranking.order.tolist() if c != target]
    others = [c for c in rivals if seen[c] != seen[target]]
    if ranking.rank_of(target) == 1 or not others or any(raw[c] >= raw[target] for c in rivals if c not in others):
        return None
    apart = max(float(raw[c]) for c in others) - float(raw[target])
    for decimals in _DECIMALS:
        scale = 10.0**decimals
        # a class that was never trained on needs a larger gamma than it is behind, a trained one a smaller one than it is ahead
        gamma = (math.ceil(-apart * scale) - 1) / scale if seen[target] else (math.floor(apart * scale) + 1) / scale
        if (
            1 / scale <= _COARSE * abs(gamma - ranking.gamma)
            and np.where(ranking.competing, calibrate(raw, seen, gamma), -np.inf).argmax() == target
        ):
            return gamma + 0.0
    return None
