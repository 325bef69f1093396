"""The loss of our construction of GBE-MLZSL: all parts together rank labels, each group does alone, and groups stay apart."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from zslviz.files.typed import NotNegative
from zslviz.models.label_loss import label_loss, ranking_loss


def training_loss(
    logits: Tensor,
    tags: Tensor,
    group_logits: Tensor,
    group_vectors: Tensor,
    shares: Tensor,
    whole: Tensor,
    ranking: NotNegative = 1.0,
    binary: NotNegative = 0.0,
    margin: NotNegative = 1.0,
    groups: NotNegative = 0.1,
    apart: NotNegative = 0.1,
    balance: NotNegative = 0.1,
    principal: NotNegative = 0.1,
) -> Tensor:
    """logits [B, K], tags [B, K] in {+1, -1, 0}, group_logits [B, N, K], group_vectors [B, N, E], shares [B, N], whole [B, E].

    ranking, binary: of the label loss on all parts together. groups: x the ranking loss of each group alone, so that none leans on
    the others. apart: x the mean squared cosine between two groups of a photo. balance: x how far groups' mean shares of a batch
    are from equal (log N less their entropy). principal: x (1 - cosine) between a photo's groups together and its whole map.
    """
    n = group_logits.shape[1]
    loss = label_loss(logits, tags, ranking, binary, margin)
    if groups:
        loss = loss + groups * ranking_loss(group_logits.flatten(0, 1), tags.repeat_interleave(n, 0), margin)
    if apart:
        cosines = F.cosine_similarity(group_vectors[:, :, None], group_vectors[:, None], dim=-1)
        others = ~torch.eye(n, dtype=torch.bool, device=cosines.device)
        loss = loss + apart * cosines[:, others].square().mean()
    if balance:
        mean = shares.mean(0)
        loss = loss + balance * (math.log(n) + (mean * mean.clamp_min(1e-12).log()).sum())
    if principal:
        loss = loss + principal * (1 - F.cosine_similarity(group_vectors.sum(1), whole, dim=-1)).mean()
    return loss
