"""A linear map in closed form beside a label network's own scores: its product of features and label vectors in two halves."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class LinearPart(nn.Module):
    """A linear map of features, and one of label vectors, whose products are added to the scores; not trained by descent.

    channels: of the features. word_dim: of the label vectors. rank: of the product. share: how much of it each region says of its
    own; the rest comes from the whole photo's vector.
    """

    def __init__(self, channels: int, word_dim: int, rank: int, share: float) -> None:
        super().__init__()
        self.share = share
        self.features = nn.Linear(channels, rank)
        self.labels = nn.Linear(word_dim, rank)
        self.requires_grad_(False)

    def forward(self, regions: Tensor, scene: Tensor) -> Tensor:
        """Regions [B, C, H, W] and global vectors [B, C] -> [B, rank, H, W]."""
        weight, bias = self.features.weight[:, :, None, None], self.features.bias
        return self.share * F.conv2d(regions, weight, bias) + (1 - self.share) * self.features(scene)[:, :, None, None]

    @torch.no_grad()
    def take(self, left: Tensor, right: Tensor) -> None:
        """Takes both sides over (`parted`)."""
        self.features.weight.copy_(left[:-1].mT)
        self.features.bias.copy_(left[-1])
        self.labels.weight.copy_(right[:, :-1])
        self.labels.bias.copy_(right[:, -1])


def parted(matrix: Tensor) -> tuple[Tensor, Tensor]:
    """Both sides of B [C + 1, D + 1] of scores [x; 1]' B [v; 1], by its singular values: [C + 1, rank] and [rank, D + 1]."""
    left, values, right = torch.linalg.svd(matrix, full_matrices=False)
    rank = int((values > 1e-6 * values[0]).sum())
    halves = values[:rank].sqrt()
    return left[:, :rank] * halves, right[:rank] * halves[:, None]


def unit_mean_square(x: Tensor) -> Tensor:
    """Vectors along axis 1, each brought to a root mean square of 1 (networks' `feature_norm`)."""
    return F.normalize(x, dim=1) * x.shape[1] ** 0.5
