"""VGG-19 (Simonyan and Zisserman 2015), the backbone of the BiAM paper: torchvision's network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

import zslviz.backbones.torchvision_compat  # noqa: F401  (before torchvision)
from zslviz.backbones.weights import imagenet_state_dict, read_state_dict
from zslviz.errors import ConfigError

_AFTER_CONV4, _AFTER_CONV5 = 27, 36  # positions in torchvision's list of layers, each before a pooling


class VGGPyramid(nn.Module):
    """c3 and c4 are the last maps of the fourth and fifth block (512 channels each), c5 is the pooled c4.

    At 224 px c4 is the paper's region map, 512 x 14 x 14.
    """

    network: Any  # its layers are found by name

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def early(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """c3 and c4 of normalised pixels [B, 3, S, S]."""
        c3 = self.network.features[:_AFTER_CONV4](x)
        return c3, self.network.features[_AFTER_CONV4:_AFTER_CONV5](c3)

    def last_stage(self) -> nn.Module:
        """The layers from c4 to c5: the network's own, not a copy."""
        return self.network.features[_AFTER_CONV5:]

    def global_vector(self, c5: Tensor) -> Tensor:
        """fc7 after its ReLU, what BiAM takes of the whole scene: c5 [B, 512, 7, 7] -> [B, 4096]."""
        return self.network.classifier[:-2](torch.flatten(self.network.avgpool(c5), 1))

    def classify(self, x: Tensor) -> Tensor:
        return self.network.classifier(torch.flatten(self.network.avgpool(self.last_stage()(self.early(x)[1])), 1))


def build_network(name: str, weights: str | Path | None) -> VGGPyramid:
    """torchvision's `name` with its ImageNet weights ("default"), a file's, or random ones (None)."""
    import torchvision.models as models

    network = models.get_model(name, weights=None, init_weights=False)
    if weights == "default":
        network.load_state_dict(imagenet_state_dict(name))
    elif weights is not None:
        own, state = network.state_dict(), read_state_dict(weights)
        if {k: v.shape for k, v in state.items()} != {k: v.shape for k, v in own.items()}:
            raise ConfigError(
                f"'{weights}' does not hold the weights of {name}: its tensors have other names or shapes."
            )
        network.load_state_dict(state)
    return VGGPyramid(network)
