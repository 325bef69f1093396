"""A linear map from the pooled feature to labels, in closed form: a yardstick, and what BiAM's scores may be added to.

Scores are x M G [v; 1] with M = (X'X / N + r s I)^-1 X'Y S / N and G = (S'S + q I)^-1: the closed form of ESZSL (Romera-Paredes and
Torr, ICML 2015) with tags 1 and 0 instead of 1 and -1. s is the mean square of the features; unknown tags count as 0.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from zslviz.models.biam.imagenet import Auxiliary
from zslviz.models.biam.network import BiAM

_CONSTANT = 0.3  # beside the label vector: what all labels have in common
_TAG_SPREAD = 0.1  # standard deviation of an auxiliary label's tags, about that of a true label's


@dataclass(frozen=True)
class LinearSettings:
    """scale, offset: of the scores, which are about 0 to 1 before. feature_ridge, label_ridge: r and q.

    auxiliary: weight of the backbone's own classes as further labels (`label_auxiliary`), 0 for none; temperature: theirs.
    weight: of the trained network's own scores beside the linear map's. prior: how much is kept of what the average photo scores
    for a label, 0 to 1; a word's vector says little of how frequent a label is, so what is guessed for unseen ones misleads.
    """

    feature_ridge: float = 3.0
    label_ridge: float = 0.1
    scale: float = 10.0
    offset: float = -4.0
    auxiliary: float = 0.0
    temperature: float = 1.0
    weight: float = 1.0
    prior: float = 1.0


def solve_linear(
    features: Tensor, tags: Tensor, vectors: Tensor, settings: LinearSettings, auxiliary: Auxiliary | None = None
) -> Tensor:
    """The matrix B [C + 1, D + 1] of scores [x; 1]' B [v; 1], as float64.

    features: [N, C]. tags: [N, K] of the labels with the vectors [K, D]. auxiliary: further labels of the same photos.
    """
    features, targets = features.double(), (tags > 0).double()
    label_side, weights = _with_constant(vectors), torch.ones(len(vectors), dtype=torch.double)
    if auxiliary is not None:
        targets = torch.cat([targets, _TAG_SPREAD * auxiliary.tags.double()], 1)
        label_side = torch.cat([label_side, _with_constant(auxiliary.vectors)])
        weights = torch.cat([weights, torch.full_like(auxiliary.vectors[:, 0], settings.auxiliary).double()])
    weighted = label_side * weights[:, None]
    mean, count = features.mean(0), len(features)
    centred = features - mean
    ridge = settings.feature_ridge * centred.square().mean()
    gram = centred.mT @ centred / count + ridge * torch.eye(len(mean), dtype=torch.double, device=features.device)
    slopes = torch.linalg.solve(gram, centred.mT @ targets / count @ weighted)  # [C, D + 1]
    constant = settings.prior * (targets.mean(0) @ weighted) - mean @ slopes
    inner = label_side.mT @ weighted
    inner += settings.label_ridge * torch.eye(len(inner), dtype=torch.double, device=inner.device)
    matrix = settings.scale * torch.linalg.solve(inner, torch.cat([slopes, constant[None]]).mT).mT
    matrix[-1, -1] += settings.offset / _CONSTANT
    matrix[:, -1] *= _CONSTANT
    return matrix


@torch.no_grad()
def join_linear(network: BiAM, matrix: Tensor, weight: float) -> BiAM:
    """The network with the linear map of `matrix` as its linear part, its own scores (about 0 on average) weighing `weight`.

    The matrix is parted into both sides by its singular values, half of each to either side. The result shares no weights.
    """
    left, values, right = torch.linalg.svd(matrix, full_matrices=False)
    rank = int((values > 1e-6 * values[0]).sum())
    halves = values[:rank].sqrt()
    joined = BiAM(replace(network.config, linear=rank)).to(network.W.weight.device)
    joined.load_state_dict(network.state_dict(), strict=False)
    joined.W.weight.mul_(weight)
    joined.W.bias.mul_(weight)
    part = joined.linear
    assert part is not None
    part.features.weight.copy_((left[:-1, :rank] * halves).mT)
    part.features.bias.copy_(left[-1, :rank] * halves)
    part.labels.weight.copy_(right[:rank, :-1] * halves[:, None])
    part.labels.bias.copy_(right[:rank, -1] * halves)
    return joined.eval().to(memory_format=torch.channels_last)  # type: ignore[no-any-return, call-overload]


def _with_constant(vectors: Tensor) -> Tensor:
    return torch.cat([vectors, torch.full_like(vectors[:, :1], _CONSTANT)], 1).double()


def linear_scores(matrix: Tensor, features: Tensor, vectors: Tensor) -> NDArray[np.float32]:
    """Scores [N, K] of features [N, C] for labels with the vectors [K, D]."""
    slopes = features.double() @ matrix[:-1] + matrix[-1]
    scores: NDArray[np.float32] = (slopes[:, :-1] @ vectors.double().mT + slopes[:, -1:]).float().numpy()
    return scores


def unit_mean_square(features: Tensor) -> Tensor:
    """Vectors [N, C] brought to a root mean square of 1, as BiAM's `feature_norm` does."""
    return torch.nn.functional.normalize(features, dim=1) * math.sqrt(features.shape[1])
