"""The loss of Mg-MRN (arXiv 2511.08163): scaled cosines a granularity, and the regression of attributes; and its fusion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from zslviz.files.typed import NotNegative, Positive, Share

SCALE = 20.0


@dataclass(frozen=True, eq=False)
class MgMRNLoss:
    """Mg-MRN's loss: the sum over granularities, and its terms [3] each."""

    total: Tensor
    ce: Tensor
    regression: Tensor
    per_granularity: Tensor


def cosine_logits(scores: Tensor, prototypes: Tensor, scale: float) -> Tensor:
    """scale * cos(attribute scores, prototypes): [G, B, A], [K, A] -> [G, B, K]."""
    return scale * _unit(scores) @ _unit(prototypes).mT


def mgmrn_loss(
    scores: Tensor,
    labels: Tensor,
    prototypes: Tensor,
    scale: Positive = SCALE,
    lambda_reg: NotNegative = 0.1,
    label_smoothing: Share = 0.0,
) -> MgMRNLoss:
    """scores [3, B, A], labels [B] and prototypes [K, A] of the seen classes alone.

    Per granularity: cross entropy of the cosine logits + lambda_reg * mean squared error of the normalised vectors, over batch
    and attributes. The three terms have disjoint parameters if the backbone is frozen, so their sum has the same gradients.
    """
    logits = cosine_logits(scores, prototypes, scale)
    ce = torch.stack([F.cross_entropy(z, labels, label_smoothing=label_smoothing) for z in logits])
    target = _unit(prototypes)[labels]
    regression = (_unit(scores) - target).square().mean(dim=(1, 2))
    per_granularity = ce + lambda_reg * regression
    return MgMRNLoss(per_granularity.sum(), ce, regression, per_granularity)


@wraps(mgmrn_loss, assigned=())  # whose settings it takes
def training_loss(scores: Tensor, labels: Tensor, prototypes: Tensor, seen: Tensor, **settings: Any) -> Tensor:
    """The term of each granularity [3]; only seen classes compete. labels: [B], among all K classes. seen: bool [K]."""
    position = torch.cumsum(seen, 0) - 1  # of a class among the seen ones
    return mgmrn_loss(scores, position[labels], prototypes[seen], **settings).per_granularity


def fusions(granularities: int, loss: Mapping[str, Any]) -> list[tuple[str, tuple[float, ...]]]:
    """The paper's alone: the sum of all granularities' cosines, scaled as in the loss."""
    return [("cosine", (float(loss.get("scale", SCALE)),) * granularities)]


def _unit(vectors: Tensor) -> Tensor:
    return vectors / (vectors.norm(dim=-1, keepdim=True) + 1e-10)
