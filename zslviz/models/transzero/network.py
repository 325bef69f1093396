"""TransZero: a small transformer between regions and attributes (Chen et al., AAAI 2022, arXiv 2112.01683).

Regions look at each other, held apart by a learned curve of their distance; attributes look at each other and then at the regions;
an attribute's score is the product of what it has become with its own direction.

Departures from the authors' code: their second embedding of features, and without self-attention of attributes its layers, take
no part and are left out. What attributes see of each other before they see a photo is computed once for all photos, which changes
nothing but where dropout falls. Grids need not be square.

Evidence: with attention, the norms' deviations and the ReLU's mask at this photo's values the last layer is affine, so that each
region's term is exact. A large part comes from no region: the attribute's own vector and the biases, what the model would say
without looking.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, NamedTuple

import torch
import torch.nn.functional as F
from pydantic import Field
from torch import Tensor, nn

from zslviz.backbones.features import STRIDES, Features
from zslviz.errors import ConfigError
from zslviz.files.typed import BelowOne, Finite, Positive, Width
from zslviz.models.output import AttributeOutput, Insight
from zslviz.models.regions import Regions, RegionStages, channels_of, check_region_config
from zslviz.models.transzero.geometry import SINES, apart, embedding
from zslviz.models.transzero.layers import Crossed, DecoderLayer, EncoderLayer

Layers = Annotated[int, Field(ge=1, le=12)]


@dataclass(frozen=True)
class TransZeroConfig:
    """Sizes. channels, stages, fine_scale, lag: of the regions (`models.regions.RegionConfig`); c5 alone in the paper.

    width: d of regions and attributes; feed_forward: of the layers in between. encoder_layers, decoder_layers: one each in the
    paper; heads: of the decoder. dropout: of both. self_attention: whether attributes look at each other (not on SUN).
    normalize_word_vectors: bring them back to unit length in every forward (on AWA2).
    """

    attributes: Width
    word_dim: Width
    channels: Width | tuple[Width, Width]
    width: Width = 300
    feed_forward: Width = 512
    encoder_layers: Layers = 1
    decoder_layers: Layers = 1
    heads: Layers = 1
    dropout: BelowOne = 0.4
    self_attention: bool = True
    normalize_word_vectors: bool = False
    stages: RegionStages = ("c5",)
    fine_scale: Positive = 0.5
    lag: Finite = 0.0

    def __post_init__(self) -> None:
        check_region_config(self)
        if self.width % self.heads:
            raise ConfigError(f"'width' is {self.width}; it has to be a multiple of 'heads', {self.heads}.")


class Said(NamedTuple):
    """What does not depend on the photo: queries [A, d] of the first look at the regions, the attention of attributes among
    themselves [heads, A, A] or None, and each attribute's direction u [A, d]."""

    queries: Tensor
    among: Tensor | None
    directions: Tensor


class TransZero(nn.Module):
    """Attribute scores from one feature map."""

    wants_global = False
    granularities = ("attended",)

    def __init__(self, config: TransZeroConfig) -> None:
        super().__init__()
        self._folded: Said | None = None
        self.config = config
        self.stages = config.stages
        self.strides = (STRIDES[config.stages[0]],)
        self.map_stride = self.strides[0]
        d, f, rate = config.width, config.feed_forward, config.dropout
        self.V = nn.Parameter(F.normalize(torch.randn(config.attributes, config.word_dim), dim=1))
        self.W_1 = nn.Parameter(torch.randn(config.word_dim, d))
        self.embed_regions = nn.Linear(sum(channels_of(config)), d)
        self.embed_attributes = nn.Linear(config.word_dim, d)
        self.geometry = nn.Linear(SINES, 1)
        self.encoder = nn.ModuleList(EncoderLayer(d, f, rate) for _ in range(config.encoder_layers))
        self.decoder = nn.ModuleList(
            DecoderLayer(d, f, config.heads, rate, config.self_attention) for _ in range(config.decoder_layers)
        )

    @torch.no_grad()
    def set_word_vectors(self, word_vectors: Tensor) -> None:
        """Starts V from the attributes' word vectors [A, D], each at unit length."""
        self.V.copy_(F.normalize(word_vectors, dim=1))

    @torch.no_grad()
    def fold(self) -> None:
        """Keeps what does not depend on the photo; `train()` and `eval()` forget it."""
        self._folded = self.said()

    def train(self, mode: bool = True) -> TransZero:
        self._folded = None
        return super().train(mode)

    def said(self) -> Said:
        """What does not depend on the photo."""
        words = F.normalize(self.V, dim=1) if self.config.normalize_word_vectors else self.V
        queries, among = self.decoder[0].among(self.embed_attributes(words))  # type: ignore[operator]
        return Said(queries, among, words @ self.W_1)

    def distance_weight(self, grid: torch.Size) -> Tensor:
        """What is taken from the attention of one region on another: [R, R], the learned curve of their distance."""
        return self.geometry(embedding(*grid).to(self.geometry.weight)).squeeze(-1).relu()

    def encode(self, features: Features) -> tuple[Tensor, list[Tensor], torch.Size]:
        """Regions that have looked at each other [B, R, d], the attention of each layer [B, R, R], and their grid."""
        regions = Regions.of(features, self.config)
        h = regions.products(self.embed_regions.weight) + self.embed_regions.bias
        weight, attention = self.distance_weight(regions.grid), []
        for layer in self.encoder:
            h, looked = layer(h, weight)
            attention.append(looked)
        return h, attention, regions.grid

    def decode(self, said: Said, memory: Tensor) -> list[Crossed]:
        """Each layer's look at the regions."""
        seen: list[Crossed] = []
        for layer in self.decoder:
            queries = layer.among(seen[-1].out)[0] if seen else said.queries  # type: ignore[operator]
            seen.append(layer(queries, memory))
        return seen

    def forward(self, features: Features, explain: bool = False, attend: bool = False) -> AttributeOutput:
        """attend: the last layer's attention on regions with the scores, to be learned from; no other map."""
        said = self._folded or self.said()
        memory, _, grid = self.encode(features)
        last = self.decode(said, memory)[-1]
        scores = (last.out * said.directions).sum(-1)[None]  # [1, B, A]
        attention = last.attention.mean(1).unflatten(-1, grid)[None]
        if not explain:
            return AttributeOutput(scores, attention=attention if attend else None)
        evidence, bias = self.decoder[-1].evidence(last, memory, said.directions)  # type: ignore[operator]
        return AttributeOutput(
            scores,
            attention=attention,
            evidence=evidence.unflatten(-1, grid)[None],
            bias=bias[None],
            insights=tuple(self._insights(said, grid)),
        )

    def _insights(self, said: Said, grid: torch.Size) -> Iterator[Insight]:
        """What is so whatever the photo: the curve of distances, and what attributes take from each other."""
        far = apart(*grid).to(self.geometry.weight)
        steps = far.round().long().flatten()  # in cells
        counted = torch.bincount(steps).clamp(min=1)
        taken = torch.zeros(len(counted)).to(far).index_add_(0, steps, self.distance_weight(grid).flatten()) / counted
        at = tuple(float(step) for step in range(len(counted)))
        yield Insight(*_DISTANCE, taken, "model", "taken off", at=at, across="cells apart", term="distance")
        if said.among is not None:
            shares = said.among.mean(0)
            yield Insight(*_AMONG, shares * shares.shape[-1], "model", "times an even share", term="among")


_DISTANCE = (
    "distance",
    "What distance takes off when places look at each other",
    "Before attributes look, every place of the photo looks at every other one. This much is taken off that, on average over all "
    "places so far apart: 0 nothing, 0.7 half of it.",
    ("at",),
)
_AMONG = (
    "among",
    "What attributes take from each other",
    "Before they see a photo attributes look at each other. Those that the one shown looks at most: 1 is as much as at any.",
    ("attribute", "attribute"),
)
