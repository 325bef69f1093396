"""How familiar a pair's state and object are: a soft prior for pairs that were never seen.

A state seen with many objects is more likely to be met with one more than a state seen with one; likewise an object. So an unseen
pair's score gets a log n_s + b log n_o, where n_s and n_o are the numbers of seen pairs that its state and its object are part of,
less the mean of that over unseen pairs, so that the bias of unseen pairs keeps its meaning. a and b are chosen on validation
photos. Feasibility masks (`feasibility`) answer another question: whether a pair can exist at all, by what its words mean.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

STATE_WEIGHTS = (0.0, 0.5, 1.0, 1.5, 2.0)
OBJECT_WEIGHTS = (0.0, 0.5, 1.0)


def familiarity_table(seen: NDArray[np.bool_], state_weight: float, object_weight: float) -> NDArray[np.float32]:
    """What is added to the scores: float32 [S, O], 0 for seen pairs. seen: bool [S, O].

    A state or object of which nothing was seen (one that came later) is taken to be as familiar as the average one.
    """
    table = state_weight * _logs(seen.sum(axis=1))[:, None] + object_weight * _logs(seen.sum(axis=0))
    unseen = ~seen
    if not unseen.any():
        return np.zeros(seen.shape, dtype=np.float32)
    known = unseen & np.logical_and.outer(seen.any(axis=1), seen.any(axis=0))
    centre = table[known].mean() if known.any() else 0.0
    return np.where(unseen, table - centre, 0.0).astype(np.float32)


def _logs(counts: NDArray[np.integer]) -> NDArray[np.float64]:
    """log of each count; of a zero the mean of the others' logs."""
    logs = np.log(np.maximum(counts, 1))
    there = counts > 0
    return np.where(there, logs, logs[there].mean() if there.any() else 0.0)
