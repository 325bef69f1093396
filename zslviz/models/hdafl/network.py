"""HDAFL: kernels of several sizes find each attribute's regions, and a transformer tells attributes apart (arXiv 2404.04953).

Our construction: no code of the authors is public, and no equation of the paper was at hand. From its abstract are that several
kernels learn the regions of attributes, that a transformer makes attributes easier to tell apart, that a contrast works against
the bias of the data set (`loss`), and from a summary the global vector by average pooling. All else is ours, so that no figure of
it speaks for or against the paper:

- the attribute encoder reads the attributes' trained vectors, and nothing of a photo: it can be computed once;
- an attribute's direction, which the encoder gives, serves twice: its products with the regions are what each of its kernels reads
  to say where to look, and with what is gathered there they are its score. What is gathered are the regions as they are, so that no
  place speaks for another;
- each size answers by itself, the global vector too, and class scores are a weighted sum chosen on validation.

Evidence: with the gathered feature's length frozen, alpha_kar (w_a v_r) / |u_ka| over regions is the score of size k. The
global one is (w'_a W_g x_r) / (R |W_g g|), g the mean region. Nothing is added that comes from no place: the bias is zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, NamedTuple

import torch
import torch.nn.functional as F
from pydantic import Field
from torch import Tensor, nn

from zslviz.backbones.features import STRIDES, Features
from zslviz.errors import ConfigError
from zslviz.files.typed import BelowOne, Finite, OddSide, Positive, Width
from zslviz.models.output import AttributeOutput
from zslviz.models.regions import Regions, RegionStages, channels_of, check_region_config

LayersOrNone = Annotated[int, Field(ge=0, le=12)]
Kernels = tuple[OddSide, OddSide, OddSide]


@dataclass(frozen=True)
class HDAFLConfig:
    """Sizes. channels, stages, fine_scale, lag: of the regions (`models.regions.RegionConfig`).

    width: d of attributes and of what they gather. kernels: sides of the three kernels, in regions. layers, heads, feed_forward,
    dropout: of the attribute encoder; without layers each attribute's vector is read alone. words: whether these vectors start as
    those of the attributes' words; if not, at random.
    """

    attributes: Width
    word_dim: Width
    channels: Width | tuple[Width, Width]
    width: Width = 256
    kernels: Kernels = (1, 3, 5)
    layers: LayersOrNone = 1
    heads: Width = 4
    feed_forward: Width = 256
    dropout: BelowOne = 0.1
    words: bool = True
    stages: RegionStages = ("c5",)
    fine_scale: Positive = 0.5
    lag: Finite = 0.0

    def __post_init__(self) -> None:
        check_region_config(self)
        if not all(side % 2 for side in self.kernels):
            raise ConfigError(f"'kernels' are odd, so that each has a middle; not {list(self.kernels)}.")
        if self.width % self.heads:
            raise ConfigError(f"'width' is {self.width}; it has to be a multiple of 'heads', {self.heads}.")


class Said(NamedTuple):
    """What does not depend on the photo: directions [A, d] that regions are read along, and whole [A, d], the same of the global
    vector."""

    directions: Tensor
    whole: Tensor


class Looked(NamedTuple):
    """grid: of the R regions. products: [B, A, R], of directions and regions. attention: [K, B, A, R], over regions. length:
    [K, B, A], |u|. own: [K, B, A, d], what each attribute gathered, at unit length. raw: the regions as they are. mean: [B, d], the
    global vector at unit length, and mean_length: [B], what it was divided by."""

    grid: torch.Size
    products: Tensor
    attention: Tensor
    length: Tensor
    own: Tensor
    raw: Regions
    mean: Tensor
    mean_length: Tensor


class HDAFL(nn.Module):
    """Attribute scores of three kernel sizes and of the global vector, from one feature map."""

    wants_global = False
    granularities = ("small kernel", "medium kernel", "large kernel", "global")

    def __init__(self, config: HDAFLConfig) -> None:
        super().__init__()
        self._folded: Said | None = None
        self.config = config
        self.stages = config.stages
        self.strides = (STRIDES[config.stages[0]],) * len(self.granularities)
        self.map_stride = self.strides[0]
        d, channels = config.width, sum(channels_of(config))
        self.V = nn.Parameter(F.normalize(torch.randn(config.attributes, config.word_dim), dim=1))
        self.embed = nn.Linear(config.word_dim, d)
        self.encoder = nn.ModuleList(
            nn.TransformerEncoderLayer(
                d, config.heads, config.feed_forward, config.dropout, F.gelu, batch_first=True, norm_first=True
            )
            for _ in range(config.layers)
        )
        self.norm = nn.LayerNorm(d)
        self.direction, self.whole_direction = nn.Linear(d, d), nn.Linear(d, d)
        self.value, self.whole = (nn.Linear(channels, d, bias=False) for _ in range(2))
        self.kernel = nn.ParameterList(  # at first the mean of what it covers
            torch.full((config.attributes, 1, side, side), 1 / (side**2 * d**0.5)) for side in config.kernels
        )

    @torch.no_grad()
    def set_word_vectors(self, word_vectors: Tensor) -> None:
        """Starts V from the attributes' word vectors [A, D], each at unit length, unless the configuration leaves words out."""
        if self.config.words:
            self.V.copy_(F.normalize(word_vectors, dim=1))

    @torch.no_grad()
    def fold(self) -> None:
        """Keeps what does not depend on the photo; `train()` and `eval()` forget it."""
        self._folded = self.said()

    def train(self, mode: bool = True) -> HDAFL:
        self._folded = None
        return super().train(mode)

    def said(self) -> Said:
        """What does not depend on the photo: the attributes look at each other and say what each is found and read by."""
        e = self.embed(self.V * self.config.word_dim**0.5)  # of unit length, a word's entries would be far below 1
        for layer in self.encoder:
            e = layer(e)
        e = self.norm(e)
        return Said(self.direction(e), self.whole_direction(e))

    def look(self, said: Said, features: Features) -> Looked:
        """What the answers are made of."""
        regions, raw = (Regions.of(features, self.config, unit) for unit in (True, False))
        entries = self.value.in_features**0.5  # brings a unit region's entries to about 1, as those of what it meets
        values = entries * regions.products(self.value.weight)  # [B, R, d]
        products = said.directions @ values.mT
        shown = products.unflatten(-1, regions.grid)
        logits = [F.conv2d(shown, k, padding=k.shape[-1] // 2, groups=len(k)).flatten(2) for k in self.kernel]
        attention = torch.stack(logits).softmax(dim=-1)
        own, length = _unit(attention @ values)
        mean, mean_length = _unit(raw.mean() @ self.whole.weight.mT)
        return Looked(regions.grid, products, attention, length, own, raw, mean, mean_length)

    def forward(self, features: Features, explain: bool = False, attend: bool = False) -> AttributeOutput:
        """attend: the kernels' attention with the scores, to be learned from; no other map."""
        said = self._folded or self.said()
        seen = self.look(said, features)
        local = (seen.attention * seen.products).sum(
            -1
        ) / seen.length  # [K, B, A], the directions' products with what is gathered
        scores = torch.cat([local, (seen.mean @ said.whole.mT)[None]])
        placed = seen.attention.unflatten(-1, seen.grid)
        if not explain:
            learned = (seen.own, seen.mean[None]) if self.training else ()
            return AttributeOutput(scores, attention=placed if attend else None, learned=learned)
        count = seen.grid.numel()
        terms = seen.attention * seen.products / seen.length[..., None]
        whole = seen.raw.products(said.whole @ self.whole.weight).mT / (count * seen.mean_length[:, None, None])
        everywhere = torch.full_like(placed[:1], 1 / count)  # the global answer looks at all places alike
        return AttributeOutput(
            scores,
            attention=torch.cat([placed, everywhere]),
            evidence=torch.cat([terms, whole[None]]).unflatten(-1, seen.grid),
            bias=scores.new_zeros(scores.shape[::2]),
        )


def _unit(x: Tensor) -> tuple[Tensor, Tensor]:
    """[.., d] at unit length, and the length [..] that it was divided by; without length it has no direction, and stays zero."""
    length = x.norm(dim=-1)
    length = length.masked_fill(length == 0, torch.inf)
    return x / length[..., None], length
