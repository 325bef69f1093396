"""A backbone with what must be known of it: the record, and the network that takes pixels and gives stages."""

from __future__ import annotations

import copy
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from zslviz.backbones.features import STAGES, Features
from zslviz.errors import ConfigError


@dataclass(frozen=True)
class BackboneSpec:
    """What must be known of a backbone before it is built.

    channels: of c3, c4, c5. input_size: the side in pixels it is used at unless a recipe says otherwise.
    mean, std: normalisation of pixels in 0..255, per channel. weights: where its weights come from, in words.
    shift: how many pixels of the input further right and down than its middle a cell of c3, c4, c5 sees, because of padding on
    one side only (measured by benchmarks/placement.py). global_channels: of its vector of the whole photo; 0 if it makes none.
    fixed_size: whether `input_size` is the only side that it takes. patch: of a transformer, the side in pixels of its "tokens"
    (`features.TOKENS`); 0 for other networks.
    """

    name: str
    channels: tuple[int, int, int]
    input_size: int
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    weights: str
    shift: tuple[float, float, float] = (0.0, 0.0, 0.0)
    global_channels: int = 0
    fixed_size: bool = False
    patch: int = 0

    @property
    def stage_channels(self) -> dict[str, int]:
        """Channels by the name of the stage."""
        return dict(zip(STAGES, self.channels, strict=True))

    @property
    def stage_shift(self) -> dict[str, float]:
        """Shifts by the name of the stage."""
        return dict(zip(STAGES, self.shift, strict=True))

    def check_size(self, size: int) -> None:
        """Raises ConfigError if photos of that side in pixels cannot be its input."""
        if self.fixed_size and size != self.input_size:
            raise ConfigError(
                f"'{self.name}' sees {self.input_size} pixels and no other size; write 'size: {self.input_size}'."
            )
        if size < 32 or size % 32:
            raise ConfigError(f"The input side must be a multiple of 32 pixels, not {size}.")


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
        computed = self.computed(self.normalize(pixels), stages)
        return Features({name: stage for name, stage in computed.items() if name in stages})

    def computed(self, x: Tensor, stages: Collection[str]) -> dict[str, Tensor]:
        """At least the stages that are asked for, of normalised pixels."""
        c3, c4 = self.network.early(x)
        found = {"c3": c3, "c4": c4}
        if "c5" in stages:
            found["c5"] = self.network.last_stage()(c4)
        return found

    def last_stage(self) -> nn.Module:
        """A copy of the layers from c4 to c5, to be trained on: [B, C4, S/16, S/16] -> [B, C5, S/32, S/32]."""
        return copy.deepcopy(self.network.last_stage())

    def global_vector(self, c5: Tensor) -> Tensor:
        """The network's own vector of the whole photo: c5 [B, C, S/32, S/32] -> [B, G]. Only where the specification has one."""
        return self.network.global_vector(c5)

    def classify(self, pixels: Tensor) -> Tensor:
        """ImageNet logits [B, 1000] of the pretrained classifier; it proves that the weights sit where they should."""
        return self.network.classify(self.normalize(pixels))


class UnpartedBackbone(Backbone):
    """A backbone whose layers cannot be taken apart: its last stage cannot be trained alone, and it classifies nothing."""

    def last_stage(self) -> nn.Module:
        raise ConfigError(
            f"The layers of '{self.spec.name}' cannot be parted, so its last stage cannot be trained alone."
        )

    def classify(self, pixels: Tensor) -> Tensor:
        raise ConfigError(f"The classifier of '{self.spec.name}' is not at hand.")
