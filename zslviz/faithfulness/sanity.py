"""Randomised weights (Adebayo et al. 2018): a map that stays the same when the model forgets everything explains the photo, not
the model."""

from __future__ import annotations

import copy
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.stats import rankdata
from torch import nn

from zslviz.tasks.attributes.explainer import AttributeExplainer


def with_shuffled_weights(explainer: AttributeExplainer, seed: int = 0) -> AttributeExplainer:
    """The same model with the numbers of every tensor of its head in random order: spreads stay, what was learned goes."""
    checkpoint = replace(explainer.checkpoint, network=shuffled(explainer.checkpoint.network, seed))
    return AttributeExplainer(checkpoint, explainer.encoder, explainer.device)


@torch.no_grad()
def shuffled(network: nn.Module, seed: int = 0) -> nn.Module:
    """A copy of a network with every tensor's numbers permuted."""
    generator = torch.Generator().manual_seed(seed)
    copied = copy.deepcopy(network).eval()
    for tensor in copied.state_dict().values():
        order = torch.randperm(tensor.numel(), generator=generator).to(tensor.device)
        tensor.copy_(tensor.flatten()[order].view_as(tensor))
    return copied


def rank_correlation(first: NDArray[np.float32], second: NDArray[np.float32]) -> NDArray[np.float64]:
    """Spearman's correlation of maps [N, H, W], pair by pair: float64 [N]; NaN where a map is the same everywhere."""
    ranks = [rankdata(maps.reshape(len(maps), maps[0].size if len(maps) else 1), axis=1) for maps in (first, second)]
    a, b = (r - r.mean(axis=1, keepdims=True) for r in ranks)
    size = np.sqrt((a**2).sum(1) * (b**2).sum(1))
    return np.where(size > 0, (a * b).sum(1) / np.where(size > 0, size, 1), np.nan)
