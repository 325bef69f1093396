"""MSCI's loss: w_p CE_pair + w_s CE_state + w_o CE_object."""

from __future__ import annotations

from torch import Tensor

from zslviz.files.typed import NotNegative, Share
from zslviz.models.output import CompositionLogits
from zslviz.models.pair_losses import cross_entropies


def training_loss(
    logits: CompositionLogits,
    states: Tensor,
    objects: Tensor,
    seen: Tensor,
    pair_weight: NotNegative = 1.0,
    state_weight: NotNegative = 1.0,
    object_weight: NotNegative = 1.0,
    label_smoothing: Share = 0.0,
) -> Tensor:
    """A scalar; arguments as `cross_entropies` has them, and the three weights."""
    each = cross_entropies(logits, states, objects, seen, label_smoothing)
    return pair_weight * each.pair + state_weight * each.state + object_weight * each.object
