"""HDAFL's loss, of which the abstract (arXiv 2404.04953) says what for and not how: every formula here is ours."""

from __future__ import annotations

from dataclasses import dataclass
from functools import wraps
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from zslviz.files.typed import NotNegative, Positive, Share


@dataclass(frozen=True, eq=False)
class HDAFLLoss:
    """The loss and its terms. ce: [G], of each answer; the others are scalars, without their weights."""

    total: Tensor
    ce: Tensor
    within: Tensor
    between: Tensor
    alike: Tensor


def hdafl_loss(
    scores: Tensor,
    labels: Tensor,
    prototypes: Tensor,
    seen: Tensor,
    own: Tensor,
    mean: Tensor,
    lambda_within: NotNegative = 0.1,
    lambda_between: NotNegative = 0.1,
    lambda_alike: NotNegative = 0.1,
    temperature: Positive = 0.1,
    scale: NotNegative = 5.0,
    label_smoothing: Share = 0.0,
) -> HDAFLLoss:
    """scores [G, B, A], the last of the global vector; labels [B] (of seen classes), prototypes [K, A] of unit length, seen bool
    [K]; own [G - 1, B, A, d] and mean [1, B, d], what was gathered and the global vector, of unit length (`network`).

    Cross entropy over the seen classes, of the kernels on average and of the global answer; the contrast within and between
    attributes (`attribute_contrast`); and the global vectors as alike as the classes are (`likeness`). scale: of the class scores.
    """
    position = torch.where(seen, seen.cumsum(0) - 1, -1)[labels]
    logits = scale * scores @ prototypes[seen].mT  # [G, B, seen]
    ce = torch.stack([F.cross_entropy(z, position, label_smoothing=label_smoothing) for z in logits])
    within = between = alike = scores.new_zeros(())
    if lambda_within or lambda_between:
        within, between = attribute_contrast(own, bearing(prototypes, seen)[labels], temperature)
    if lambda_alike:
        alike = likeness(mean[0], prototypes[labels], temperature)
    contrast = lambda_within * within + lambda_between * between + lambda_alike * alike
    return HDAFLLoss(ce[:-1].mean() + ce[-1] + contrast, ce, within, between, alike)


@wraps(hdafl_loss, assigned=())  # whose settings it takes
def training_loss(
    scores: Tensor, labels: Tensor, prototypes: Tensor, seen: Tensor, own: Tensor, mean: Tensor, **settings: Any
) -> Tensor:
    """The total [1]: the attribute encoder ties all answers, so that a step is on all."""
    return hdafl_loss(scores, labels, prototypes, seen, own, mean, **settings).total[None]


def bearing(prototypes: Tensor, seen: Tensor) -> Tensor:
    """How far each class has each attribute more than seen classes do on average, 1 where a seen class has it most: [K, A]."""
    mean, most = prototypes[seen].mean(0), prototypes[seen].amax(0)
    apart = (most - mean).masked_fill(most == mean, torch.inf)  # none has more of it than another
    return ((prototypes - mean) / apart).clamp(0, 1)


def attribute_contrast(own: Tensor, bears: Tensor, temperature: float) -> tuple[Tensor, Tensor]:
    """own [G, B, A, d] of unit length, bears [B, A] in 0..1 -> the terms within and between attributes.

    c_a is the direction of sum_b bears_ba own_ba. Within: the divergence of softmax_b(own_ba . c_a / temperature) from the photos'
    shares of bears_a, so that those which have an attribute are found alike and the others are not. Between: the mean of
    -log softmax_a'(own_ba . c_a' / temperature) at a' = a, weighted by bears. An attribute that no photo of the batch has is left
    out.
    """
    centres = F.normalize(torch.einsum("gbad,ba->gad", own, bears), dim=-1)
    near = own @ centres[:, None].mT / temperature  # [G, B, A, A]
    right = near.diagonal(dim1=-2, dim2=-1)  # [G, B, A]
    there = bears.sum(0)
    shares = bears / there.masked_fill(there == 0, 1)  # [B, A], over photos
    apart = F.kl_div(right.log_softmax(1), shares.expand_as(right), reduction="none").sum(1)  # [G, A]
    within = (apart * (there > 0)).sum(-1) / (there > 0).sum().clamp(min=1)
    missed = near.logsumexp(-1) - right
    return within.mean(), ((missed * bears).sum((1, 2)) / there.sum().clamp(min=1e-6)).mean()


def likeness(mean: Tensor, rows: Tensor, temperature: float) -> Tensor:
    """mean [B, d] and rows [B, A], the photos' global vectors and classes, of unit length.

    The divergence of softmax_j(mean_i . mean_j / temperature) from softmax_j(rows_i . rows_j / temperature), j not i, over
    photos i: a photo is as near to others as its class is by attributes, and no further from them for being of another class.
    """
    itself = torch.eye(len(mean), dtype=torch.bool, device=mean.device)
    ours, told = ((x @ x.mT / temperature).masked_fill(itself, -1e4).log_softmax(-1) for x in (mean, rows))
    return F.kl_div(ours, told, reduction="batchmean", log_target=True)
