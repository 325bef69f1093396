"""DFAN's loss as its authors compute it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import wraps
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from zslviz.files.typed import NotNegative, Share


@dataclass(frozen=True, eq=False)
class DFANLoss:
    """DFAN's loss and its terms. ce: [2], of the local and the global answer; the others are scalars."""

    total: Tensor
    ce: Tensor
    likeness: Tensor


def dfan_loss(
    scores: Tensor,
    labels: Tensor,
    prototypes: Tensor,
    seen: Tensor,
    likeness: Tensor,
    lambda_cos: NotNegative = 1.0,
    scale: NotNegative = 1.0,
    label_smoothing: Share = 0.0,
) -> DFANLoss:
    """scores [2, B, A], labels [B] (of seen classes), prototypes [K, A] of unit length, seen bool [K], likeness [1, B].

    Cross entropy of both answers over the seen classes, and the mean likeness of a photo's attribute features (`network`). All
    weights are 1 in the paper. scale: of the class scores, 1 in the paper.
    """
    position = torch.where(seen, seen.cumsum(0) - 1, -1)[labels]
    logits = scale * scores @ prototypes[seen].mT  # [2, B, seen]
    ce = torch.stack([F.cross_entropy(z, position, label_smoothing=label_smoothing) for z in logits])
    alike = likeness.mean()
    return DFANLoss(ce.sum() + lambda_cos * alike, ce, alike)


@wraps(dfan_loss, assigned=())  # whose settings it takes
def training_loss(
    scores: Tensor, labels: Tensor, prototypes: Tensor, seen: Tensor, likeness: Tensor, **settings: Any
) -> Tensor:
    """The total [1]: the offset ties both answers, so that a step is on both."""
    return dfan_loss(scores, labels, prototypes, seen, likeness, **settings).total[None]
