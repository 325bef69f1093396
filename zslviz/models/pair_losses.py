"""What a pair, a state and an object cost each: cross entropies that losses of compositional models weigh."""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from zslviz.models.output import CompositionLogits


class CrossEntropies(NamedTuple):
    """Each a mean over photos."""

    pair: Tensor
    state: Tensor
    object: Tensor


def cross_entropies(
    logits: CompositionLogits, states: Tensor, objects: Tensor, seen: Tensor, label_smoothing: float = 0.0
) -> CrossEntropies:
    """states, objects: [B], indices of each photo's pair, which must be a seen one. seen: bool [S, O]; others are no candidates."""
    position = torch.cumsum(seen.flatten(), 0) - 1  # pair s * O + o -> its place among the seen ones
    labels = position[states * seen.shape[1] + objects]
    return CrossEntropies(
        F.cross_entropy(logits.pairs[:, seen], labels, label_smoothing=label_smoothing),
        F.cross_entropy(logits.states, states, label_smoothing=label_smoothing),
        F.cross_entropy(logits.objects, objects, label_smoothing=label_smoothing),
    )
