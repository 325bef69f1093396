"""Training steps of PSVMA, PSVMA+ and our construction of HDAFL, as their equations are written and as ours take them.

For training_step.py and on_gpu.py.

No code of theirs is public or free to restate, so the other side is the equations word by word, on copies of our parameters: the
attributes of PSVMA and PSVMA+ are laid out for every photo though none is in them yet, and each of their two looks makes the keys
and values of the regions anew; HDAFL (our construction) multiplies what each attribute gathered by its direction. What a
transformer does before, which is trained along in PSVMA's paper, is in neither side. Both run without dropout, so that losses can
be compared.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from steps import Descent, Sizes, in_precision
from torch import Tensor, nn

from zslviz.backbones.features import TOKENS, Features
from zslviz.models.hdafl import loss as hdafl
from zslviz.models.hdafl.network import HDAFL, HDAFLConfig
from zslviz.models.output import AttributeOutput
from zslviz.models.psvma import loss as psvma
from zslviz.models.psvma.network import PSVMA, PSVMAConfig
from zslviz.models.psvmaplus import loss as psvmaplus
from zslviz.models.psvmaplus.network import PSVMAPlus, PSVMAPlusConfig

Loss = Callable[..., Tensor]


class Written(nn.Module):
    """Equations over a copy of a network of ours: what its loss is given, with the scores first."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = copy.deepcopy(network)


def _adapted(module: Any, regions: Tensor, attributes: Tensor) -> tuple[Tensor, list[Tensor]]:
    """The module of both papers: regions [B, R, C], attributes [B, A, C] -> regions, and each look's highest logits [B, A]."""
    look, asking, peaks, p = module.attributes_look, attributes, [], attributes
    for _ in range(2):
        logits, found = look(asking, look.there(regions))
        p = asking + found
        gated = module.gate(p)
        p = gated + module.attributes_forward(gated) + p
        peaks.append(logits.amax(-1))
        asking = attributes + p
    y = regions + module.regions_look(regions, module.regions_look.there(p))[1]
    y = y + module.mixer(y)
    return y + module.regions_forward(y), peaks


class WrittenPSVMA(Written):
    def forward(self, features: Features) -> AttributeOutput:
        net: Any = self.network
        y, peaks = net.regions(features)[0], []
        attributes = (net.word_vectors @ net.W).repeat(len(y), 1, 1)
        for use in range(2):
            y, found = _adapted(net.module, y if use == 0 or net.between is None else net.between(y), attributes)
            peaks += found
        return AttributeOutput((y.mean(1) @ net.V)[None], learned=(torch.stack(peaks),))


class WrittenPSVMAPlus(Written):
    def forward(self, features: Features) -> AttributeOutput:
        net: Any = self.network
        branches, peaks = [], []
        for module, regions, attributes in zip(net.modules_of, net.regions(features), net.attributes(), strict=True):
            y, found = _adapted(module, regions, attributes.repeat(len(regions), 1, 1))
            branches.append(y.mean(1) @ net.V)
            peaks += found
        each = torch.stack(branches)
        scale = each.new_full((1, each.shape[1]), net.config.scale)
        return AttributeOutput(each, learned=(torch.stack(peaks), each, scale))  # the loss reads no scores


class WrittenHDAFL(Written):
    def forward(self, features: Features) -> AttributeOutput:
        net: Any = self.network
        said = net.said()
        seen = net.look(said, features)
        local = (seen.own * said.directions).sum(-1)
        return AttributeOutput(
            torch.cat([local, (seen.mean @ said.whole.mT)[None]]), learned=(seen.own, seen.mean[None])
        )


def psvma_step(sizes: Sizes, ours: bool, tokens: bool = False, width: int = 128, mixing: int = 128) -> Descent:
    """SGD with the paper's settings. tokens: of a transformer, as wide as the module, whose last block is trained along."""
    channels = width if tokens else sizes.channels[2]
    more: dict[str, Any] = {"stages": (TOKENS,), "heads": max(1, width // 64)} if tokens else {}
    config = PSVMAConfig(sizes.attributes, sizes.word_dim, channels, sizes.grid, width, mixing, _groups(sizes), **more)
    made = sizes.features(ours).stages["c5"][:, :channels]
    return _compared(
        sizes, PSVMA, config, WrittenPSVMA, Features({TOKENS if tokens else "c5": made}), psvma.training_loss, ours
    )


def psvmaplus_step(
    sizes: Sizes, ours: bool, doubled: bool = False, width: int = 128, mixing: tuple[int, int, int] = (64, 64, 64)
) -> Descent:
    """As PSVMA's. doubled: on stages of a transformer, all as wide as the module; sizes.grid is then that of its pooled patches."""
    channels = (width,) * 3 if doubled else sizes.channels
    config = PSVMAPlusConfig(
        sizes.attributes,
        sizes.classes,
        sizes.word_dim,
        channels,
        sizes.grid,
        width,
        mixing,
        _groups(sizes),
        doubled=doubled,
    )
    stages = sizes.features(ours).stages.items()
    made = Features({name: stage[:, :c] for (name, stage), c in zip(stages, channels, strict=True)})
    return _compared(sizes, PSVMAPlus, config, WrittenPSVMAPlus, made, psvmaplus.training_loss, ours)


def hdafl_step(sizes: Sizes, ours: bool, width: int = 300, feed_forward: int = 512) -> Descent:
    """SGD as the others', so that what is compared is the gradient; the recipes' own optimizer costs the same on both sides."""
    config = HDAFLConfig(
        sizes.attributes, sizes.word_dim, sizes.channels[2], width, feed_forward=feed_forward, dropout=0.0
    )
    made = Features({"c5": sizes.features(ours).stages["c5"]})
    return _compared(sizes, HDAFL, config, WrittenHDAFL, made, hdafl.training_loss, ours)


def _groups(sizes: Sizes) -> int:
    """By which the attributes are divided for their gate: 28 with the 312 of CUB, as in the paper."""
    return max(2, round(28 * sizes.attributes / 312))


def _compared(
    sizes: Sizes, kind: Any, config: Any, written: type[Written], features: Features, loss: Loss, ours: bool
) -> Descent:
    torch.manual_seed(0)
    with torch.device(sizes.device):
        network = kind(config)
    network.set_word_vectors(sizes.word_vectors())
    prototypes = F.normalize(sizes.prototypes(), dim=1)
    if hasattr(network, "set_classes"):
        network.set_classes(prototypes)
    model = network if ours else written(network)
    in_precision(model, sizes.device, sizes.mixed)

    def total() -> Tensor:
        output = model(features)
        return loss(output.scores, sizes.labels(), prototypes, sizes.seen_classes(), *output.learned)[0]

    return Descent(total, torch.optim.SGD(model.parameters(), lr=1e-3, momentum=0.9, weight_decay=1e-4))
