"""Linear attribute scores of the pooled feature: what the yardsticks ESZSL and DAP share.

ESZSL (Romera-Paredes and Torr, ICML 2015) and DAP (Lampert et al., CVPR 2009; TPAMI 2014) both score attributes by one linear
map of a global feature x, here the mean of c5 over its regions. A mean is linear, so the map of the mean is the mean of the
map at every region (class activation mapping, Zhou et al. 2016): each region's term is exact evidence. How the map is found is
what parts the two; see `zslviz.models.linear.equations`.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn

from zslviz.backbones import Features
from zslviz.files.typed import Width
from zslviz.models.output import AttributeOutput


@dataclass(frozen=True)
class LinearConfig:
    """Sizes. normalize_features: bring the pooled feature to unit length before the map."""

    attributes: Width
    channels: Width
    normalize_features: bool = True


class LinearAttributes(nn.Module):
    """score = W x + b of the pooled feature x, with W [A, C] and b [A].

    With `normalize_features` x is the mean m of the regions over its length |m|. Then region r of R adds W f_r / (R |m|): a
    photo's length is one number for all its regions, so the terms still add up.
    """

    stages = ("c5",)
    wants_global = False
    granularities = ("pooled",)

    def __init__(self, config: LinearConfig) -> None:
        super().__init__()
        self.config = config
        self.weight = nn.Parameter(torch.randn(config.attributes, config.channels) / config.channels**0.5)
        self.bias = nn.Parameter(torch.zeros(config.attributes))

    def fold(self) -> None:
        """Nothing here depends on the photo but the product itself."""

    def forward(self, features: Features, explain: bool = False) -> AttributeOutput:
        c5 = features.stages["c5"]  # [B, C, H, W]
        pooled = c5.mean((2, 3))
        lengths = (
            pooled.norm(dim=1).clamp_min(1e-12) if self.config.normalize_features else pooled.new_ones(len(pooled))
        )
        scores = (pooled @ self.weight.mT) / lengths[:, None] + self.bias
        if not explain:
            return AttributeOutput(scores[None])
        regions = c5.shape[2] * c5.shape[3]
        terms = torch.einsum("ac,bchw->bahw", self.weight, c5)
        evidence = terms / (regions * lengths)[:, None, None, None]
        return AttributeOutput(
            scores[None],
            attention=torch.full_like(evidence, 1 / regions)[None],  # a mean looks everywhere alike
            evidence=evidence[None],
            bias=self.bias[None],
        )
