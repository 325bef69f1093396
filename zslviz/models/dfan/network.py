"""DFAN: a local and a global answer to every attribute, and a learned offset of both (BMVC 2023, arXiv 2309.13833).

One matrix serves twice: its products with a region are where an attribute looks, and its product with what is gathered there is
the attribute's local score. The global score reads the mean of all regions. What is added to both comes from one small network.

Built from the equations; of the authors' code, which has no licence, nothing but its arithmetic is restated. Theirs keeps the
backbone's batch statistics moving in training, which frozen features cannot.

Evidence: with the gathered feature's length frozen, alpha_ra P_ra / |u_a| over regions is the local score without its offset; the
global one is linear, W_g,a x_r / R, with nothing frozen. The offset comes from no place, and differs from photo to photo.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from zslviz.backbones.features import STRIDES, Features
from zslviz.files.typed import Finite, Positive, Width
from zslviz.models.output import AttributeOutput, Insight
from zslviz.models.regions import Regions, RegionStages, channels_of, check_region_config


@dataclass(frozen=True)
class DFANConfig:
    """Sizes. channels, stages, fine_scale, lag: of the regions (`models.regions.RegionConfig`); c5 alone in the paper."""

    attributes: Width
    channels: Width | tuple[Width, Width]
    stages: RegionStages = ("c5",)
    fine_scale: Positive = 0.5
    lag: Finite = 0.0

    def __post_init__(self) -> None:
        check_region_config(self)


class BiasLearner(nn.Module):
    """M(x) = fc3 relu(fc2 relu(fc1 x)), C -> C/2 -> C/4 -> A: what a feature corrects all attributes by."""

    def __init__(self, channels: int, attributes: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(channels, channels // 2)
        self.fc2 = nn.Linear(channels // 2, channels // 4)
        self.fc3 = nn.Linear(channels // 4, attributes)

    def hidden(self, x: Tensor) -> Tensor:
        """[..., C] -> [..., C/4], what fc3 reads."""
        return self.fc2(self.fc1(x).relu()).relu()

    def forward(self, x: Tensor) -> Tensor:
        return self.fc3(self.hidden(x))


class Looked(NamedTuple):
    """grid: of the R regions. raw: the regions as they are. logits: P [B, R, A] of unit-length regions. attention: [B, R, A], over
    regions. length: [B, A], |u|. own: v [B, A, C], what each attribute gathered, at unit length. whole: g [B, C], the mean region.
    offset: [2, B, A], of the local and the global answer."""

    grid: torch.Size
    raw: Regions
    logits: Tensor
    attention: Tensor
    length: Tensor
    own: Tensor
    whole: Tensor
    offset: Tensor


class DFAN(nn.Module):
    """Attribute scores from one feature map; parameters carry the names of the authors' state dict."""

    wants_global = False
    granularities = ("local", "global")

    def __init__(self, config: DFANConfig) -> None:
        super().__init__()
        self.config = config
        self.stages = config.stages
        self.strides = (STRIDES[config.stages[0]],) * len(self.granularities)
        self.map_stride = self.strides[0]
        channels = sum(channels_of(config))
        self.local_predictor = nn.Linear(channels, config.attributes, bias=False)  # W_l
        self.global_predictor = nn.Linear(channels, config.attributes, bias=False)  # W_g
        self.bias_learner = BiasLearner(channels, config.attributes)

    def look(self, features: Features) -> Looked:
        """What both answers are made of."""
        regions, raw = (Regions.of(features, self.config, unit) for unit in (True, False))
        logits = regions.products(self.local_predictor.weight)
        attention = logits.softmax(dim=1)
        gathered = regions.pooled(attention.mT)  # u [B, A, C]
        length = gathered.norm(dim=-1)
        length = length.masked_fill(length == 0, torch.inf)  # nothing gathered has no direction
        own, whole = gathered / length[..., None], raw.mean()
        # fc3 is linear: the mean over attributes is taken before it.
        local_offset = self.bias_learner.fc3(self.bias_learner.hidden(own).mean(1))
        offset = torch.stack([local_offset, self.bias_learner(whole)])
        return Looked(regions.grid, raw, logits, attention, length, own, whole, offset)

    def forward(self, features: Features, explain: bool = False, attend: bool = False) -> AttributeOutput:
        """attend: the local attention with the scores, to be learned from; no other map."""
        seen = self.look(features)
        local = seen.attention * seen.logits / seen.length[:, None]  # [B, R, A], sums to w_a v_a
        scores = torch.stack([local.sum(1), self.global_predictor(seen.whole)]) + seen.offset
        placed = seen.attention.mT.unflatten(-1, seen.grid)[None]
        if not explain:
            learned = (_likeness(seen.own)[None],) if self.training else ()
            return AttributeOutput(scores, attention=placed if attend else None, learned=learned)
        count = seen.grid.numel()
        evidence = torch.stack([local.mT, seen.raw.products(self.global_predictor.weight).mT / count])
        everywhere = torch.full_like(placed, 1 / count)  # the global answer looks at all places alike
        return AttributeOutput(
            scores,
            attention=torch.cat([placed, everywhere]),
            evidence=evidence.unflatten(-1, seen.grid),
            bias=seen.offset,
            insights=(Insight(*_ALIKE, seen.own @ seen.own.mT, unit="cosine", signed=True, term="alike"),),
        )


_ALIKE = (
    "alike",
    "Attributes that look at the same thing",
    "How alike is what two attributes gathered here: 1 the very same, 0 nothing in common. Those most like the one shown.",
    ("attribute", "attribute"),
)


def _likeness(own: Tensor) -> Tensor:
    """Mean over pairs of attributes of (cos(v_a, v_b) - [a = b])^2 within a photo: [B, A, C] of unit length -> [B]."""
    cosines = own @ own.mT  # [B, A, A]
    return (cosines - torch.eye(cosines.shape[-1]).to(cosines)).square().mean(dim=(1, 2))
