"""MSDN's loss as its authors compute it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import wraps
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from zslviz.files.typed import Finite, NotNegative, Share


@dataclass(frozen=True, eq=False)
class MSDNLoss:
    """MSDN's loss and its terms (CVPR 2022, eq. 9-14). ce, calibration: [2], per sub-net; the others are scalars."""

    total: Tensor
    ce: Tensor
    calibration: Tensor
    distillation: Tensor
    distillation_l2: Tensor
    distillation_js: Tensor


def msdn_logits(scores: Tensor, prototypes: Tensor) -> Tensor:
    """Attribute scores [2, B, A] and unit-length prototypes [K, A] -> class logits [2, B, K], without the seen bias."""
    return scores @ prototypes.mT


def msdn_loss(
    scores: Tensor,
    labels: Tensor,
    prototypes: Tensor,
    seen: Tensor,
    lambda_cal: NotNegative = 0.1,
    lambda_dis: NotNegative = 1e-3,
    label_smoothing: Share = 0.0,
    bias: Finite = 1.0,
    seen_only: bool = False,
) -> MSDNLoss:
    """scores [2, B, A], labels [B] (indices of all K classes), prototypes [K, A] of unit length, seen bool [K].

    Cross entropy runs over all K classes without the fixed bias; calibration and distillation use the logits with it.
    bias: added to unseen classes and taken from seen ones; 0 is the authors' `is_bias=False`.
    seen_only: cross entropy over the seen classes alone, `is_conservative=False` of the authors. A photo of an unseen class
        then adds nothing to it, and still counts in its mean.
    """
    logits = msdn_logits(scores, prototypes)
    biased = logits + torch.where(seen, -bias, bias).to(logits.dtype)
    ce = torch.stack([_cross_entropy(z, labels, seen if seen_only else None, label_smoothing) for z in logits])
    unseen_share = biased.softmax(-1)[..., ~seen].sum(-1)  # [2, B]
    calibration = -unseen_share.mean(1).log()
    l2, js = _mutual_distance(biased[0], biased[1])
    total = (ce + lambda_cal * calibration).sum() + lambda_dis * (l2 + js)
    return MSDNLoss(total, ce, calibration, l2 + js, l2, js)


@wraps(msdn_loss, assigned=())  # whose settings it takes
def training_loss(scores: Tensor, labels: Tensor, prototypes: Tensor, seen: Tensor, **settings: Any) -> Tensor:
    """The total [1]: distillation ties the sub-nets, so that a step is on both."""
    return msdn_loss(scores, labels, prototypes, seen, **settings).total[None]


def _cross_entropy(logits: Tensor, labels: Tensor, among: Tensor | None, smoothing: float) -> Tensor:
    """Mean over photos of the cross entropy over all classes, or over those where `among` [K] is true."""
    if among is None:
        return F.cross_entropy(logits, labels, label_smoothing=smoothing)
    position = torch.where(among, among.cumsum(0) - 1, -1)[labels]
    kept = logits[:, among]
    total = F.cross_entropy(kept, position, label_smoothing=smoothing, ignore_index=-1, reduction="sum")
    return total / len(labels)


def _mutual_distance(first: Tensor, second: Tensor) -> tuple[Tensor, Tensor]:
    """Distance of the two sub-nets: mean_b(sum |d|^3 / |d|) and the Jensen-Shannon divergence.

    The authors' first term is 0/0 where the sub-nets agree exactly; its limit, 0, is used there.
    """
    difference = first - second
    norm = difference.square().sum(-1)
    agree = norm == 0
    norm = torch.where(agree, torch.ones_like(norm), norm).sqrt()
    l2 = (difference.abs().pow(3).sum(-1) / norm).mean()
    log_p, log_q = first.log_softmax(-1), second.log_softmax(-1)
    log_m = torch.logaddexp(log_p, log_q) - torch.log(first.new_tensor(2.0))
    kl_p = (log_p.exp() * (log_p - log_m)).sum(-1)
    kl_q = (log_q.exp() * (log_q - log_m)).sum(-1)
    return l2, ((kl_p + kl_q) / 2).mean()
