"""PSVMA's loss as its authors compute it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any

from torch import Tensor

from zslviz.files.typed import NotNegative, Positive, Share
from zslviz.models.debiased import cosines, debias, seen_cross_entropy

SCALE = 25.0


@dataclass(frozen=True, eq=False)
class PSVMALoss:
    """PSVMA's loss and its terms, scalars."""

    total: Tensor
    ce: Tensor
    regression: Tensor
    debias: Tensor


def psvma_loss(
    scores: Tensor,
    labels: Tensor,
    prototypes: Tensor,
    seen: Tensor,
    highest: Tensor,
    scale: Positive = SCALE,
    lambda_reg: NotNegative = 0.5,
    lambda_deb: NotNegative = 0.001,
    label_smoothing: Share = 0.0,
) -> PSVMALoss:
    """scores [1, B, A], labels [B] (of seen classes), prototypes [K, A] of unit length, seen bool [K], highest [4, B, A].

    Cross entropy of scale * cosine over the seen classes; regression of the largest logit of each of the four looks (`network`) to
    the class's row, their sum; debias: that the scores of seen classes have no larger mean or deviation than those of unseen ones,
    whose rows of the class table it reads, though none of their photos.
    """
    logits = scale * cosines(scores[0], prototypes)  # [B, K]
    ce = seen_cross_entropy(logits, labels, seen, label_smoothing)
    regression = (highest - prototypes[labels]).square().mean(dim=(1, 2)).sum()
    bias = debias(logits, seen)
    return PSVMALoss(ce + lambda_reg * regression + lambda_deb * bias, ce, regression, bias)


@wraps(psvma_loss, assigned=())  # whose settings it takes
def training_loss(
    scores: Tensor, labels: Tensor, prototypes: Tensor, seen: Tensor, highest: Tensor, **settings: Any
) -> Tensor:
    """The total [1]."""
    return psvma_loss(scores, labels, prototypes, seen, highest, **settings).total[None]


def fusions(granularities: int, loss: Mapping[str, Any]) -> list[tuple[str, tuple[float, ...]]]:
    """The paper's alone: the cosine, scaled as in the loss."""
    return [("cosine", (float(loss.get("scale", SCALE)),))]
