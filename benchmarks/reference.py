"""MSDN and Mg-MRN as their authors compute them, einsum by einsum: the yardstick of training_step.py.

Written from the equations (CVPR 2022; arXiv 2511.08163) and the published training steps. It makes what the authors' code
makes, also where a shorter way gives the same numbers: tensors [B, A, K] and [B, A, C], part assignments that cancel, a
network run three times a batch. That scores, losses and updates equal ours is proved in tests/test_reference.py.

Networks are built from ours, take copies of their weights and keep their names; what changes is the arithmetic.
"""

from __future__ import annotations

import copy

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from zslviz.backbones.features import STAGES, Features
from zslviz.models.mgmrn.network import AttributeDecoder, GroupingUnit, MgMRN, RegionMining, SpatialChannelAttention
from zslviz.models.msdn.network import MSDN


class ReferenceMSDN(nn.Module):
    """MSDN's forward pass. prototypes: [K, A] of unit length; seen: bool [K].

    unused_terms: also what the authors' forward makes and neither loss nor prediction reads: pooled features, scores under
    uniform attention, attended features and word vectors, and a gate by W_3.
    """

    def __init__(self, network: MSDN, prototypes: Tensor, seen: Tensor, unused_terms: bool = True) -> None:
        super().__init__()
        self.config = network.config
        self.prototypes, self.seen, self.unused_terms = prototypes, seen, unused_terms
        self.V, self.W_1, self.W_2, self.W_1_1, self.W_2_1 = (
            nn.Parameter(p.detach().clone())
            for p in (network.V, network.W_1, network.W_2, network.W_1_1, network.W_2_1)
        )
        self.W_3 = nn.Parameter(torch.zeros_like(self.W_1))  # without a gradient
        self.W_3_1 = nn.Parameter(torch.zeros_like(self.W_1_1))  # never read

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor, list[Tensor]]:
        """features [B, C, H, W] -> attribute scores [2, B, A], class logits with the fixed bias [2, B, K], unused terms."""
        regions = features.reshape(*features.shape[:2], -1)  # [B, C, R]
        if self.config.normalize_features:
            regions = F.normalize(regions, dim=1)
        words = F.normalize(self.V, dim=1) if self.config.normalize_word_vectors else self.V
        local1 = torch.einsum("ad,dc,bcr->bar", words, self.W_1, regions)
        attention1 = torch.einsum("ad,dc,bcr->bar", words, self.W_2, regions).softmax(-1)  # over regions
        scores1 = torch.einsum("bar,bar->ba", attention1, local1)
        local2 = torch.einsum("bcr,cd,ad->bra", regions, self.W_1_1, words)
        attention2 = torch.einsum("ad,dc,bcr->bar", words, self.W_2_1, regions).softmax(1)  # over attributes
        scores2 = torch.einsum("bar,bra->ba", attention2, local2)
        fixed_bias = torch.where(self.seen, -1.0, 1.0).to(scores1.dtype)
        logits = [torch.einsum("ka,ba->bak", self.prototypes, s).sum(1) + fixed_bias for s in (scores1, scores2)]
        unused = self._unused(features, regions, words, local1, attention1, attention2) if self.unused_terms else []
        return torch.stack([scores1, scores2]), torch.stack(logits), unused

    def _unused(
        self, features: Tensor, regions: Tensor, words: Tensor, local1: Tensor, attention1: Tensor, attention2: Tensor
    ) -> list[Tensor]:
        """Kept until the step ends, as the authors' packages of results are."""
        pooled = F.avg_pool2d(features, features.shape[-2:]).flatten(1)
        uniform = torch.einsum("bar,bar->ba", torch.full_like(local1, 1 / local1.shape[-1]), local1)
        uniform_logits = torch.einsum("ka,ba,ba->bk", self.prototypes, torch.ones_like(uniform), uniform)
        attended = torch.einsum("bar,bcr->bac", attention1, regions)
        gate = torch.einsum("ad,dc,bac->ba", words, self.W_3, attended).sigmoid()
        predicted = torch.einsum("ad,dc,bac->ba", words, self.W_1, attended)
        attended_words = torch.einsum("bar,ad->brd", attention2, words)
        return [pooled, uniform_logits, attended, gate, predicted, attended_words]

    def loss(self, logits: Tensor, labels: Tensor, lambda_cal: float, lambda_dis: float) -> Tensor:
        """Cross entropy without the fixed bias, calibration and distillation with it. logits: [2, B, K]; labels: [B]."""
        one_hot = torch.eye(len(self.seen), dtype=logits.dtype, device=logits.device)[labels]
        fixed_bias = torch.where(self.seen, -1.0, 1.0).to(logits.dtype)
        total = logits.new_zeros(())
        for z in logits:
            ce = -torch.einsum("bk,bk->b", (z - fixed_bias).log_softmax(1), one_hot).mean()
            calibration = -torch.log(z.softmax(-1)[:, ~self.seen].sum(1).mean())
            total = total + ce + lambda_cal * calibration
        difference = logits[0] - logits[1]
        share = difference.pow(2) / difference.pow(2).sum(1, keepdim=True).sqrt()
        distance = (share * difference.abs()).sum() / len(labels)
        first, second = logits.softmax(-1)
        log_middle = ((first + second) / 2).log()
        divergence = sum(F.kl_div(log_middle, p, reduction="batchmean") for p in (first, second)) / 2
        return total + lambda_dis * (distance + divergence)

    def step(
        self, optimizer: torch.optim.Optimizer, features: Tensor, labels: Tensor, lambda_cal: float, lambda_dis: float
    ) -> Tensor:
        """One training step; returns the loss."""
        _, logits, _unused = self(features)
        loss = self.loss(logits, labels, lambda_cal, lambda_dis)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.detach()


class ReferenceMgMRN(nn.Module):
    """Mg-MRN's forward pass, over layers that are copies of ours. Raises ValueError for a variant the authors do not have."""

    def __init__(self, network: MgMRN) -> None:
        super().__init__()
        config = network.config
        variant = (config.grouping, config.halve, config.coarse_kernel, config.dropout, config.refinement)
        if variant != ("official", "after", 3, 0.0, True):
            raise ValueError(f"The authors have no such variant of Mg-MRN: {config}")
        self.network = copy.deepcopy(network)

    def forward(self, features: Features) -> list[Tensor]:
        """Attribute scores [B, A] of the three granularities."""
        net, stages = self.network, [features.stages[name] for name in STAGES]
        fine, middle, coarse = (mine(m, stage) for m, stage in zip(net.mining, stages, strict=True))  # type: ignore[arg-type]
        refined = torch.cat([middle.detach(), coarse.detach()], dim=1)
        tokens = [
            [fine, attend(net.refinement[0], refined)],  # type: ignore[arg-type]
            [middle, attend(net.refinement[1], coarse.detach())],  # type: ignore[arg-type]
            [coarse],
        ]
        return [decode(d, t, net.word_vectors) for d, t in zip(net.decoders, tokens, strict=True)]  # type: ignore[arg-type]

    def step(
        self,
        optimizer: torch.optim.Optimizer,
        features: Features,
        labels: Tensor,
        prototypes: Tensor,
        scale: float,
        lambda_reg: float,
    ) -> Tensor:
        """Three passes over one batch, one granularity learned in each; returns their losses [3]."""
        losses = []
        for granularity in range(3):
            scores = self(features)[granularity]
            loss = granularity_loss(scores, labels, prototypes, scale, lambda_reg)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.detach())
        return torch.stack(losses)


def group(unit: GroupingUnit, x: Tensor) -> Tensor:
    """Mean over parts of assignment x feature: [B, C, H, W] -> [B, C, H, W], through a tensor [B, P, C, H, W]."""
    centres = unit.weight.flatten(1)  # [P, C]
    products = torch.einsum("pc,bchw->bphw", centres, x)
    squares = x.pow(2).sum(1, keepdim=True) + centres.pow(2).sum(1)[:, None, None]
    width = unit.smooth_factor.sigmoid()[:, None, None]
    assignment = ((2 * products - squares).clamp(max=0.0) / width).softmax(1)
    return (assignment[:, :, None] * x[:, None]).mean(1)


def mine(mining: RegionMining, x: Tensor) -> Tensor:
    """Grouping, then convolution, GroupNorm, ReLU and halving."""
    x = group(mining.group, x)
    for block in mining.blocks:
        x = block(x)
        if mining.halvings:
            x = F.interpolate(x, scale_factor=0.5, mode="bilinear", align_corners=True)
    return x


def attend(attention: SpatialChannelAttention, x: Tensor) -> Tensor:
    """Spatial-channel attention."""
    x = attention.conv(x)
    channel = attention.channel(x.mean(dim=(2, 3))).sigmoid()
    spatial = attention.spatial(x).sigmoid()
    return x * (channel[:, :, None, None] * spatial)


def decode(decoder: AttributeDecoder, maps: list[Tensor], word_vectors: Tensor) -> Tensor:
    """Attribute scores [B, A] from token maps [B, C, H, W], through attended tokens [B, A, C]."""
    tokens = torch.cat([m.flatten(2) for m in maps], dim=2).permute(0, 2, 1)  # [B, T, C]
    queries = decoder.query(word_vectors).unsqueeze(0).repeat(len(tokens), 1, 1)  # [B, A, M]
    keys, values = decoder.key(tokens), decoder.value(tokens)  # [B, T, M]
    weights = torch.einsum("bam,btm->bat", queries, keys).softmax(2)
    attended = decoder.output(torch.einsum("bat,btm->bam", weights, values))  # [B, A, C]
    return torch.einsum("bac,ac->ba", attended, decoder.classifier)


def granularity_loss(scores: Tensor, labels: Tensor, prototypes: Tensor, scale: float, lambda_reg: float) -> Tensor:
    """Cross entropy of the scaled cosines, and the regression of normalised vectors. prototypes: seen classes alone."""
    unit_scores = scores / (scores.norm(dim=1, keepdim=True) + 1e-10)
    unit_prototypes = prototypes / (prototypes.norm(dim=1, keepdim=True) + 1e-10)
    cosines = torch.einsum("ba,ka->bk", unit_scores, unit_prototypes)
    regression = F.mse_loss(unit_scores, unit_prototypes[labels])
    return F.cross_entropy(scale * cosines, labels) + lambda_reg * regression
