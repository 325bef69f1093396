"""Which pairs can exist: feasibility from embeddings, and the threshold that the open world masks pairs by.

A pair that was never seen is feasible as far as its object is like objects seen in that state, and its state like states seen of
that object (Mancini et al., CVPR 2021, eq. 7-8, with the mean of both as in CSP, Nayak et al., ICLR 2023).
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from zslviz.errors import ConfigError

Floats = NDArray[np.floating[Any]]
Masking = Literal["minus-infinity", "authors-zero"]
MASKINGS: tuple[Masking, ...] = ("minus-infinity", "authors-zero")
TRIALS = 20
NEVER_SEEN = -1.0  # a cosine's lower end: the state was seen of no other object, or the object in no other state


def feasibility_table(
    state_vectors: Floats, object_vectors: Floats, seen: NDArray[np.bool_], seen_value: float = 0.0
) -> NDArray[np.float32]:
    """Feasibility of every pair, -1..1: float32 [S, O].

    state_vectors [S, D], object_vectors [O, E]: word vectors or any embeddings; only their directions count.
    seen [S, O]: pairs trained on; they get `seen_value` (0 as the authors'; they are never masked).
    """
    by_object = _nearest_seen(object_vectors, seen)  # [S, O]
    by_state = _nearest_seen(state_vectors, seen.T).T
    return np.where(seen, np.float32(seen_value), (by_object + by_state) / 2).astype(np.float32)


def thresholds_for(table: Floats, seen: NDArray[np.bool_], trials: int = TRIALS) -> NDArray[np.float64]:
    """Evenly from the least to the most feasible unseen pair: [trials]. At the first of them every pair competes."""
    unseen = np.asarray(table, dtype=np.float64)[~seen]
    if not unseen.size:
        raise ConfigError("Every pair was trained on, so there is no unseen one to mask.")
    return np.linspace(unseen.min(), unseen.max(), trials)


def biting_threshold(table: Floats, seen: NDArray[np.bool_], share: float = 0.25) -> float:
    """A threshold that rules out that share of the unseen pairs, so that one sees what a threshold does; 0 if all were seen."""
    unseen = table[~seen]
    return float(np.quantile(unseen, share)) if unseen.size else 0.0


def feasible_pairs(table: Floats, seen: NDArray[np.bool_], threshold: float) -> NDArray[np.bool_]:
    """Pairs that compete at a threshold: bool [S, O], the seen ones whatever their feasibility."""
    kept: NDArray[np.bool_] = (table >= np.asarray(threshold, dtype=table.dtype)) | seen
    return kept


def mask_infeasible(
    scores: Floats, table: Floats, seen: NDArray[np.bool_], threshold: float, masking: Masking = "minus-infinity"
) -> Floats:
    """Scores [..., S, O] of the open world at a threshold. Raises ConfigError for another `masking`.

    minus-infinity: an infeasible pair is never answered. authors-zero: it scores 0, which beats every negative score, and a seen
    pair whose feasibility (0) reaches the threshold counts twice, as the public code computes it.
    """
    if masking == "minus-infinity":
        return np.where(feasible_pairs(table, seen, threshold), scores, np.asarray(-np.inf, dtype=scores.dtype))
    if masking == "authors-zero":
        reached = table >= np.asarray(threshold, dtype=table.dtype)
        return scores * (reached.astype(scores.dtype) + seen.astype(scores.dtype))
    raise ConfigError(f"There is no masking '{masking}'; there are {' and '.join(MASKINGS)}.")


def _nearest_seen(vectors: Floats, seen_with: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Highest cosine of each of O vectors to the others seen with each of S: seen_with [S, O] -> [S, O].

    Computed in float64, so that what is rounded to float32 is the same on every processor: a threshold chosen by these values (the
    lowest of them masks nothing) is compared with them again wherever the model is used.
    """
    double = np.asarray(vectors, dtype=np.float64)
    unit = double / np.maximum(np.linalg.norm(double, axis=1, keepdims=True), 1e-12)
    likeness = unit @ unit.T
    np.fill_diagonal(likeness, NEVER_SEEN)  # a thing is not its own neighbour
    nearest = np.full(seen_with.shape, NEVER_SEEN)
    for row, companions in enumerate(seen_with):
        if companions.any():
            nearest[row] = likeness[companions].max(axis=0)
    return np.maximum(nearest, NEVER_SEEN)
