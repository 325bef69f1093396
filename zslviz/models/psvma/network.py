"""PSVMA: attributes adapt to the photo, then the photo's regions to the attributes (Liu et al., CVPR 2023).

The module (`models.mutual_adaptation`) is used twice with the same weights. In the paper the last block of a vision transformer,
which is trained along, lies between; where regions come from frozen stages of another backbone, one layer brings them to the
module's width and nothing lies between (ours).

An attribute's score is the mean over regions of y_r . V_a, so that each region's term, y_r . V_a / R, is exact and nothing comes
from no place. But regions have taken from each other by then: a term sits at a place, and need not come from there alone. The
largest logit of an attribute's look at the regions is what training draws to the class's value; it is offered as a map of its own,
before and after the attribute has adapted to the photo. The attention made of the logits is nearly even, and is not offered.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import torch
from pydantic import Field
from torch import Tensor, nn

from zslviz.backbones.base import Backbone
from zslviz.backbones.features import STRIDES, TOKENS, Features
from zslviz.backbones.vit import Block, VisionTransformer, with_class_token
from zslviz.errors import ConfigError
from zslviz.files.typed import BelowOne, Finite, Positive, Width
from zslviz.models.mutual_adaptation import Adapted, MutualAdaptation, detectors, highest
from zslviz.models.output import AttributeOutput, Insight
from zslviz.models.regions import Regions, channels_of, check_region_config

PATCH = 16


@dataclass(frozen=True)
class PSVMAConfig:
    """Sizes. channels, fine_scale, lag: of the regions (`models.regions.RegionConfig`). side: of their grid, in cells.

    stages: c5, c4 joined to c5, or the "tokens" of a vision transformer, as in the paper: then width is theirs, heads are those of
    its last block, and ratio is how much wider its feed-forward is. width: of regions and attributes. mixing: hidden size of the
    regions' mixing. groups: by how many the number of attributes is divided for the hidden size of their gate. dropout: of regions,
    and of their mixing.
    """

    attributes: Width
    word_dim: Width
    channels: Width | tuple[Width, Width]
    side: Width
    width: Width = 128
    mixing: Width = 128
    groups: Width = 9
    dropout: BelowOne = 0.0
    heads: Annotated[int, Field(ge=1, le=64)] = 12
    ratio: Positive = 4.0
    stages: tuple[Literal["c4", "c5", "tokens"], ...] = ("c5",)
    fine_scale: Positive = 0.5
    lag: Finite = 0.0

    def __post_init__(self) -> None:
        if self.stages != (TOKENS,):
            check_region_config(self)
            return
        if self.width != self.channels:
            raise ConfigError(f"The width of tokens is that of the transformer, {self.channels}, not {self.width}.")
        if self.width % self.heads:
            raise ConfigError(f"'width' is {self.width}; it has to be a multiple of 'heads', {self.heads}.")


class LastBlock(nn.Module):
    """A transformer's last block, fed with its class token and its positions as they are at the start, a second time."""

    def __init__(self, width: int, heads: int, grid: int, ratio: float) -> None:
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, width))
        self.pos_embed = nn.Parameter(0.02 * torch.randn(1, 1 + grid * grid, width))
        self.block = Block(width, heads, ratio)

    def take_from(self, network: VisionTransformer) -> None:
        """Class token and positions are the network's own from now on, and the block starts as its last one."""
        self.cls_token, self.pos_embed = network.cls_token, network.pos_embed
        self.block.load_state_dict(network.blocks[-1].state_dict())

    def forward(self, patches: Tensor) -> Tensor:
        """[B, R, C] -> the same."""
        return self.block(with_class_token(patches, self.cls_token, self.pos_embed))[:, 1:]


class PSVMA(nn.Module):
    """Attribute scores from one map of regions."""

    wants_global = False
    granularities = ("adapted",)
    word_vectors: Tensor

    def __init__(self, config: PSVMAConfig) -> None:
        super().__init__()
        self.config = config
        self.stages = config.stages
        self.strides = (STRIDES.get(config.stages[0], PATCH),)
        self.map_stride = self.strides[0]
        c, a = config.width, config.attributes
        self.embed = None if config.stages == (TOKENS,) else nn.Linear(sum(channels_of(config)), c)  # type: ignore[arg-type]
        self.between = LastBlock(c, config.heads, config.side, config.ratio) if self.embed is None else None
        self.W = nn.Parameter(torch.randn(config.word_dim, c) / config.word_dim**0.5)
        self.V = nn.Parameter(torch.randn(c, a) / c**0.5)
        gate = max(1, a // config.groups)
        self.module = MutualAdaptation(a, config.side**2, c, config.mixing, gate, config.dropout)
        self.dropout = nn.Dropout(config.dropout)
        self.register_buffer("word_vectors", torch.zeros(a, config.word_dim))

    @torch.no_grad()
    def set_word_vectors(self, word_vectors: Tensor) -> None:
        """Fixes the attributes' word vectors [A, D]."""
        self.word_vectors.copy_(word_vectors)

    def take_from(self, backbone: Backbone) -> None:
        """Starts what lies between from the backbone that is trained along."""
        if self.between is not None:
            self.between.take_from(backbone.network)

    def regions(self, features: Features) -> tuple[Tensor, torch.Size]:
        """Regions as the module takes them, [B, R, C], and their grid. Raises ConfigError for a grid that it is not made for."""
        if self.embed is None:
            tokens = features.stages[TOKENS]
            found, grid = tokens.flatten(2).mT, tokens.shape[-2:]
        else:
            read = Regions.of(features, self.config)  # type: ignore[arg-type]
            found, grid = self.dropout(read.products(self.embed.weight) + self.embed.bias), read.grid
        if tuple(grid) != (self.config.side, self.config.side):
            raise ConfigError(
                f"This model mixes {self.config.side} x {self.config.side} regions and no other number; the photo has "
                f"{grid[0]} x {grid[1]}."
            )
        return found, grid

    def adapt(self, regions: Tensor) -> tuple[Adapted, Adapted]:
        """The module's two uses on regions [B, R, C]."""
        attributes = self.word_vectors @ self.W
        first = self.module(regions, attributes)
        inner = first.regions if self.between is None else self.between(first.regions)
        return first, self.module(inner, attributes)

    def forward(self, features: Features, explain: bool = False) -> AttributeOutput:
        regions, grid = self.regions(features)
        first, second = self.adapt(regions)
        if not explain:
            scores = (second.regions.mean(1) @ self.V)[None]
            learned = (torch.cat([highest(first), highest(second)]),) if self.training else ()
            return AttributeOutput(scores, learned=learned)
        evidence = (second.regions @ self.V).mT / grid.numel()  # [B, A, R]
        return AttributeOutput(
            evidence.sum(-1)[None],
            evidence=evidence.unflatten(-1, grid)[None],
            bias=evidence.new_zeros(1, self.config.attributes),
            further=detectors([logits.unflatten(-1, grid)[None] for logits in second.logits]),
            insights=(Insight(*_ADAPTED, self.adapted_by(second), unit="times its own length"),),
        )

    def adapted_by(self, seen: Adapted) -> Tensor:
        """|p - s| / |s| of each attribute: [B, A]."""
        own = self.word_vectors @ self.W
        return (seen.attributes - own).norm(dim=-1) / own.norm(dim=-1).clamp(min=1e-12)


_ADAPTED = (
    "adapted",
    "How far attributes adapted to this photo",
    "How long what this photo added to each attribute’s own vector is, that vector being 1 long. Those that changed most.",
    ("attribute",),
)
