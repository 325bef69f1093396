"""PSVMA+'s loss as its authors compute it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any

import torch
from torch import Tensor

from zslviz.files.typed import NotNegative, Positive, Share
from zslviz.models.debiased import cosines, debias, seen_cross_entropy
from zslviz.models.psvmaplus.network import fused

_IN_LOG = 1e-6


@dataclass(frozen=True, eq=False)
class PSVMAPlusLoss:
    """PSVMA+'s loss and its terms, scalars."""

    total: Tensor
    ce: Tensor
    regression: Tensor
    debias: Tensor
    distillation: Tensor


def psvmaplus_loss(
    labels: Tensor,
    prototypes: Tensor,
    seen: Tensor,
    highest: Tensor,
    branches: Tensor,
    scale: Tensor,
    lambda_reg: NotNegative = 0.5,
    lambda_deb: NotNegative = 0.001,
    lambda_kl: NotNegative = 5.0,
    temperature: Positive = 10.0,
    label_smoothing: Share = 0.0,
) -> PSVMAPlusLoss:
    """labels [B] (of seen classes), prototypes [K, A] of unit length, seen bool [K], highest [6, B, A], branches a_i [3, B, A].

    scale [1, B]: the network's, the same number B times. Cross entropy over the seen classes, the depths' shares among those;
    regression as PSVMA's, of six looks; debias of the scores of all classes, whose rows of the class table it reads, though no
    photo of an unseen one; distillation from each photo's surest depth to its least sure one.
    """
    times = scale[0, 0]
    among_seen = times * cosines(fused(branches, prototypes[seen], times), prototypes)  # [B, K]
    ce = seen_cross_entropy(among_seen, labels, seen, label_smoothing)
    regression = (highest - prototypes[labels]).square().mean(dim=(1, 2)).sum()
    bias = debias(among_seen, seen)
    kl = distillation(times * cosines(branches, prototypes[seen]), temperature)
    total = ce + lambda_reg * regression + lambda_deb * bias + lambda_kl * kl
    return PSVMAPlusLoss(total, ce, regression, bias, kl)


def distillation(logits: Tensor, temperature: float) -> Tensor:
    """KL(surest || least sure) of each photo's depths [3, B, K] at a temperature, weighed by the latter's entropy; a scalar.

    As in the authors' code nothing is held back from learning, and the temperature's square does not multiply it.
    """
    sure = logits.softmax(-1).amax(-1)  # [3, B]
    photos = torch.arange(logits.shape[1], device=logits.device)
    teacher, student = (logits[depth, photos] for depth in (sure.argmax(0), sure.argmin(0)))
    told, heard = (teacher / temperature).log_softmax(-1), (student / temperature).log_softmax(-1)
    apart = (told.exp() * (told - heard)).sum(-1)
    share = student.softmax(-1)
    entropy = -(share * (share + _IN_LOG).log()).sum(-1)
    return (entropy * apart).sum() / entropy.sum()


@wraps(psvmaplus_loss, assigned=())  # whose settings it takes
def training_loss(
    scores: Tensor,
    labels: Tensor,
    prototypes: Tensor,
    seen: Tensor,
    highest: Tensor,
    branches: Tensor,
    scale: Tensor,
    **settings: Any,
) -> Tensor:
    """The total [1]. scores [3, B, A]: not read, as their shares are among all classes."""
    return psvmaplus_loss(labels, prototypes, seen, highest, branches, scale, **settings).total[None]


def fusions(granularities: int, loss: Mapping[str, Any]) -> list[tuple[str, tuple[float, ...]]]:
    """The paper's alone: the sum, in which each depth has its share already."""
    return [("dot", (1.0,) * granularities)]
