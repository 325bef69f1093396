"""A training step of BiAM as the authors' code computes it beside ours, and the ratio of both, at the paper's sizes for NUS-WIDE.

    .venv/bin/python benchmarks/label_training_step.py

Theirs: attention weights are formed, masked and kept, the gate's convolution runs twice, and the loss compares all labels with all
others of each photo. Both start from the same weights and must come to the same loss.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from common import interleaved, median_ms, median_ratio, record
from torch import Tensor

from zslviz.backbones import Features
from zslviz.models.biam.network import BiAM, BiAMConfig
from zslviz.models.gbe.loss import training_loss as gbe_loss
from zslviz.models.gbe.network import GBE, GBEConfig
from zslviz.models.label_loss import ranking_loss
from zslviz.runtime.allocator import keep_freed_memory

PHOTOS, LABELS, TAGS, SIDE = 32, 925, 5, 14
CONFIG = BiAMConfig(512, 4096, 300, stage="c4", global_vector="given", attention_dropout=0.0, scene_dropout=0.0)


def reference_logits(net: BiAM, features: Tensor, vectors: Tensor, scene: Tensor) -> Tensor:
    """The authors' forward on our parameters."""
    region, gate = net.region_context_block, net.scene_context_block
    h = net.conv_3X3(features)
    photos, width, side = len(h), h.shape[1], h.shape[-1]
    query, key, value = (
        conv(h).view(photos, region.heads, -1, side * side).transpose(3, 2)
        for conv in (region.w_q, region.w_k, region.w_v)
    )
    scores = query @ key.transpose(-2, -1) / math.sqrt(query.shape[-1])
    scores = scores.masked_fill(scores == 0, -1e9).softmax(-1)
    gathered = (scores @ value).transpose(1, 2).contiguous().view(photos, -1, width)
    attended = region.w_o(gathered.permute(0, 2, 1).reshape(photos, width, side, side)) + h
    by_region = attended + region.sub_network(attended)
    queries, values = gate.channel_conv(h), gate.channel_conv(h)
    keys = gate.w_g(scene[:, :, None, None]).flatten(1)
    opened = (queries.flatten(2).mean(-1) * keys).sigmoid()
    gated = opened[:, :, None, None] * values
    embedded = net.conv_1X1(torch.cat([by_region, gated + gate.gcff(gated)], 1)).permute(0, 2, 3, 1).flatten(1, 2)
    return torch.einsum("brc,ck->brk", embedded, net.W(vectors).t()).topk(net.config.top, dim=1)[0].mean(1)


def reference_loss(logits: Tensor, tags: Tensor) -> Tensor:
    """The authors' ranking loss: all pairs [B, K, K]."""
    positive, negative = tags.clamp(0, 1), (-tags).clamp(0, 1)
    mask = positive.unsqueeze(1) * negative.unsqueeze(-1)
    margins = 1 + (logits * negative).unsqueeze(-1) - (logits * positive).unsqueeze(1)
    violation = (mask * margins).clamp(0)
    count = violation.sign().sum(1).sum(1)
    return (violation.sum(1).sum(1) / (count + 1e-8)).mean()


def biam_step(ours: bool, device: str = "cpu", mixed: bool = False, photos: int = PHOTOS) -> Callable[[], float]:
    """A step from the same weights on the same made features, ours or theirs; it returns the loss before the update.

    mixed: the forward pass runs in bfloat16 where autocast has it so, and the loss reads its scores in float32.
    """
    features, scene, vectors, tags = _made(photos, device)
    net = BiAM(CONFIG).to(device)
    precision = torch.autocast(device, torch.bfloat16, enabled=mixed)
    if not ours:

        def loss_of_theirs() -> Tensor:
            with precision:
                logits = reference_logits(net, features, vectors, scene)
            return reference_loss(logits.float(), tags)

        return _step(net, loss_of_theirs)
    net = net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    read = Features({"c4": features.contiguous(memory_format=torch.channels_last)}, scene)

    def loss_of_ours() -> Tensor:
        with precision:
            logits = net(read, vectors).logits
        return ranking_loss(logits.float(), tags)

    return _step(net, loss_of_ours)


def gbe_step(device: str = "cpu", mixed: bool = False, photos: int = PHOTOS) -> Callable[[], float]:
    """A step of our construction of GBE-MLZSL on the same, with the sizes of its recipe for NUS-WIDE."""
    features, _, vectors, tags = _made(photos, device)
    net = GBE(GBEConfig(512, 300, groups=8, width=128, embedding=512, stage="c4", dropout=0.0)).to(device)
    read = Features({"c4": features})

    def loss() -> Tensor:
        with torch.autocast(device, torch.bfloat16, enabled=mixed):
            output = net(read, vectors)
        return gbe_loss(output.logits.float(), tags, *(one.float() for one in output.learned))

    return _step(net, loss)


def _made(photos: int, device: str) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Features [B, 512, 14, 14], the scene's [B, 4096], label vectors [K, 300] and tags [B, K]."""
    torch.manual_seed(0)
    features, scene = torch.rand(photos, 512, SIDE, SIDE, device=device), torch.rand(photos, 4096, device=device)
    vectors = F.normalize(torch.randn(LABELS, 300, device=device), dim=1)
    tags = -torch.ones(photos, LABELS, device=device)
    tags.scatter_(1, torch.rand(photos, LABELS, device=device).topk(TAGS).indices, 1.0)
    return features, scene, vectors, tags


def main() -> None:
    keep_freed_memory()  # as our training does, here for both sides
    step_theirs, step_ours = biam_step(ours=False), biam_step(ours=True)
    losses = [step() for step in (step_theirs, step_ours)]
    assert abs(losses[0] - losses[1]) < 1e-4 * losses[0], losses
    times = interleaved({"theirs": step_theirs, "ours": step_ours}, rounds=4, warmup=1)
    rows = [{"what": f"biam: {who}", "figure": f"{median_ms(seconds):.0f} ms"} for who, seconds in times.items()]
    ratio = median_ratio(times["theirs"], times["ours"])
    rows.append({"what": "biam: theirs / ours", "figure": f"{ratio:.2f} x"})
    record("label_training_step", "python benchmarks/label_training_step.py", rows)


def _step(network: BiAM, loss_function: Callable[[], Tensor]) -> Callable[[], float]:
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3, weight_decay=5e-4)

    def step() -> float:
        optimizer.zero_grad()
        loss = loss_function()
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


if __name__ == "__main__":
    main()
