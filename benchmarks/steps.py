"""Training steps that are compared: the authors' (reference.py) and ours, on made features of the papers' sizes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from reference import ReferenceMgMRN, ReferenceMSDN, decode, granularity_loss
from torch import Tensor
from torch.nn import functional as F

from zslviz.backbones.features import STAGES, Features
from zslviz.models.mgmrn.loss import mgmrn_loss
from zslviz.models.mgmrn.network import AttributeDecoder, MgMRN, MgMRNConfig
from zslviz.models.msdn.loss import msdn_loss
from zslviz.models.msdn.network import MSDN, MSDNConfig

Step = Callable[[], Any]
SCALE, LAMBDA_REG = 20.0, 0.1
LAMBDA_CAL, LAMBDA_DIS = 0.1, 1e-3


@dataclass(frozen=True)
class Sizes:
    """What a step's cost depends on. seen: the first classes; the others are unseen. grid: side of c5."""

    batch: int
    channels: tuple[int, int, int]
    grid: int
    attributes: int = 312
    word_dim: int = 300
    classes: int = 200
    seen: int = 150
    width: int = 2048
    hidden: int = 1024

    def features(self, ours: bool) -> Features:
        """Features as they arrive: in the authors' memory order, or channels last, as ours are cached."""
        layout = torch.channels_last if ours else torch.contiguous_format
        generator = torch.Generator().manual_seed(0)
        stages = zip(self.channels, (4, 2, 1), strict=True)
        maps = (torch.rand(self.batch, c, self.grid * k, self.grid * k, generator=generator) for c, k in stages)
        return Features({n: m.contiguous(memory_format=layout) for n, m in zip(STAGES, maps, strict=True)})

    def labels(self) -> Tensor:
        return torch.arange(self.batch) * 7 % self.seen

    def prototypes(self) -> Tensor:
        return torch.rand(self.classes, self.attributes, generator=torch.Generator().manual_seed(1))

    def word_vectors(self) -> Tensor:
        return torch.randn(self.attributes, self.word_dim, generator=torch.Generator().manual_seed(2))

    def mgmrn(self) -> MgMRN:
        torch.manual_seed(0)
        network = MgMRN(MgMRNConfig(self.attributes, self.word_dim, self.channels, self.width, self.hidden))
        network.set_word_vectors(self.word_vectors())
        return network

    def msdn(self) -> MSDN:
        torch.manual_seed(0)
        network = MSDN(MSDNConfig(self.attributes, self.word_dim, self.channels[2]))
        network.set_word_vectors(self.word_vectors())
        return network


def msdn_step(sizes: Sizes, ours: bool, unused_terms: bool = True) -> Step:
    """RMSprop with the paper's settings."""
    network, prototypes, labels = sizes.msdn(), F.normalize(sizes.prototypes(), dim=1), sizes.labels()
    seen = torch.arange(sizes.classes) < sizes.seen
    features = Features({"c5": sizes.features(ours).stages["c5"]})
    settings: dict[str, Any] = {"lr": 1e-4, "weight_decay": 1e-4, "momentum": 0.9}
    if not ours:
        reference = ReferenceMSDN(network, prototypes, seen, unused_terms)
        theirs = torch.optim.RMSprop(reference.parameters(), **settings)
        return lambda: reference.step(theirs, features, labels, LAMBDA_CAL, LAMBDA_DIS)
    optimizer = torch.optim.RMSprop(network.parameters(), **settings)

    def step() -> None:
        loss = msdn_loss(network(features).scores, labels, prototypes, seen, LAMBDA_CAL, LAMBDA_DIS).total
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return step


def mgmrn_step(sizes: Sizes, ours: bool) -> Step:
    """SGD with the paper's settings."""
    network, prototypes, labels = sizes.mgmrn(), sizes.prototypes()[: sizes.seen], sizes.labels()
    features = sizes.features(ours)
    if not ours:
        reference = ReferenceMgMRN(network)
        theirs = _sgd(reference.parameters())
        return lambda: reference.step(theirs, features, labels, prototypes, SCALE, LAMBDA_REG)
    network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimizer = _sgd(network.parameters())

    def step() -> None:
        loss = mgmrn_loss(network(features).scores, labels, prototypes, SCALE, LAMBDA_REG).total
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return step


def decoder_step(sizes: Sizes, ours: bool) -> Step:
    """The three decoders alone, from token maps that take a gradient, with the losses on their scores."""
    torch.manual_seed(0)
    size = (sizes.attributes, sizes.word_dim, sizes.width, sizes.hidden, 0.0)
    decoders = [AttributeDecoder(*size) for _ in range(3)]
    layout = torch.channels_last if ours else torch.contiguous_format
    shape = (sizes.batch, sizes.width, sizes.grid, sizes.grid)
    maps = [
        [torch.rand(shape).contiguous(memory_format=layout).requires_grad_() for _ in range(count)]
        for count in (2, 2, 1)
    ]
    words, prototypes, labels = sizes.word_vectors(), sizes.prototypes()[: sizes.seen], sizes.labels()
    optimizer = _sgd([p for decoder in decoders for p in decoder.parameters()])

    def update(loss: Tensor) -> None:
        optimizer.zero_grad()
        for token_map in (m for granularity in maps for m in granularity):
            token_map.grad = None
        loss.backward()
        optimizer.step()

    def three_passes() -> None:
        for granularity in range(3):
            scores = [decode(d, m, words) for d, m in zip(decoders, maps, strict=True)][granularity]
            update(granularity_loss(scores, labels, prototypes, SCALE, LAMBDA_REG))

    def joint() -> None:
        tokens = [torch.cat([m.flatten(2).mT for m in granularity], dim=1) for granularity in maps]
        decoded = [d(t, words) for d, t in zip(decoders, tokens, strict=True)]
        scores = torch.stack([evidence.sum(-1) + bias for _, evidence, bias in decoded])
        update(mgmrn_loss(scores, labels, prototypes, SCALE, LAMBDA_REG).total)

    return joint if ours else three_passes


def _sgd(parameters: Any) -> torch.optim.Optimizer:
    return torch.optim.SGD(parameters, lr=5e-4, momentum=0.9, weight_decay=1e-5)


RESNET = (512, 1024, 2048)
LITE2 = (48, 120, 1280)
PAPER = Sizes(batch=50, channels=RESNET, grid=14)
ONE_PHOTO = Sizes(batch=1, channels=RESNET, grid=14)
EPISODE = Sizes(batch=16, channels=RESNET, grid=14)  # 8 classes x 2 photos
SHIPPED = Sizes(batch=16, channels=LITE2, grid=9, width=256, hidden=256)

AUTHORS, EQUATIONS, OURS = "authors' step", "authors' step without terms that nothing reads", "ours"
STEPS: Mapping[str, Mapping[str, Callable[[], Step]]] = {
    "MSDN, the paper's sizes (batch 50, 2048 x 14 x 14)": {
        AUTHORS: lambda: msdn_step(PAPER, ours=False),
        EQUATIONS: lambda: msdn_step(PAPER, ours=False, unused_terms=False),
        OURS: lambda: msdn_step(PAPER, ours=True),
    },
    "Mg-MRN, width 256 on EfficientNet-Lite2 (batch 16)": {
        AUTHORS: lambda: mgmrn_step(SHIPPED, ours=False),
        OURS: lambda: mgmrn_step(SHIPPED, ours=True),
    },
    "Mg-MRN, the paper's sizes (512 x 56 x 56 to 2048 x 14 x 14), one photo": {
        AUTHORS: lambda: mgmrn_step(ONE_PHOTO, ours=False),
        OURS: lambda: mgmrn_step(ONE_PHOTO, ours=True),
    },
    "Mg-MRN, decoders alone, the paper's sizes (batch 16)": {
        AUTHORS: lambda: decoder_step(EPISODE, ours=False),
        OURS: lambda: decoder_step(EPISODE, ours=True),
    },
}
"""By what is trained and who computes it, a function that makes everything and returns the step."""
