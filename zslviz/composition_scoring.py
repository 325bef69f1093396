"""One score for every pair of a state and an object, from three logits."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]


def fused_scores(pairs: Floats, states: Floats, objects: Floats) -> Floats:
    """z_so + softmax(z_s)[s] * softmax(z_o)[o]: pairs [..., S, O], states [..., S], objects [..., O] -> [..., S, O].

    Our construction of Refiner (models.refiner).
    """
    return pairs + _softmax(states)[..., :, None] * _softmax(objects)[..., None, :]


def biased_scores(fused: Floats, seen: NDArray[np.bool_], bias: float) -> NDArray[np.float32]:
    """Scores [S, O] with the bias added to those of unseen pairs."""
    return np.where(seen, fused, fused + np.float32(bias)).astype(np.float32)


def best_pairs(biased: Floats, competing: NDArray[np.bool_], count: int | None = None) -> list[tuple[int, int]]:
    """The competing pairs (state, object), best first; of equals the one listed first."""
    order = np.argsort(-np.where(competing, biased, -np.inf), axis=None, kind="stable")[: int(competing.sum())]
    return [divmod(int(flat), biased.shape[1]) for flat in order[:count]]


def _softmax(logits: Floats) -> Floats:
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    shares: Floats = powers / powers.sum(axis=-1, keepdims=True)
    return shares
