"""Training steps of TransZero and DFAN as their equations are written and as ours take them, for training_step.py and on_gpu.py.

TransZero's other side does what its authors' public code does (github.com/shiming-chen/TransZero, MIT): the geometry of all pairs
of regions is made anew for every photo of every batch, and attributes look at each other once a photo, though no photo is in them
yet. DFAN's other side is its equations word by word (its code has no licence and was not restated): the offset network runs to its
end on every attribute's own feature. Both run without dropout, so that losses can be compared, on copies of our parameters.
"""

from __future__ import annotations

import copy
from typing import Any

import torch
import torch.nn.functional as F
from steps import Descent, Sizes, in_precision
from torch import Tensor, nn

from zslviz.backbones.features import Features
from zslviz.models.dfan.loss import dfan_loss
from zslviz.models.dfan.network import DFAN, DFANConfig
from zslviz.models.transzero.layers import Attention, DecoderLayer, EncoderLayer
from zslviz.models.transzero.loss import transzero_loss
from zslviz.models.transzero.network import TransZero, TransZeroConfig

CALIBRATION, REGRESSION = 0.3, 0.005


class ReferenceTransZero(nn.Module):
    """TransZero's forward pass over copies of our layers: c5 [B, C, H, W] -> attribute scores [B, A]."""

    def __init__(self, network: TransZero) -> None:
        super().__init__()
        self.network = copy.deepcopy(network)

    def forward(self, features: Tensor) -> Tensor:
        net: Any = self.network
        photos, side = len(features), features.shape[-1]
        words = F.normalize(net.V, dim=1) if net.config.normalize_word_vectors else net.V
        h = net.embed_regions(F.normalize(features.flatten(2), dim=1).mT)
        weight = net.geometry(_geometry(photos, side, features.device).to(features)).squeeze(-1).relu()  # [B, R, R]
        for layer in net.encoder:
            h = _encoded(layer, h, weight)
        out = net.embed_attributes(words).repeat(photos, 1, 1)
        for layer in net.decoder:
            out = _decoded(layer, out, h)
        return torch.einsum("iv,vf,bif->bi", words, net.W_1, out)


def _geometry(photos: int, side: int, device: Any) -> Tensor:
    """[B, R, R, 64], of a square grid; see `zslviz.models.transzero.geometry`."""
    cells = torch.arange(side, device=device).float()
    logs, sizes = [], []
    for low in (cells.repeat_interleave(side), cells.repeat(side)):
        first, last = (edge.expand(photos, -1) / side for edge in (low, low + 1))
        size, centre = (last - first) + 1.0, (first + last) * 0.5
        apart = (centre[:, :, None] - centre[:, None]).abs() / size[:, :, None]
        logs.append(apart.clamp(min=1e-3).log())
        sizes.append((size[:, :, None] / size[:, None]).log())
    waves = 1.0 / 1000 ** (torch.arange(8, device=device, dtype=torch.float32) / 8)
    angles = (100.0 * torch.stack(logs + sizes, -1)[..., None] * waves).flatten(3)
    return torch.cat([angles.sin(), angles.cos()], -1)


def _encoded(layer: EncoderLayer, h: Tensor, weight: Tensor) -> Tensor:
    attention = (layer.query(h) @ layer.key(h).mT / h.shape[-1] ** 0.5 - weight).softmax(-1)
    u = layer.norm_attended(h + layer.output(attention @ layer.value(h)))
    z = layer.norm(h + u)
    return layer.norm_forward(z + layer.fc2(layer.fc1(z).relu()))  # type: ignore[no-any-return]


def _attended(attention: Attention, queries: Tensor, keys: Tensor) -> Tensor:
    projected = zip((queries, keys, keys), *attention.parts(), strict=True)
    asked, there, told = (
        F.linear(x, weight, bias).unflatten(-1, (attention.heads, -1)).transpose(-3, -2)
        for x, weight, bias in projected
    )
    weights = (asked @ there.mT / asked.shape[-1] ** 0.5).softmax(-1)
    return attention.out_proj((weights @ told).transpose(-3, -2).flatten(-2))  # type: ignore[no-any-return]


def _decoded(layer: DecoderLayer, out: Tensor, memory: Tensor) -> Tensor:
    if layer.self_attention is not None and layer.norm1 is not None:
        out = layer.norm1(out + _attended(layer.self_attention, out, out))
    z = layer.norm2(out + _attended(layer.cross_attention, out, memory))
    return layer.norm3(z + layer.linear2(layer.linear1(z).relu()))  # type: ignore[no-any-return]


def transzero_step(sizes: Sizes, ours: bool, width: int = 300, feed_forward: int = 512) -> Descent:
    """Adam with the settings of CUB."""
    torch.manual_seed(0)
    with torch.device(sizes.device):
        config = TransZeroConfig(sizes.attributes, sizes.word_dim, sizes.channels[2], width, feed_forward)
        network = TransZero(config)
    network.set_word_vectors(sizes.word_vectors())
    network.eval()  # without dropout
    features, prototypes = sizes.features(ours).stages["c5"], F.normalize(sizes.prototypes(), dim=1)
    model = network if ours else ReferenceTransZero(network)
    in_precision(model, sizes.device, sizes.mixed)

    def loss() -> Tensor:
        scores = model(Features({"c5": features})).scores if ours else model(features)[None]
        seen = sizes.seen_classes()
        return transzero_loss(scores, sizes.labels(), prototypes, seen, CALIBRATION, REGRESSION).total

    return Descent(loss, torch.optim.Adam(model.parameters(), lr=1e-4, weight_decay=1e-4))


class ReferenceDFAN(nn.Module):
    """DFAN's equations over a copy of our parameters: c5 [B, C, H, W] -> scores [2, B, A] and likeness [B]."""

    def __init__(self, network: DFAN) -> None:
        super().__init__()
        self.network = copy.deepcopy(network)

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        net: Any = self.network
        raw = features.flatten(2).mT  # [B, R, C]
        regions, whole = F.normalize(raw, dim=-1), raw.mean(1)
        attention = net.local_predictor(regions).softmax(1)
        own = F.normalize(torch.einsum("bra,brc->bac", attention, regions), dim=-1)
        local = torch.einsum("ac,bac->ba", net.local_predictor.weight, own) + net.bias_learner(own).mean(1)
        scores = torch.stack([local, net.global_predictor(whole) + net.bias_learner(whole)])
        same = torch.eye(own.shape[1], device=own.device)
        return scores, (torch.einsum("bac,bdc->bad", own, own) - same).square().mean((1, 2))


def dfan_step(sizes: Sizes, ours: bool) -> Descent:
    """Adam with the paper's two rates."""
    torch.manual_seed(0)
    with torch.device(sizes.device):
        network = DFAN(DFANConfig(sizes.attributes, sizes.channels[2]))
    features, prototypes = sizes.features(ours).stages["c5"], F.normalize(sizes.prototypes(), dim=1)
    model = network if ours else ReferenceDFAN(network)
    in_precision(model, sizes.device, sizes.mixed)

    def loss() -> Tensor:
        if ours:
            output = model(Features({"c5": features}))
            scores, likeness = output.scores, output.learned[0]
        else:
            scores, likeness = model(features)
        return dfan_loss(scores, sizes.labels(), prototypes, sizes.seen_classes(), likeness).total

    offset = [p for n, p in model.named_parameters() if "bias_learner" in n]
    own = [p for n, p in model.named_parameters() if "bias_learner" not in n]
    groups: Any = [{"params": own}, {"params": offset, "lr": 1e-4, "weight_decay": 1e-3}]
    return Descent(loss, torch.optim.Adam(groups, lr=0.01, weight_decay=1e-5))
