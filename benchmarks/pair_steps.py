"""A training step of MSCI as its authors compute it and as ours takes it, for training_step.py and on_gpu.py.

The other side does what the public code does with the texts (its licence is unclear: restated from the equations): they are laid
out for every photo before the first look, so that queries are made of every text once a photo, though no photo is in them yet.
Frozen CLIP and its adapters are in neither side; both run without dropout, so that losses can be compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from steps import Descent, in_precision
from torch import Tensor, nn

from zslviz.backbones.features import Features, class_of
from zslviz.models.msci.loss import training_loss
from zslviz.models.msci.network import MSCI, MSCIConfig
from zslviz.models.msci.stages import Stage
from zslviz.models.output import CompositionLogits, CompositionText


@dataclass(frozen=True)
class PairSizes:
    """What the step's cost depends on. layers: as many low and as many high ones. pairs: seen ones, of all states and objects."""

    photos: int = 48
    states: int = 115
    objects: int = 245
    pairs: int = 1262  # of MIT-States
    layers: int = 4
    width: int = 768
    heads: int = 12
    side: int = 16
    device: str = "cpu"
    mixed: bool = False


class WrittenMSCI(nn.Module):
    """The equations over a network of ours."""

    def __init__(self, network: MSCI) -> None:
        super().__init__()
        self.network = network

    def forward(self, features: Features, text: CompositionText, asked: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        net: Any = self.network
        seen = net.see(features)
        s, o = asked.nonzero(as_tuple=True)
        pairs = text.pair_states[s] + text.pair_objects[o] + text.state_gates[s] * text.object_gates[o]
        views = ((pairs, seen.image), (text.states, seen.state), (text.objects, seen.object))
        return tuple(self._logits(texts, view, seen) for texts, view in views)  # type: ignore[return-value]

    def _logits(self, texts: Tensor, view: Tensor, seen: Any) -> Tensor:
        net: Any = self.network
        t = F.normalize(texts, dim=-1).repeat(len(view), 1, 1)
        low = _through(net.low, t, seen.low.values)
        became = t + net.low_step * low + net.high_step * _through(net.high, low, seen.high.values)
        return net.tau.exp() * (F.normalize(view, dim=-1)[:, None] * F.normalize(became, dim=-1)).sum(-1)  # type: ignore[no-any-return]


def _through(stage: Stage, texts: Tensor, tokens: Tensor) -> Tensor:
    there = stage.norm(tokens)
    for block in stage.blocks:
        texts = block(texts, there).out
    return texts


def msci_step(sizes: PairSizes, ours: bool) -> Descent:
    """Adam with the settings of MIT-States."""
    torch.manual_seed(0)
    names = tuple(f"layer{n}" for n in range(2 * sizes.layers))
    with torch.device(sizes.device):
        config = MSCIConfig(
            (sizes.width,) * len(names), sizes.width, names, sizes.layers, class_tokens=True, global_channels=sizes.width,
            width=sizes.width, heads=sizes.heads, shared_space=True, dropout=0.0, view_dropout=0.0,
        )  # fmt: skip
        network = MSCI(config)
        stages = {name: torch.rand(sizes.photos, sizes.width, sizes.side, sizes.side) for name in names}
        stages |= {class_of(name): torch.rand(sizes.photos, sizes.width, 1, 1) for name in names}
        features = Features(stages, torch.randn(sizes.photos, sizes.width))
        words = [torch.randn(count, sizes.width) for count in (sizes.states, sizes.objects)]
        asked = torch.zeros(sizes.states * sizes.objects, dtype=torch.bool)
        asked[torch.randperm(len(asked))[: sizes.pairs]] = True
        known = asked.nonzero()[:, 0]
        pair = known[torch.arange(sizes.photos) * 7 % len(known)]
    seen = asked.view(sizes.states, sizes.objects)
    states, objects = pair // sizes.objects, pair % sizes.objects
    model = network if ours else WrittenMSCI(network)
    in_precision(model, sizes.device, sizes.mixed)

    def total() -> Tensor:
        text = network.text(*words)
        if ours:
            found = model(features, text, asked=seen)
            logits = CompositionLogits(found.pair_logits, found.state_logits, found.object_logits)
        else:
            of_pairs, *others = model(features, text, seen)
            laid_out = of_pairs.new_zeros(len(of_pairs), *seen.shape)
            laid_out[:, seen] = of_pairs
            logits = CompositionLogits(laid_out, *others)
        return training_loss(logits, states, objects, seen)

    return Descent(total, torch.optim.Adam(network.parameters(), lr=1e-4, weight_decay=1e-5))
