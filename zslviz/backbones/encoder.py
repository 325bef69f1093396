"""What a network sees with: photos in, features out. A backbone of ours, or CLIP (`zslviz.backbones.clip.ClipEncoder`)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Protocol

import torch
from torch import Tensor

from zslviz.backbones.base import Backbone
from zslviz.backbones.features import STAGES, Features
from zslviz.backbones.registry import is_backbone, unknown_backbone
from zslviz.errors import ConfigError
from zslviz.words.source import WordSource

CLIP = "clip"
"""What a checkpoint names as its encoder if it sees with CLIP; its backbone is then an architecture of open_clip."""


class Encoder(Protocol):
    """Photos to features. name: of the backbone or architecture. size: side of the input in pixels it is made for.

    channels: C of every stage that it can give. shift: how many pixels of the input further right and down than its middle a cell
    of each sees. global_channels: of the global vector, 0 without one.
    """

    @property
    def name(self) -> str: ...

    @property
    def size(self) -> int: ...

    @property
    def channels(self) -> Mapping[str, int]: ...

    @property
    def shift(self) -> Mapping[str, float]: ...

    @property
    def global_channels(self) -> int: ...

    @property
    def words(self) -> WordSource | None:
        """What gives names their vectors, if it brings such; None where the model's own source of word vectors does."""

    def encode(self, pixels: Tensor, stages: Collection[str]) -> Features:
        """Pixels 0..255 [B, 3, S, S] -> the stages asked for, at least. Raises ConfigError for a side that does not fit."""


class BackboneEncoder:
    """A backbone of ours. scene: its own vector of the whole photo (a VGG's fc7) goes with the features.

    Raises ConfigError if the backbone makes no such vector.
    """

    words = None

    def __init__(self, backbone: Backbone, scene: bool = False) -> None:
        spec = backbone.spec
        if scene and not spec.global_channels:
            raise ConfigError(f"'{spec.name}' makes no global vector of its own; use 'global_vector: mean'.")
        self.backbone = backbone
        self.name = spec.name
        self.size = spec.input_size
        self.channels = spec.stage_channels
        self.shift = spec.stage_shift
        self.global_channels = spec.global_channels if scene else 0

    @property
    def device(self) -> torch.device:
        """Where the backbone is."""
        return self.backbone.mean.device

    def encode(self, pixels: Tensor, stages: Collection[str]) -> Features:
        """Pixels 0..255 [B, 3, S, S], S a multiple of 32. Raises ConfigError."""
        return self.completed(self.backbone(pixels, self.needed(stages)))

    def needed(self, stages: Collection[str]) -> tuple[str, ...]:
        """The backbone's stages that features of some stages take: c5 too, if the global vector is made of it."""
        return tuple(name for name in STAGES if name in stages or (name == "c5" and self.global_channels))

    def completed(self, features: Features) -> Features:
        """Features of the backbone, just computed or from a cache, with the global vector if it is to go with them."""
        if not self.global_channels:
            return features
        return Features(features.stages, self.backbone.global_vector(features.stages["c5"]))


def sees_with_clip(backbone: str) -> bool:
    """Whether a recipe's `backbone` is an architecture of open_clip instead of one of ours. Raises UnknownNameError.

    Where open_clip is not installed, a name that sounds like a vision transformer's is a ConfigError that says so.
    """
    if is_backbone(backbone):
        return False
    from zslviz.backbones.clip import architectures

    known = architectures(required="vit" in backbone.casefold())
    if backbone not in known:
        raise unknown_backbone(backbone, known)
    return True
