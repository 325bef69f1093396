"""Mg-MRN: multi-granularity mutual refinement network (arXiv 2511.08163).

Three stages of a CNN are brought to one grid of N regions (region feature mining), each is refined by the coarser ones
(spatial-channel attention over detached neighbours), and per granularity the attributes' word vectors attend the
tokens (visual-semantic decoder). Nothing is shared between granularities.

The attribute score is computed as sum over tokens of attention x <token's value, Wo^T U_a>, which is the paper's
<attended value through Wo, U_a> with the sums swapped: the terms are exact evidence, and no [B, A, C] tensor is made.
Keys and values are never made either: an attribute's query and direction are taken back through their layers to the tokens'
C channels, so a token costs 2 A C multiplications instead of 2 M (A + C).

Grouping: the authors' unit averages assign_p * x over its parts; since the assignments sum to one, that is x / P whatever the
centres are ("official"). "decoupled" gives each part its own channel gate, initialised to 1 (so it starts equal to the
official one); then the centres learn, and the assignment maps say which part each place was counted to.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal, NamedTuple

import torch
import torch.nn.functional as F
from pydantic import Field
from torch import Tensor, nn

from zslviz.backbones.features import STAGES, STRIDES, Features
from zslviz.files.typed import BelowOne, OddSide, Width
from zslviz.models.output import AttributeOutput

_HALVINGS = {"c5": (2, 1, 0), "c4": (1, 0, -1)}  # of c3, c4, c5, by the stage on whose grid each ends; -1: doubled


@dataclass(frozen=True)
class MgMRNConfig:
    """Sizes. channels: of c3, c4, c5; width: C of the tokens; hidden: M of the decoder; parts: P of the grouping units.

    halve: the authors halve a stage after its convolutions; "before" halves first, which costs a quarter of the arithmetic.
    coarse_kernel: side of the convolution on c5; the authors' 3 mixes neighbours once more, 1 keeps every region its own.
    dropout: of the tokens, before the decoder reads them.
    refinement: False leaves out the mutual refinement, so that each granularity sees its own regions alone (an ablation).
    grid: the stage whose grid all granularities are brought to; "c4" (ours) has four times as many regions, c5 doubled bilinearly.
    """

    attributes: Width
    word_dim: Width
    channels: tuple[Width, Width, Width]
    width: Width = 2048
    hidden: Width = 1024
    parts: Annotated[int, Field(ge=1, le=1000)] = 5
    grouping: Literal["official", "decoupled"] = "official"
    dropout: BelowOne = 0.0
    halve: Literal["after", "before"] = "after"
    coarse_kernel: OddSide = 3
    refinement: bool = True
    grid: Literal["c4", "c5"] = "c5"


class GroupingUnit(nn.Module):
    """Soft assignment of every place to P part centres (region feature mining, first step)."""

    def __init__(self, channels: int, parts: int, decoupled: bool) -> None:
        super().__init__()
        self.parts = parts
        self.weight = nn.Parameter(torch.randn(parts, channels, 1, 1) * 0.1)  # centres
        self.smooth_factor = nn.Parameter(torch.zeros(parts))
        self.gate = nn.Parameter(torch.ones(parts, channels)) if decoupled else None

    def assign(self, x: Tensor) -> Tensor:
        """softmax_p(min(0, 2 c_p.x - |x|^2 - |c_p|^2) / sigmoid(beta_p)): [B, C, H, W] -> [B, P, H, W]."""
        places = x.permute(0, 2, 3, 1)  # [B, H, W, C]
        centres = self.weight.flatten(1)  # [P, C]
        distance = 2 * places @ centres.mT - places.square().sum(-1, keepdim=True) - centres.square().sum(1)
        return (distance.clamp(max=0) / self.smooth_factor.sigmoid()).softmax(dim=-1).permute(0, 3, 1, 2)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor | None]:
        """The grouped features [B, C, H, W], and the assignment [B, P, H, W] where it matters."""
        if self.gate is None:
            return x / self.parts, None
        assignment = self.assign(x)
        gate = assignment.permute(0, 2, 3, 1) @ self.gate  # [B, H, W, C]: sum over p of assign_p g_p
        return x * gate.permute(0, 3, 1, 2) / self.parts, assignment

    def no_effect(self) -> Tensor:
        """Zero. Added to anything small, it hands official centres a zero gradient: weight decay then reaches them as it does
        in the authors' code, and no gradient of the features has to be computed for it."""
        return 0.0 * (self.weight.sum() + self.smooth_factor.sum())


class RegionMining(nn.Module):
    """Grouping, then [conv 3x3, GroupNorm, ReLU, halve] until the stage lies on the common grid."""

    def __init__(self, stage: str, config: MgMRNConfig) -> None:
        super().__init__()
        width, index = config.width, STAGES.index(stage)
        channels, halvings = config.channels[index], _HALVINGS[config.grid][index]
        self.halvings = halvings
        self.halve_first = config.halve == "before"
        self.group = GroupingUnit(channels, config.parts, config.grouping == "decoupled")
        kernel = config.coarse_kernel if stage == STAGES[-1] else 3
        blocks = []
        for number in range(max(1, halvings)):
            conv = nn.Conv2d(channels if number == 0 else width, width, kernel, padding=kernel // 2, bias=False)
            blocks.append(nn.Sequential(conv, nn.GroupNorm(32, width), nn.ReLU()))
        self.blocks = nn.ModuleList(blocks)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor | None]:
        x, assignment = self.group(x)
        for block in self.blocks:
            x = self._convolved(block, self._halved(x)) if self.halve_first else self._halved(self._convolved(block, x))
        return (_scaled(x, 2.0) if self.halvings < 0 else x), assignment

    def _convolved(self, block: nn.Module, x: Tensor) -> Tensor:
        layers: list[Any] = list(block.children())
        conv, norm, activation = layers
        bias = norm.bias + self.group.no_effect() if torch.is_grad_enabled() else norm.bias
        return activation(F.group_norm(_convolution(conv, x), norm.num_groups, norm.weight, bias, norm.eps))

    def _halved(self, x: Tensor) -> Tensor:
        return _scaled(x, 0.5) if self.halvings > 0 else x


def _scaled(x: Tensor, factor: float) -> Tensor:
    return F.interpolate(x, scale_factor=factor, mode="bilinear", align_corners=True)


def _convolution(conv: nn.Conv2d, x: Tensor) -> Tensor:
    """A convolution without bias, as the layer would do it but fast for one photo.

    A 1x1 convolution is a product over channels. For a map of few numbers PyTorch leaves oneDNN aside, which costs three
    times as much; on the CPU, where nothing is learned, oneDNN is asked for by name.
    """
    if conv.weight.shape[-1] == 1:
        return F.linear(x.permute(0, 2, 3, 1), conv.weight.flatten(1)).permute(0, 3, 1, 2)
    on_cpu = x.device.type == "cpu" and x.dtype == torch.float32 and torch.backends.mkldnn.is_available()
    if on_cpu and not torch.is_grad_enabled() and not torch.compiler.is_compiling():  # exported, it is a convolution
        padding = conv.weight.shape[-1] // 2
        return torch.mkldnn_convolution(x, conv.weight, None, (padding, padding), (1, 1), (1, 1), 1)
    return conv(x)


class SpatialChannelAttention(nn.Module):
    """SCAM: out = x * sigmoid(W2 relu(W1 avgpool x)) * sigmoid(conv3x3 x) after a 1x1 convolution (mutual refinement)."""

    def __init__(self, channels: int, width: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, width, 1, bias=False)
        self.channel = nn.Sequential(nn.Linear(width, width), nn.ReLU(), nn.Linear(width, width))
        self.spatial = nn.Conv2d(width, width, 3, padding=1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        x = _convolution(self.conv, x)
        channel = self.channel(x.mean(dim=(2, 3))).sigmoid()[:, :, None, None]
        return x * channel * _convolution(self.spatial, x).sigmoid()


class AttributeSide(NamedTuple):
    """A decoder's attributes, seen from the tokens: attention logits and values of a token are `token @ maps.mT + offsets`.

    maps: [2A, C], queries taken back through the keys, then directions U Wo through the values. offsets: [2A], from the
    biases of both. bias: [A], the part of the score that comes from no token.
    """

    maps: Tensor
    offsets: Tensor
    bias: Tensor


class AttributeDecoder(nn.Module):
    """Attribute queries attend tokens: where to look for each attribute, and what is there (visual-semantic decoder)."""

    def __init__(self, attributes: int, word_dim: int, width: int, hidden: int, dropout: float) -> None:
        super().__init__()
        self._folded: AttributeSide | None = None
        self.query = nn.Linear(word_dim, hidden)
        self.key = nn.Linear(width, hidden)
        self.value = nn.Linear(width, hidden)
        self.output = nn.Linear(hidden, width)
        self.classifier = nn.Parameter(F.normalize(torch.randn(attributes, width), dim=1))  # U
        self.dropout = nn.Dropout(dropout)

    def forward(self, tokens: Tensor, word_vectors: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """tokens [B, T, C], word_vectors [A, D] -> attention [B, A, T], evidence [B, A, T], bias [A]."""
        tokens = self.dropout(tokens)
        side = self._folded or self.attribute_side(word_vectors)
        logits, local = (tokens @ side.maps.mT + side.offsets).chunk(2, dim=-1)  # [B, T, A] each
        attention = logits.softmax(dim=1)  # over tokens; no 1/sqrt(M), as the authors
        return attention.mT, (attention * local).mT, side.bias

    def attribute_side(self, word_vectors: Tensor) -> AttributeSide:
        """What does not depend on the photo."""
        queries = self.query(word_vectors)  # [A, M]
        directions = self.classifier @ self.output.weight  # U Wo, [A, M]
        maps = torch.cat([queries @ self.key.weight, directions @ self.value.weight])
        offsets = torch.cat([queries @ self.key.bias, directions @ self.value.bias])
        return AttributeSide(maps, offsets, self.classifier @ self.output.bias)

    @torch.no_grad()
    def fold(self, word_vectors: Tensor) -> None:
        """Keeps the attribute side; `train()` and `eval()` forget it."""
        self._folded = self.attribute_side(word_vectors)

    def train(self, mode: bool = True) -> AttributeDecoder:
        self._folded = None
        return super().train(mode)


class MgMRN(nn.Module):
    """Attribute scores of three granularities, one from each of the stages c3, c4, c5."""

    stages = STAGES
    wants_global = False
    granularities = ("fine", "middle", "coarse")
    word_vectors: Tensor

    def __init__(self, config: MgMRNConfig) -> None:
        super().__init__()
        self.config = config
        self.map_stride = STRIDES[config.grid]
        self.mining = nn.ModuleList(RegionMining(stage, config) for stage in STAGES)
        refined = (2 * config.width, config.width) if config.refinement else ()
        self.refinement = nn.ModuleList(SpatialChannelAttention(channels, config.width) for channels in refined)
        self.decoders = nn.ModuleList(
            AttributeDecoder(config.attributes, config.word_dim, config.width, config.hidden, config.dropout)
            for _ in STAGES
        )
        self.register_buffer("word_vectors", torch.zeros(config.attributes, config.word_dim))

    @staticmethod
    def granularity_of(parameter: str) -> int | None:
        """The index of the granularity that a parameter serves, by its name; None if it serves all."""
        part, *rest = parameter.split(".")
        return int(rest[0]) if part in ("mining", "refinement", "decoders") else None

    @torch.no_grad()
    def set_word_vectors(self, word_vectors: Tensor) -> None:
        """Fixes the attributes' word vectors [A, D]."""
        self.word_vectors.copy_(word_vectors)

    def fold(self) -> None:
        """Keeps what does not depend on the photo; `train()` and `eval()` forget it."""
        for decoder in self.decoders:
            decoder.fold(self.word_vectors)  # type: ignore[operator]

    def tokens(self, features: Features) -> tuple[list[Tensor], list[Tensor | None], list[Tensor | None]]:
        """Per granularity: mined regions [B, C, H, W], context of the coarser ones or None, part assignments or None."""
        stages = [features.stages[name] for name in self.stages]
        mined, assignments = zip(*(mine(stage) for mine, stage in zip(self.mining, stages, strict=True)), strict=True)
        if not self.config.refinement:
            return list(mined), [None] * len(mined), list(assignments)
        s4, s5 = mined[1].detach(), mined[2].detach()  # a granularity's loss does not reach its neighbours
        context = [self.refinement[0](torch.cat([s4, s5], dim=1)), self.refinement[1](s5), None]
        return list(mined), context, list(assignments)

    def forward(self, features: Features, explain: bool = False, attend: bool = False) -> AttributeOutput:
        """attend: attention with the scores, to be learned from; no other map."""
        mined, context, assignments = self.tokens(features)
        decoded = []
        for own, coarser, decoder in zip(mined, context, self.decoders, strict=True):
            tokens = [own.flatten(2).mT] if coarser is None else [own.flatten(2).mT, coarser.flatten(2).mT]
            decoded.append(decoder(torch.cat(tokens, dim=1), self.word_vectors))
        scores = torch.stack([evidence.sum(-1) + bias for _, evidence, bias in decoded])
        if not (explain or attend):
            return AttributeOutput(scores)
        grid = mined[2].shape[-2:]
        attention, attention_context = _by_place([attention for attention, _, _ in decoded], grid)
        if not explain:
            return AttributeOutput(scores, attention=attention, attention_context=attention_context)
        evidence, evidence_context = _by_place([evidence for _, evidence, _ in decoded], grid)
        return AttributeOutput(
            scores,
            attention=attention,
            attention_context=attention_context,
            evidence=evidence + evidence_context,
            bias=torch.stack([bias for _, _, bias in decoded]),
            parts=_parts_on_grid(assignments, grid),
        )


def _by_place(maps: list[Tensor], grid: torch.Size) -> tuple[Tensor, Tensor]:
    """Token maps [B, A, N or 2N] -> own and context maps, each [G, B, A, H, W]; no context counts as zero."""
    regions = grid[0] * grid[1]
    own = torch.stack([m[..., :regions] for m in maps])
    context = torch.stack([m[..., regions:] if m.shape[-1] > regions else torch.zeros_like(m) for m in maps])
    return own.unflatten(-1, grid), context.unflatten(-1, grid)


def _parts_on_grid(assignments: list[Tensor | None], grid: torch.Size) -> Tensor | None:
    """Assignment maps [B, P, h, w] of each stage, averaged onto the common grid: [G, B, P, H, W]."""
    present = [F.adaptive_avg_pool2d(a, (grid[0], grid[1])) for a in assignments if a is not None]
    return torch.stack(present) if present else None
