"""DFAN's loss as its authors compute it, and the fusions of its two answers that are tried."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from zslviz.files.typed import NotNegative, Share

FUSION_GRID = tuple(round(0.1 * i, 1) for i in range(11))


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


def fusions(granularities: int, loss: Mapping[str, Any]) -> list[tuple[str, tuple[float, ...]]]:
    """beta s + (1 - beta) t of the two answers' dot products, for each beta of a grid."""
    return [("dot", (beta, round(1 - beta, 1))) for beta in FUSION_GRID]
