"""MSDN: mutually semantic distillation network (Chen et al., CVPR 2022).

Two sub-nets look at each other's side: attributes attend regions (eq. 1-4), and regions attend attributes (eq. 5-8). Both
give a score per attribute that is a sum over regions of attention x local score, so each region's term is exact evidence.

Departures from the authors' code: `W_3` and `W_3_1` get no gradient there and change nothing, so they are left out; all four
bilinear maps are folded with the word vectors first, which is the same product in another order. Everything stays in the
order [B, R, A] that one product over all regions gives; maps are turned round only when they are asked for.

Finer regions (ours, `stages: [c4, c5]`): `models.regions`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from zslviz.backbones.features import STRIDES, Features
from zslviz.files.typed import Finite, Positive, Width
from zslviz.models.output import AttributeOutput
from zslviz.models.regions import Regions, RegionStages, channels_of, check_region_config


@dataclass(frozen=True)
class MSDNConfig:
    """Sizes. channels, stages, fine_scale, lag: of the regions (`models.regions.RegionConfig`); c5 alone in the paper.

    normalize_word_vectors: bring them back to unit length in every forward (the authors do on AWA2 only). normalize_features:
    bring each region's features to unit length first.
    """

    attributes: Width
    word_dim: Width
    channels: Width | tuple[Width, Width]
    normalize_word_vectors: bool = False
    normalize_features: bool = True
    stages: RegionStages = ("c5",)
    fine_scale: Positive = 0.5
    lag: Finite = 0.0

    def __post_init__(self) -> None:
        check_region_config(self)


class MSDN(nn.Module):
    """Attribute scores from one feature map; parameters carry the names of the authors' state dict."""

    wants_global = False
    granularities = ("attribute → region", "region → attribute")

    def __init__(self, config: MSDNConfig) -> None:
        super().__init__()
        self._folded: Tensor | None = None
        self.config = config
        self.stages = config.stages
        self.strides = (STRIDES[config.stages[0]],) * len(self.granularities)
        self.map_stride = self.strides[0]
        a, d, c = config.attributes, config.word_dim, sum(channels_of(config))
        self.V = nn.Parameter(F.normalize(torch.randn(a, d), dim=1))  # word vectors, trainable
        self.W_1 = nn.Parameter(torch.empty(d, c))
        self.W_2 = nn.Parameter(torch.empty(d, c))
        self.W_1_1 = nn.Parameter(torch.empty(c, d))
        self.W_2_1 = nn.Parameter(torch.empty(d, c))
        for weight in (self.W_1, self.W_2, self.W_1_1, self.W_2_1):
            nn.init.normal_(weight, std=0.01)

    @torch.no_grad()
    def set_word_vectors(self, word_vectors: Tensor) -> None:
        """Starts V from the attributes' word vectors [A, D], each at unit length."""
        self.V.copy_(F.normalize(word_vectors, dim=1))

    def queries(self) -> Tensor:
        """The four bilinear maps folded with the word vectors: [4A, C], for local scores and attention of both sub-nets."""
        words = F.normalize(self.V, dim=1) if self.config.normalize_word_vectors else self.V
        return torch.cat([words @ self.W_1, words @ self.W_2, words @ self.W_1_1.mT, words @ self.W_2_1])

    @torch.no_grad()
    def fold(self) -> None:
        """Keeps what does not depend on the photo; `train()` and `eval()` forget it."""
        self._folded = self.queries()

    def train(self, mode: bool = True) -> MSDN:
        self._folded = None
        return super().train(mode)

    def forward(self, features: Features, explain: bool = False, attend: bool = False) -> AttributeOutput:
        """attend: the attention that sums to one over regions with the scores, to be learned from; no other map."""
        regions = Regions.of(features, self.config, self.config.normalize_features)
        # Local scores and attention logits of both sub-nets, [B, R, 4A].
        local, grid = regions.products(self.queries() if self._folded is None else self._folded), regions.grid
        if local.dtype in (torch.float16, torch.bfloat16):
            local = local.float()  # in mixed precision attention and its sums stay in single
        if not explain:
            scores, attention = _AttendedScores.apply(local)  # type: ignore[no-untyped-call]
            return AttributeOutput(scores, attention=attention.mT.unflatten(-1, grid)[None] if attend else None)
        attention1, attention2, evidence1, evidence2 = _attend(local)
        scores = torch.stack([evidence1.sum(1), evidence2.sum(1)])
        return AttributeOutput(
            scores,
            attention=torch.stack([attention1.mT, attention2.mT]).unflatten(-1, grid),
            evidence=torch.stack([evidence1.mT, evidence2.mT]).unflatten(-1, grid),
            bias=scores.new_zeros(2, self.config.attributes),
        )


def _attend(local: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Products [B, R, 4A] -> attention of both sub-nets and their evidence, [B, R, A] each."""
    score1, logits1, score2, logits2 = local.chunk(4, dim=-1)
    attention1 = logits1.softmax(dim=1)  # over regions
    attention2 = logits2.softmax(dim=2)  # over attributes
    return attention1, attention2, attention1 * score1, attention2 * score2


class _AttendedScores(torch.autograd.Function):
    """Products [B, R, 4A] -> scores [2, B, A] and the attention of the first sub-net [B, R, A].

    The gradient is written by hand into one tensor of the products' shape: the four parts are neither copied to be joined nor
    kept twice, which is a tenth of a training step.
    """

    @staticmethod
    def forward(ctx: Any, local: Tensor) -> tuple[Tensor, Tensor]:
        ctx.set_materialize_grads(False)
        attention1, attention2, evidence1, evidence2 = _attend(local)
        scores = torch.stack([evidence1.sum(1), evidence2.sum(1)])
        ctx.save_for_backward(local, attention1, attention2, scores)
        return scores, attention1

    @staticmethod
    @once_differentiable  # type: ignore[untyped-decorator]
    def backward(ctx: Any, grad: Tensor | None, grad_attention: Tensor | None) -> Tensor:
        local, attention1, attention2, scores = ctx.saved_tensors
        grad = torch.zeros_like(scores) if grad is None else grad
        score1, _, score2, _ = local.chunk(4, dim=-1)
        result = torch.empty_like(local)
        to_score1, to_logits1, to_score2, to_logits2 = result.chunk(4, dim=-1)
        torch.mul(attention1, grad[0][:, None], out=to_score1)
        torch.sub(score1, scores[0][:, None], out=to_logits1).mul_(to_score1)  # the sum over regions is the score
        if grad_attention is not None:
            beyond = grad_attention - (attention1 * grad_attention).sum(1, keepdim=True)
            to_logits1.addcmul_(attention1, beyond)
        torch.mul(attention2, grad[1][:, None], out=to_score2)
        torch.mul(to_score2, score2, out=to_logits2)
        to_logits2.addcmul_(attention2, to_logits2.sum(2, keepdim=True), value=-1)
        return result
