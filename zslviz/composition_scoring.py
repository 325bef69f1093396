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


def _softmax(logits: Floats) -> Floats:
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    shares: Floats = powers / powers.sum(axis=-1, keepdims=True)
    return shares
