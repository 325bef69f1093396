"""The loss of Refiner, our construction: cross entropies of the pair, the state and the object."""

from __future__ import annotations

from dataclasses import dataclass
from functools import wraps
from typing import Any

from torch import Tensor

from zslviz.files.typed import NotNegative, Share
from zslviz.models.output import CompositionLogits
from zslviz.models.pair_losses import cross_entropies


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
    """CE_pair + weight * (CE_state + CE_object), of `cross_entropies`, whose arguments these are."""
    each = cross_entropies(logits, states, objects, seen, label_smoothing)
    return CompositionLoss(each.pair + weight * (each.state + each.object), *each)


@wraps(composition_loss, assigned=())  # whose settings it takes
def training_loss(logits: CompositionLogits, states: Tensor, objects: Tensor, seen: Tensor, **settings: Any) -> Tensor:
    """The total, a scalar."""
    return composition_loss(logits, states, objects, seen, **settings).total
