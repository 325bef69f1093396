"""Terms of losses on scaled cosines in which unseen classes' rows of the table take part (PSVMA, PSVMA+)."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

EPS = 1e-5
"""Added to both lengths of a cosine, as the authors do."""


def cosines(vectors: Tensor, prototypes: Tensor) -> Tensor:
    """[.., A], [K, A] -> [.., K]."""
    unit = [x / (x.norm(dim=-1, keepdim=True) + EPS) for x in (vectors, prototypes)]
    return unit[0] @ unit[1].mT


def seen_cross_entropy(logits: Tensor, labels: Tensor, seen: Tensor, label_smoothing: float = 0.0) -> Tensor:
    """Over the seen classes alone: logits [B, K] of all, labels [B] among all, seen bool [K] -> a scalar."""
    position = torch.where(seen, seen.cumsum(0) - 1, -1)[labels]
    return F.cross_entropy(logits[:, seen], position, label_smoothing=label_smoothing)


def debias(logits: Tensor, seen: Tensor) -> Tensor:
    """relu(mean seen - mean unseen) + relu(std seen - std unseen) of each photo's logits [B, K], their mean; 0 without unseen ones.

    Deviations (with n - 1) are compared where both sides have at least two classes.
    """
    sides = logits[:, seen], logits[:, ~seen]
    fewest = min(side.shape[1] for side in sides)
    if not fewest:
        return logits.new_zeros(())
    means = [side.mean(1) for side in sides]
    apart = (means[0] - means[1]).relu()
    if fewest > 1:
        deviations = [side.std(1) for side in sides]
        apart = apart + (deviations[0] - deviations[1]).relu()
    return apart.mean()
