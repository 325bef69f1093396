"""The loss of Refiner, our construction: cross entropies of the pair, the state and the object."""

from __future__ import annotations

from dataclasses import dataclass
from functools import wraps
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from zslviz.files.typed import NotNegative, Share
from zslviz.models.output import CompositionLogits


@dataclass(frozen=True, eq=False)
class CompositionLoss:
    """The loss and its terms, each a mean over photos."""

    total: Tensor
    pair: Tensor
    state: Tensor
    object: Tensor


def composition_loss(
    logits: CompositionLogits,
    states: Tensor,
    objects: Tensor,
    seen: Tensor,
    weight: NotNegative = 1.0,
    label_smoothing: Share = 0.0,
) -> CompositionLoss:
    """CE_pair + weight * (CE_state + CE_object); unseen pairs are no candidates of CE_pair.

    states, objects: [B], indices of each photo's pair, which must be a seen one. seen: bool [S, O].
    """
    position = torch.cumsum(seen.flatten(), 0) - 1  # pair s * O + o -> its place among the seen ones
    labels = position[states * seen.shape[1] + objects]
    pair = F.cross_entropy(logits.pairs[:, seen], labels, label_smoothing=label_smoothing)
    state = F.cross_entropy(logits.states, states, label_smoothing=label_smoothing)
    object_ = F.cross_entropy(logits.objects, objects, label_smoothing=label_smoothing)
    return CompositionLoss(pair + weight * (state + object_), pair, state, object_)


@wraps(composition_loss, assigned=())  # whose settings it takes
def training_loss(logits: CompositionLogits, states: Tensor, objects: Tensor, seen: Tensor, **settings: Any) -> Tensor:
    """The total, a scalar."""
    return composition_loss(logits, states, objects, seen, **settings).total
