"""BiAM: multi-label zero-shot scores with bi-level attention (Narayan et al., ICCV 2021).

Regions look at each other (region context) and are gated by the whole scene (scene context); both contexts together give every
region an embedding, which scores each label by the label's word vector. A photo's score for a label is the mean of that label's
`top` highest regions, so the map of region scores is exact.

Parameters carry the names of the authors' state dict, as far as settings leave the paper's. One departure from their code has no
setting: they take a product of query and key that is exactly 0 out of the attention, which does not occur.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from zslviz.backbones import Features
from zslviz.errors import ConfigError
from zslviz.files.typed import BelowOne, OddSide, Share, Width, WidthOrNone
from zslviz.models.label_linear import LinearPart, WithLinearPart, unit_mean_square
from zslviz.models.output import Insight, LabelOutput

LEAK = 0.2  # slope of the leaky ReLUs
_GATE = (
    "gate",
    "How far the scene opens the channels",
    "Before labels are looked for, the whole photo opens or shuts each channel of the network: how many of them are how far open.",
    ("named",),
)
_GATE_STEPS = ("shut, below 0.2", "0.2 to 0.4", "0.4 to 0.6", "0.6 to 0.8", "open, from 0.8 on")


@dataclass(frozen=True)
class BiAMConfig:
    """Sizes and settings; defaults of the settings are the paper's.

    channels: of the regions' feature map (of each joined stage, if a tuple). scene_dim: length of the global vector. word_dim:
    length of a label vector. width: channels inside. heads: of the region attention. embedding: length of a region's embedding.
    top: how many of a label's regions count.
    stage: where regions come from, "c5", "c4", or "c4+c5" (c5 enlarged to the grid of c4). global_vector: "given" with the
    features (fc7 of a VGG-19), or the "mean" over the regions of c5.
    attention_dropout, scene_dropout: on attention weights and their output, and on the global vector.

    Departures: `reduce` channels (0: none) are made of the feature map by a 1x1 convolution first, which makes the 3x3 one cheap.
    `kernel` is the side of the first convolution. `feature_norm` brings each region's features, and the global vector, to unit root
    mean square. `linear` more numbers (0: none) are appended to each region's embedding, by a linear map of the region's own c5 at
    the share `linear_share` and of the global vector for the rest; labels have a map of their own to them. Maps stay exact.
    """

    channels: Width | tuple[Width, ...]
    scene_dim: Width
    word_dim: Width
    width: Width = 256
    heads: Width = 8
    embedding: Width = 512
    top: Width = 6
    stage: Literal["c5", "c4", "c4+c5"] = "c5"
    global_vector: Literal["mean", "given"] = "mean"
    attention_dropout: BelowOne = 0.1
    scene_dropout: BelowOne = 0.2
    reduce: WidthOrNone = 0
    kernel: OddSide = 3
    feature_norm: bool = False
    linear: WidthOrNone = 0
    linear_share: Share = 0.25

    def __post_init__(self) -> None:
        if self.width % self.heads:
            raise ConfigError(f"{self.heads} heads cannot share {self.width} channels; take a divisor of them.")
        if self.top < 1 or self.kernel % 2 == 0:
            raise ConfigError("At least one region must count, and the first convolution's side must be odd.")
        if self.stage not in ("c5", "c4", "c4+c5"):
            raise ConfigError(f"Regions come from c5, c4 or c4+c5, not '{self.stage}'.")
        if self.linear and (self.stage != "c5" or self.global_vector != "mean"):
            raise ConfigError(
                "A linear part reads c5 and its mean; it goes with 'stage: c5' and 'global_vector: mean' alone."
            )

    @property
    def region_channels(self) -> int:
        """Channels of the regions' feature map."""
        return self.channels if isinstance(self.channels, int) else sum(self.channels)


class NormalizedConv(nn.Module):
    """Convolution, ReLU, then batch normalisation; momentum 0.99 keeps little but the last batch's statistics."""

    def __init__(self, inputs: int, outputs: int, kernel: int = 3) -> None:
        super().__init__()
        self.body = nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2)
        self.bn = nn.BatchNorm2d(outputs, eps=1e-3, momentum=0.99)

    def forward(self, x: Tensor) -> Tensor:
        normalized: Tensor = self.bn(F.relu(self.body(x)))
        return normalized


class PointwiseConv(nn.Module):
    """A 1x1 convolution and a leaky ReLU."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.body = nn.Conv2d(inputs, outputs, 1)

    def forward(self, x: Tensor) -> Tensor:
        return F.leaky_relu(self.body(x), LEAK)


class FeedForward(nn.Module):
    """C -> 2C -> C at every region."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(width, 2 * width, 1)
        self.conv2 = nn.Conv2d(2 * width, width, 1)

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.conv2(F.relu(self.conv1(x)))
        return result


class RegionContext(nn.Module):
    """Multi-head self-attention over regions, then a feed-forward part, both with a residual and without normalisation."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.dropout = dropout
        self.w_q = nn.Conv2d(width, width, 1)
        self.w_k = nn.Conv2d(width, width, 1)
        self.w_v = nn.Conv2d(width, width, 1)
        self.w_o = nn.Conv2d(width, width, 1)
        self.sub_network = FeedForward(width)

    def forward(self, h: Tensor, explain: bool = False) -> tuple[Tensor, Tensor | None]:
        """Regions [B, C, H, W] -> the same with context, and the attention [B, heads, R, R] if asked for."""
        query, key, value = (
            self._by_head(conv(h)) for conv in (self.w_q, self.w_k, self.w_v)
        )  # [B, heads, R, C/heads]
        dropout = self.dropout if self.training else 0.0
        attention = None
        if explain:
            attention = (query @ key.mT / math.sqrt(query.shape[-1])).softmax(-1)
            gathered = F.dropout(attention, dropout) @ value
        else:
            gathered = F.scaled_dot_product_attention(query, key, value, dropout_p=dropout)
        context = self.w_o(gathered.mT.reshape(h.shape))
        attended = F.dropout(context, dropout) + h
        return attended + self.sub_network(attended), attention

    def _by_head(self, x: Tensor) -> Tensor:
        return x.flatten(2).unflatten(1, (self.heads, -1)).mT


class SceneContext(nn.Module):
    """Channels of the regions, gated by how well they agree with the global vector."""

    def __init__(self, width: int, scene_dim: int, dropout: float) -> None:
        super().__init__()
        self.dropout = nn.Dropout(dropout)
        self.w_g = nn.Conv2d(scene_dim, width, 1)
        self.gcff = NormalizedConv(width, width)
        self.channel_conv = PointwiseConv(width, width)

    def forward(self, h: Tensor, scene: Tensor) -> tuple[Tensor, Tensor]:
        """Regions [B, C, H, W] and global vectors [B, G] -> gated regions [B, C, H, W] and the gate [B, C]."""
        channels = self.channel_conv(h)
        key = self.w_g(self.dropout(scene)[:, :, None, None])
        gate = (channels.mean((2, 3), keepdim=True) * key).sigmoid()
        gated = gate * channels
        return gated + self.gcff(gated), gate.flatten(1)


class BiAM(WithLinearPart):
    """Label scores from regions of feature maps and a global vector."""

    granularities = ("label",)

    def __init__(self, config: BiAMConfig) -> None:
        super().__init__()
        self.config = config
        width, channels = config.width, config.region_channels
        self.reduction = nn.Conv2d(channels, config.reduce, 1) if config.reduce else None
        self.conv_3X3 = NormalizedConv(config.reduce or channels, width, config.kernel)
        self.region_context_block = RegionContext(width, config.heads, config.attention_dropout)
        self.scene_context_block = SceneContext(width, config.scene_dim, config.scene_dropout)
        self.W = nn.Linear(config.word_dim, config.embedding)
        self.conv_1X1 = PointwiseConv(2 * width, config.embedding)
        self.linear = (
            LinearPart(config.scene_dim, config.word_dim, config.linear, config.linear_share) if config.linear else None
        )

    @property
    def stages(self) -> tuple[str, ...]:
        """The stages that `forward` reads."""
        regions = tuple(self.config.stage.split("+"))
        return regions if self.wants_global or "c5" in regions else (*regions, "c5")

    @property
    def wants_global(self) -> bool:
        """Whether the features are to bring a global vector."""
        return self.config.global_vector == "given"

    def forward(self, features: Features, label_vectors: Tensor, explain: bool = False) -> LabelOutput:
        """Scores of labels with the vectors [K, D], of unit length.

        Raises ConfigError if the regions are fewer than `top`, or a global vector is wanted and there is none.
        """
        regions, scene = self._inputs(features)
        embedded, attention, gate = self.embed(regions, scene, explain)
        embeddings = embedded.flatten(2).mT  # [B, R, E]
        scores = embeddings @ self.classifiers(label_vectors).mT  # [B, R, K]
        logits = scores.topk(self.config.top, dim=1, sorted=False).values.mean(1)
        if not explain:
            return LabelOutput(logits)
        maps = scores.mT.unflatten(-1, embedded.shape[-2:])
        return LabelOutput(logits, maps, embeddings, attention, gate, insights=(_opened(gate),))

    def embed(self, regions: Tensor, scene: Tensor, explain: bool = False) -> tuple[Tensor, Tensor | None, Tensor]:
        """Feature map and global vector -> embeddings [B, E, H, W], region attention (if asked for) and scene gate [B, C]."""
        hidden = self.conv_3X3(regions if self.reduction is None else self.reduction(regions))
        by_region, attention = self.region_context_block(hidden, explain)
        by_scene, gate = self.scene_context_block(hidden, scene)
        embedded: Tensor = self.conv_1X1(torch.cat([by_region, by_scene], dim=1))
        if self.linear is not None:
            embedded = torch.cat([embedded, self.linear(regions, scene)], dim=1)
        return embedded, attention, gate

    def _inputs(self, features: Features) -> tuple[Tensor, Tensor]:
        stages = features.stages
        if self.config.stage == "c4+c5":
            enlarged = F.interpolate(stages["c5"], size=stages["c4"].shape[-2:], mode="bilinear")
            regions = torch.cat([stages["c4"], enlarged], dim=1)
        else:
            regions = stages[self.config.stage]
        if math.prod(regions.shape[-2:]) < self.config.top:
            raise ConfigError(f"{self.config.top} regions are to count, but the photo has fewer; use larger photos.")
        if not self.wants_global:
            scene = stages["c5"].mean((2, 3))
        elif features.global_vector is None:
            raise ConfigError("This network wants a global vector of each photo beside its regions.")
        else:
            scene = features.global_vector
        if self.config.feature_norm:
            regions, scene = unit_mean_square(regions), unit_mean_square(scene)
        return regions, scene


def _opened(gate: Tensor) -> Insight:
    """A scene gate [B, C] in five steps from shut to open: the share of the channels in each."""
    steps = len(_GATE_STEPS)
    step = (gate * steps).floor().clamp(0, steps - 1).long()
    shares = F.one_hot(step, steps).float().mean(1)
    return Insight(*_GATE, shares, unit="share of the channels", names=_GATE_STEPS, term="gate")
