"""The untrained twin of a model: the same network with its weights shuffled (Adebayo et al. 2018)."""

from __future__ import annotations

import copy
from dataclasses import replace

import torch
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
