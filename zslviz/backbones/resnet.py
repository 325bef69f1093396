"""ResNet-50 and ResNet-101 (He et al. 2016), the backbone of the Mg-MRN and MSDN papers: torchvision's networks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

import zslviz.backbones.torchvision_compat  # noqa: F401  (before torchvision)
from zslviz.backbones.weights import imagenet_state_dict, read_state_dict
from zslviz.errors import ConfigError


class ResNetPyramid(nn.Module):
    """c3, c4, c5 are the outputs of `layer2`, `layer3`, `layer4`."""

    network: Any  # its layers are found by name
    idle = ("network.fc.",)  # no feature depends on them

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def early(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """c3 and c4 of normalised pixels [B, 3, S, S]."""
        net = self.network
        x = net.maxpool(net.relu(net.bn1(net.conv1(x))))  # [B, 64, S/4, S/4]
        c3 = net.layer2(net.layer1(x))
        return c3, net.layer3(c3)

    def last_stage(self) -> nn.Module:
        """The layers from c4 to c5: the network's own, not a copy."""
        return self.network.layer4

    def classify(self, x: Tensor) -> Tensor:
        c5 = self.last_stage()(self.early(x)[1])
        return self.network.fc(torch.flatten(self.network.avgpool(c5), 1))


def build_network(name: str, weights: str | Path | None) -> ResNetPyramid:
    """torchvision's `name` with its ImageNet weights ("default"), a file's, or random ones (None)."""
    import torchvision.models as models

    network = models.get_model(name, weights=None)
    if weights == "default":
        network.load_state_dict(imagenet_state_dict(name))
    elif weights is not None:
        state = _unwrapped(read_state_dict(weights), network)
        missing, unexpected = network.load_state_dict(_shapes_checked(state, network, str(weights)), strict=False)
        if [m for m in missing if not m.startswith("fc.")] or [u for u in unexpected if not u.startswith("fc.")]:
            raise ConfigError(f"'{weights}' does not hold the weights of {name}: its tensors have other names.")
    return ResNetPyramid(network)


def _unwrapped(state: dict[str, Tensor], network: nn.Module) -> dict[str, Tensor]:
    """A state dict without what a training put before all names of the network (`module.`, `backbone.`, `encoder_q.`)."""
    first = next(iter(network.state_dict()))
    before = [name.removesuffix(first) for name in state if name.endswith(f".{first}")]
    if first in state or not before:
        return state
    outer = min(before, key=len)  # blocks have a layer of that name as well
    return {name.removeprefix(outer): tensor for name, tensor in state.items() if name.startswith(outer)}


def _shapes_checked(state: dict[str, Tensor], network: nn.Module, source: str) -> dict[str, Tensor]:
    own = network.state_dict()
    for key, tensor in state.items():
        if key in own and own[key].shape != tensor.shape:
            raise ConfigError(
                f"'{source}' does not fit: '{key}' is {tuple(tensor.shape)}, not {tuple(own[key].shape)}."
            )
    return state
