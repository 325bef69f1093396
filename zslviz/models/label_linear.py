"""A linear map in closed form beside a label network's own scores: its product of features and label vectors in two halves."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from typing_extensions import Self


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


class WithLinearPart(nn.Module):
    """A label network whose embeddings `W` gives classifiers for, beside those of a linear part if its configuration has one."""

    config: Any  # with a `linear`
    W: nn.Linear
    linear: LinearPart | None

    @torch.no_grad()
    def with_linear(self, matrix: Tensor, weight: float) -> Self:
        """This network with a linear map as its linear part, its own scores (about 0 on average) weighing `weight`; in eval mode.

        matrix: B [C + 1, D + 1] of scores [x; 1]' B [v; 1]. It is parted into both sides by its singular values, half of each to
        either side. The result shares no weights.
        """
        left, right = parted(matrix)
        joined = type(self)(replace(self.config, linear=left.shape[1])).to(self.W.weight.device)
        joined.load_state_dict(self.state_dict(), strict=False)
        joined.W.weight.mul_(weight)
        joined.W.bias.mul_(weight)
        assert joined.linear is not None
        joined.linear.take(left, right)
        return joined.eval().to(memory_format=torch.channels_last)  # type: ignore[no-any-return, call-overload]

    def classifiers(self, label_vectors: Tensor) -> Tensor:
        """What embeddings are multiplied with for each label: W v + b, [K, D] -> [K, E]; E counts the linear part."""
        own: Tensor = self.W(label_vectors)
        return own if self.linear is None else torch.cat([own, self.linear.labels(label_vectors)], dim=1)


def parted(matrix: Tensor) -> tuple[Tensor, Tensor]:
    """Both sides of B [C + 1, D + 1] of scores [x; 1]' B [v; 1], by its singular values: [C + 1, rank] and [rank, D + 1]."""
    left, values, right = torch.linalg.svd(matrix, full_matrices=False)
    rank = int((values > 1e-6 * values[0]).sum())
    halves = values[:rank].sqrt()
    return left[:, :rank] * halves, right[:rank] * halves[:, None]


def unit_mean_square(x: Tensor) -> Tensor:
    """Vectors along axis 1, each brought to a root mean square of 1 (networks' `feature_norm`)."""
    return F.normalize(x, dim=1) * x.shape[1] ** 0.5
