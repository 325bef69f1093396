"""Losses of multi-label training on label scores [B, K] and tags [B, K] in {+1 tagged, -1 not tagged, 0 unknown}."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from zslviz.files.typed import NotNegative


def ranking_loss(logits: Tensor, tags: Tensor, margin: float = 1.0) -> Tensor:
    """Mean over images of the mean of (margin + s_neg - s_pos)+ over the image's violating pairs (BiAM, Narayan et al. 2021).

    An image without a violating pair adds 0; unknown labels are left out. As in the authors' code the count of violating pairs
    carries no gradient.
    """
    hidden = torch.finfo(logits.dtype).min / 4  # so far off that no pair with it violates
    positive = logits.masked_fill(tags <= 0, -hidden)
    negative = logits.masked_fill(tags >= 0, hidden)
    most = int(
        (tags > 0).sum(1).max()
    )  # tags are few: pairs with the highest `most` of the tagged labels are all pairs
    positive = positive.topk(most, dim=1, largest=False).values  # [B, P]
    violation = (margin + negative[:, None] - positive[:, :, None]).clamp_min(0)  # [B, P, K]
    pairs = (violation > 0).sum((1, 2)).to(violation)
    return (violation.sum((1, 2)) / (pairs + 1e-8)).mean()


def label_loss(
    logits: Tensor,
    tags: Tensor,
    ranking: NotNegative = 1.0,
    binary: NotNegative = 0.0,
    margin: NotNegative = 1.0,
) -> Tensor:
    """ranking x the ranking loss (the paper's alone, by default) + binary x the mean cross entropy of each known tag."""
    loss = ranking * ranking_loss(logits, tags, margin) if ranking else logits.new_zeros(())
    if binary:
        known = tags != 0
        each = F.binary_cross_entropy_with_logits(logits, (tags > 0).to(logits), reduction="none")
        loss = loss + binary * (each * known).sum() / known.sum().clamp_min(1)
    return loss
