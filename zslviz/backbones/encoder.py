"""What the compositional network sees with: a photo's stages and global vector, and vectors of words, from one kind of encoder.

`BackboneEncoder` pairs a CNN's pyramid with shipped word vectors; `zslviz.backbones.clip.ClipEncoder` has both from CLIP.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from torch import Tensor

from zslviz.backbones import Backbone
from zslviz.words.source import WordSource


@dataclass(frozen=True, eq=False)
class EncodedImage:
    """B photos. stages: maps of tokens, each [B, C, H, W]. global_vector: [B, C], None where the last stage is pooled instead."""

    stages: tuple[Tensor, ...]
    global_vector: Tensor | None


class Encoder(Protocol):
    """stages: their names. channels: C of each. global_channels: of the global vector, 0 without one. size: side of the input."""

    @property
    def stages(self) -> tuple[str, ...]: ...

    @property
    def channels(self) -> tuple[int, ...]: ...

    @property
    def global_channels(self) -> int: ...

    @property
    def size(self) -> int: ...

    @property
    def words(self) -> WordSource:
        """What gives states and objects their vectors."""

    def encode(self, pixels: Tensor) -> EncodedImage:
        """Pixels 0..255 [B, 3, S, S]. Raises ConfigError for a side that does not fit."""


class BackboneEncoder:
    """The stages of a backbone and the vectors of a source of words; the network pools the last stage itself."""

    global_channels = 0

    def __init__(self, backbone: Backbone, words: WordSource, stages: tuple[str, ...] = ("c3", "c4", "c5")) -> None:
        self.backbone = backbone
        self.words = words
        self.stages = stages
        channels = dict(zip(("c3", "c4", "c5"), backbone.spec.channels, strict=True))
        self.channels = tuple(channels[name] for name in stages)
        self.size = backbone.spec.input_size

    def encode(self, pixels: Tensor) -> EncodedImage:
        """Pixels 0..255 [B, 3, S, S], S a multiple of 32. Raises ConfigError."""
        pyramid = self.backbone(pixels)
        return EncodedImage(tuple(getattr(pyramid, name) for name in self.stages), None)
