"""TransZero's loss as its authors compute it (arXiv 2112.01683)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import wraps
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from zslviz.files.typed import Finite, NotNegative, Share


@dataclass(frozen=True, eq=False)
class TransZeroLoss:
    """TransZero's loss and its terms, scalars."""

    total: Tensor
    ce: Tensor
    calibration: Tensor
    regression: Tensor


def transzero_loss(
    scores: Tensor,
    labels: Tensor,
    prototypes: Tensor,
    seen: Tensor,
    lambda_cal: NotNegative = 0.3,
    lambda_reg: NotNegative = 0.005,
    label_smoothing: Share = 0.0,
    bias: Finite = 1.0,
) -> TransZeroLoss:
    """scores [1, B, A], labels [B] (indices of all K classes), prototypes [K, A] of unit length, seen bool [K].

    Cross entropy runs over all K classes; calibration is -log of the mean share that unseen classes get when `bias` is added to
    them and taken from seen ones; regression draws the scores to the class's row.
    """
    logits = scores[0] @ prototypes.mT  # [B, K]
    biased = logits + torch.where(seen, -bias, bias).to(logits.dtype)
    ce = F.cross_entropy(logits, labels, label_smoothing=label_smoothing)
    calibration = -biased.softmax(-1)[:, ~seen].sum(-1).mean().log()
    regression = F.mse_loss(scores[0], prototypes[labels])
    return TransZeroLoss(ce + lambda_cal * calibration + lambda_reg * regression, ce, calibration, regression)


@wraps(transzero_loss, assigned=())  # whose settings it takes
def training_loss(scores: Tensor, labels: Tensor, prototypes: Tensor, seen: Tensor, **settings: Any) -> Tensor:
    """The total [1]."""
    return transzero_loss(scores, labels, prototypes, seen, **settings).total[None]
