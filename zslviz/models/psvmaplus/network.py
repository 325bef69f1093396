"""PSVMA+: attributes and regions adapt to each other at three depths, which are trusted as sure as each is (TPAMI 2025).

Attributes are mixed with each other first, once for the fine depth, once more for each coarser one. Each depth has a module of its
own (`models.mutual_adaptation`) and scores every attribute: a_i, the mean over its regions of y_r . V. How sure a depth is, is its
highest softmax probability among the classes that compete; the depths' shares w_i are these, made to sum to one, and the photo's
attribute vector is a = w_1 a_1 + w_2 a_2 + w_3 a_3.

The shares so depend on which classes compete, in the paper also on whether unseen ones do alone. Here they are taken once for a
photo, among all classes that the model was made with; nothing that is edited later changes them (ours). What the network gives of a
depth is scale * w_i a_i / |a|, so that the sum of the depths' products with a class's row of unit length is scale * cos(a, row),
the paper's score among all classes.

In the paper the depths are those of a vision transformer that is trained along: patches after an inner block, doubled by a
transposed convolution; after the next one, as they are; and those at the end, pooled. On frozen stages (ours) c3 is halved, and one
layer brings each stage to the modules' width.

Evidence of a region is its term of the score, with shares and |a| of the photo held; nothing comes from no place.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from zslviz.backbones.features import STAGES, Features
from zslviz.errors import ConfigError
from zslviz.files.typed import BelowOne, Positive, Width
from zslviz.models.debiased import EPS, cosines
from zslviz.models.mutual_adaptation import Adapted, FeedForward, MutualAdaptation, detectors, highest
from zslviz.models.output import AttributeOutput, Insight
from zslviz.models.regions import regions_of


@dataclass(frozen=True)
class PSVMAPlusConfig:
    """Sizes. classes: among which depths are more or less sure. side: of c5's grid, in cells.

    width: of regions and attributes. mixing: hidden size of the mixing of each depth's regions, fine first. groups: by how many the
    number of attributes is divided for the hidden size of their gate. spread: how much larger than the number of attributes the
    hidden size of their mixing is. dropout: of regions, and of their mixing. scale: of the cosines. doubled: whether the stages are
    a vision transformer's, as in the paper.
    """

    attributes: Width
    classes: Width
    word_dim: Width
    channels: tuple[Width, Width, Width]
    side: Width
    width: Width = 128
    mixing: tuple[Width, Width, Width] = (64, 64, 64)
    groups: Width = 9
    spread: Positive = 4.0
    dropout: BelowOne = 0.0
    scale: Positive = 25.0
    doubled: bool = False

    def __post_init__(self) -> None:
        if self.doubled and set(self.channels) != {self.width}:
            raise ConfigError(
                f"The width of patches is that of the transformer, {self.channels[-1]}, not {self.width}."
            )

    @property
    def sides(self) -> tuple[int, int, int]:
        """Of the grids of the three depths, fine first."""
        return (4 if self.doubled else 2) * self.side, 2 * self.side, self.side


class AttributeMixer(nn.Module):
    """Attributes take from each other, then channels: both after a norm over attributes."""

    def __init__(self, attributes: int, width: int, spread: float) -> None:
        super().__init__()
        self.attributes = FeedForward(attributes, int(attributes * spread))
        self.norm = nn.LayerNorm(attributes)
        self.fc1, self.fc2 = nn.Linear(width, width // 2), nn.Linear(width // 2, width)

    def forward(self, s: Tensor) -> Tensor:
        """[A, C] -> the same."""
        s = s + self.attributes(s.mT).mT
        return s + self.fc2(F.gelu(self.fc1(self.norm(s.mT).mT)))


class PSVMAPlus(nn.Module):
    """Attribute scores of three depths, each with its share of the answer."""

    stages = STAGES
    wants_global = False
    granularities = ("fine", "middle", "coarse")
    word_vectors: Tensor
    prototypes: Tensor

    def __init__(self, config: PSVMAPlusConfig) -> None:
        super().__init__()
        self.config = config
        a, c = config.attributes, config.width
        gate = max(1, a // config.groups)
        self.embed = nn.ModuleList() if config.doubled else nn.ModuleList(nn.Linear(n, c) for n in config.channels)
        self.doubling = nn.ConvTranspose2d(c, c, 2, stride=2) if config.doubled else None
        self.mixers = nn.ModuleList(AttributeMixer(a, c, config.spread) for _ in STAGES)
        self.modules_of = nn.ModuleList(
            MutualAdaptation(a, side**2, c, mixing, gate, config.dropout)
            for side, mixing in zip(config.sides, config.mixing, strict=True)
        )
        self.W = nn.Parameter(torch.randn(config.word_dim, c) / config.word_dim**0.5)
        self.V = nn.Parameter(torch.randn(c, a) / c**0.5)
        self.dropout = nn.Dropout(config.dropout)
        self.register_buffer("word_vectors", torch.zeros(a, config.word_dim))
        self.register_buffer("prototypes", torch.zeros(config.classes, a))

    @torch.no_grad()
    def set_word_vectors(self, word_vectors: Tensor) -> None:
        """Fixes the attributes' word vectors [A, D]."""
        self.word_vectors.copy_(word_vectors)

    @torch.no_grad()
    def set_classes(self, prototypes: Tensor) -> None:
        """Fixes the classes [K, A] among which depths are more or less sure."""
        self.prototypes.copy_(prototypes)

    def regions(self, features: Features) -> list[Tensor]:
        """Of each depth [B, R, C], fine first. Raises ConfigError for grids that it is not made for."""
        c3, c4, c5 = (features.stages[name] for name in STAGES)
        side = self.config.side
        for stage, times in zip((c3, c4, c5), (4, 2, 1), strict=True):
            if tuple(stage.shape[-2:]) != (times * side, times * side):
                raise ConfigError(
                    f"This model mixes {side} x {side} regions of c5 and no other number; the photo has "
                    f"{c5.shape[-2]} x {c5.shape[-1]}."
                )
        if self.doubling is not None:
            return [x.flatten(2).mT for x in (self.doubling(c3[..., ::2, ::2]), c4, c5)]
        stages = (F.avg_pool2d(c3, 2), c4, c5)
        return [self.dropout(embed(regions_of(x, True))) for embed, x in zip(self.embed, stages, strict=True)]

    def attributes(self) -> list[Tensor]:
        """What attributes are at the start of each depth, [A, C] each; nothing in them is of a photo."""
        mixed, s = [], self.word_vectors @ self.W
        for mixer in self.mixers:
            s = mixer(s)
            mixed.append(s)
        return mixed

    def adapt(self, regions: list[Tensor]) -> list[Adapted]:
        """Regions and attributes of each depth, adapted to each other."""
        parts = zip(self.modules_of, regions, self.attributes(), strict=True)
        return [module(x, s) for module, x, s in parts]

    def forward(self, features: Features, explain: bool = False) -> AttributeOutput:
        depths = self.adapt(self.regions(features))
        branches = torch.stack([depth.regions.mean(1) for depth in depths]) @ self.V  # a_i, [3, B, A]
        trust = shares(branches, self.prototypes, self.config.scale)  # w [3, B]
        length = (trust[..., None] * branches).sum(0).norm(dim=-1)  # |a|
        counts = self.config.scale * trust / (length + EPS)
        if not explain:
            learned: tuple[Tensor, ...] = ()
            if self.training:
                peaks = torch.cat([highest(depth) for depth in depths])
                learned = peaks, branches, branches.new_full((1, branches.shape[1]), self.config.scale)
            return AttributeOutput(counts[..., None] * branches, learned=learned)
        evidence = self._on_finest(
            [
                factor[:, None, None] * (d.regions @ self.V).mT / d.regions.shape[1]
                for factor, d in zip(counts, depths, strict=True)
            ],
            shared=True,
        )
        looks = [self._on_finest([depth.logits[look] for depth in depths], shared=False) for look in range(2)]
        return AttributeOutput(
            evidence.sum((-2, -1)),
            evidence=evidence,
            bias=evidence.new_zeros(evidence.shape[0], evidence.shape[2]),
            further=detectors(looks),
            insights=(Insight(*_TRUST, trust.mT, unit="of the answer", names=self.granularities, term="trust"),),
        )

    def _on_finest(self, maps: list[Tensor], shared: bool) -> Tensor:
        """Maps [B, A, R] of each depth on the finest grid, [3, B, A, H, W]. shared: a cell's number is shared out, not repeated."""
        sides = self.config.sides
        found = []
        for own, side in zip(maps, sides, strict=True):
            times = sides[0] // side
            grid = own.unflatten(-1, (side, side)).repeat_interleave(times, -1).repeat_interleave(times, -2)
            found.append(grid / times**2 if shared else grid)
        return torch.stack(found)


_TRUST = (
    "trust",
    "How far each answer is trusted in this photo",
    "As far as each is sure among the classes that the model was made with; no edit changes that.",
    ("named",),
)


def sureness(branches: Tensor, prototypes: Tensor, scale: float | Tensor) -> Tensor:
    """The highest softmax probability of each depth: [3, B, A], among classes [K, A] -> [3, B]."""
    return (scale * cosines(branches, prototypes)).softmax(-1).amax(-1)


def shares(branches: Tensor, prototypes: Tensor, scale: float | Tensor) -> Tensor:
    """w [3, B], of each photo the depths' sureness, made to sum to one."""
    sure = sureness(branches, prototypes, scale)
    return sure / sure.sum(0)


def fused(branches: Tensor, prototypes: Tensor, scale: float | Tensor) -> Tensor:
    """a = sum of w_i a_i, with the shares among classes [K, A]: [B, A]."""
    return (shares(branches, prototypes, scale)[..., None] * branches).sum(0)
