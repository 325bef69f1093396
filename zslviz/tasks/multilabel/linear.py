"""A linear map from the pooled feature to labels, in closed form, which a network's scores may be added to.

Scores are x M G [v; 1] with M = (X'X / N + r s I)^-1 X'Y S / N and G = (S'S + q I)^-1: the closed form of ESZSL (Romera-Paredes and
Torr, ICML 2015) with tags 1 and 0 instead of 1 and -1. s is the mean square of the features; unknown tags count as 0.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from zslviz.features.cache import FeatureCache
from zslviz.features.pooled import region_means
from zslviz.models.label_linear import unit_mean_square
from zslviz.tasks.multilabel.choice import LabelProblem
from zslviz.tasks.multilabel.imagenet import Auxiliary, auxiliary_labels
from zslviz.tasks.multilabel.settings import LabelRecipe, LinearSettings

_CONSTANT = 0.3  # beside the label vector: what all labels have in common
_TAG_SPREAD = 0.1  # standard deviation of an auxiliary label's tags, about that of a true label's


def linear_map(recipe: LabelRecipe, problem: LabelProblem, caches: Sequence[FeatureCache]) -> Tensor:
    """The linear map [C + 1, D + 1] of a problem's pooled training features to its seen labels (`solve_linear`)."""
    settings = LinearSettings(**recipe.linear)
    features = pooled_features(caches, problem.train)
    auxiliary = None
    if settings.auxiliary:
        auxiliary = auxiliary_labels(recipe.backbone, problem.space, features, settings.temperature)
    seen = np.flatnonzero(problem.space.seen)
    tags = torch.from_numpy(problem.labels[problem.train][:, seen]).repeat(len(caches), 1)
    vectors = torch.from_numpy(problem.space.vectors[seen])
    if recipe.model.get("feature_norm"):
        features = unit_mean_square(features)
    return solve_linear(features, tags, vectors, settings, auxiliary)


def pooled_features(caches: Sequence[FeatureCache], photos: NDArray[np.int64]) -> Tensor:
    """The mean over regions of c5: float32 [V N, C], one cache after the other."""
    return torch.from_numpy(np.concatenate([region_means(cache, photos)["c5"] for cache in caches]))


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


def _with_constant(vectors: Tensor) -> Tensor:
    return torch.cat([vectors, torch.full_like(vectors[:, :1], _CONSTANT)], 1).double()
