"""Training steps that are compared: the authors' (reference.py) and ours, on made features of the papers' sizes.

Each step returns its losses, before the update. In mixed precision the forward pass runs under autocast and the losses read its
scores in float32, as Lightning Fabric does it for a recipe's `precision: bf16-mixed`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import torch
from reference import ReferenceMgMRN, ReferenceMSDN, decode, granularity_loss
from torch import Tensor, nn
from torch.nn import functional as F

from zslviz.backbones.features import STAGES, Features
from zslviz.models.mgmrn.loss import mgmrn_loss
from zslviz.models.mgmrn.network import AttributeDecoder, MgMRN, MgMRNConfig
from zslviz.models.msdn.loss import msdn_loss
from zslviz.models.msdn.network import MSDN, MSDNConfig
from zslviz.models.output import AttributeOutput, CompositionOutput

Step = Callable[[], Any]
SCALE, LAMBDA_REG = 20.0, 0.1
LAMBDA_CAL, LAMBDA_DIS = 0.1, 1e-3


@dataclass(frozen=True)
class Sizes:
    """What a step's cost depends on. seen: the first classes; the others are unseen. grid: side of c5.

    device: where everything is made and computed. mixed: whether the forward pass runs in bfloat16 where autocast has it so.
    """

    batch: int
    channels: tuple[int, int, int]
    grid: int
    attributes: int = 312
    word_dim: int = 300
    classes: int = 200
    seen: int = 150
    width: int = 2048
    hidden: int = 1024
    device: str = "cpu"
    mixed: bool = False

    def features(self, ours: bool) -> Features:
        """Features as they arrive: in the authors' memory order, or channels last, as ours are cached."""
        layout = torch.channels_last if ours else torch.contiguous_format
        made = {"generator": self._random(0), "device": self.device}
        stages = zip(self.channels, (4, 2, 1), strict=True)
        maps = (torch.rand(self.batch, c, self.grid * k, self.grid * k, **made) for c, k in stages)
        return Features({n: m.contiguous(memory_format=layout) for n, m in zip(STAGES, maps, strict=True)})

    def labels(self) -> Tensor:
        return torch.arange(self.batch, device=self.device) * 7 % self.seen

    def prototypes(self) -> Tensor:
        return torch.rand(self.classes, self.attributes, generator=self._random(1), device=self.device)

    def word_vectors(self) -> Tensor:
        return torch.randn(self.attributes, self.word_dim, generator=self._random(2), device=self.device)

    def seen_classes(self) -> Tensor:
        return torch.arange(self.classes, device=self.device) < self.seen

    def _random(self, seed: int) -> torch.Generator:
        return torch.Generator(self.device).manual_seed(seed)

    def mgmrn(self) -> MgMRN:
        torch.manual_seed(0)
        with torch.device(self.device):
            network = MgMRN(MgMRNConfig(self.attributes, self.word_dim, self.channels, self.width, self.hidden))
        network.set_word_vectors(self.word_vectors())
        return network

    def msdn(self) -> MSDN:
        torch.manual_seed(0)
        with torch.device(self.device):
            network = MSDN(MSDNConfig(self.attributes, self.word_dim, self.channels[2]))
        network.set_word_vectors(self.word_vectors())
        return network


def in_precision(network: nn.Module, device: str, mixed: bool) -> None:
    """Has a network compute in mixed precision, if asked for, and give float32."""
    if not mixed:
        return
    forward = network.forward

    def autocast(*inputs: Any, **options: Any) -> Any:
        with torch.autocast(device, torch.bfloat16):
            output = forward(*inputs, **options)
        return single(output)

    network.forward = autocast  # type: ignore[method-assign]


def single(output: Any) -> Any:
    """Tensors in float32, those of lists and tuples, and of what a network of ours returns all that a loss reads."""
    if isinstance(output, AttributeOutput):
        return replace(output, scores=output.scores.float(), learned=tuple(map(single, output.learned)))
    if isinstance(output, CompositionOutput):
        logits = (output.pair_logits, output.state_logits, output.object_logits)
        return CompositionOutput(*map(single, logits))
    return output.float() if isinstance(output, Tensor) else type(output)(map(single, output))


@dataclass(frozen=True, eq=False)
class Descent:
    """Steps down a loss, each of which returns it as it was before."""

    loss: Callable[[], Tensor]
    optimizer: torch.optim.Optimizer

    def __call__(self) -> Tensor:
        total = self.loss()
        self.optimizer.zero_grad()
        total.backward()
        self.optimizer.step()
        return total.detach()

    def parameters(self) -> list[Tensor]:
        """In the order in which the optimizer has them."""
        return [parameter for group in self.optimizer.param_groups for parameter in group["params"]]


def msdn_step(sizes: Sizes, ours: bool, unused_terms: bool = True) -> Step:
    """RMSprop with the paper's settings."""
    network, prototypes, labels = sizes.msdn(), F.normalize(sizes.prototypes(), dim=1), sizes.labels()
    seen = sizes.seen_classes()
    features = Features({"c5": sizes.features(ours).stages["c5"]})
    settings: dict[str, Any] = {"lr": 1e-4, "weight_decay": 1e-4, "momentum": 0.9}
    if not ours:
        reference = ReferenceMSDN(network, prototypes, seen, unused_terms)
        in_precision(reference, sizes.device, sizes.mixed)
        theirs = torch.optim.RMSprop(reference.parameters(), **settings)
        return lambda: reference.step(theirs, features.stages["c5"], labels, LAMBDA_CAL, LAMBDA_DIS)
    optimizer = torch.optim.RMSprop(network.parameters(), **settings)
    in_precision(network, sizes.device, sizes.mixed)

    def step() -> Tensor:
        loss = msdn_loss(network(features).scores, labels, prototypes, seen, LAMBDA_CAL, LAMBDA_DIS).total
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.detach()

    return step


def mgmrn_step(sizes: Sizes, ours: bool) -> Step:
    """SGD with the paper's settings."""
    network, prototypes, labels = sizes.mgmrn(), sizes.prototypes()[: sizes.seen], sizes.labels()
    features = sizes.features(ours)
    if not ours:
        reference = ReferenceMgMRN(network)
        in_precision(reference, sizes.device, sizes.mixed)
        theirs = _sgd(reference.parameters())
        return lambda: reference.step(theirs, features, labels, prototypes, SCALE, LAMBDA_REG)
    network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimizer = _sgd(network.parameters())
    in_precision(network, sizes.device, sizes.mixed)

    def step() -> Tensor:
        loss = mgmrn_loss(network(features).scores, labels, prototypes, SCALE, LAMBDA_REG)
        optimizer.zero_grad()
        loss.total.backward()
        optimizer.step()
        return loss.per_granularity.detach()

    return step


def decoder_step(sizes: Sizes, ours: bool) -> Step:
    """The three decoders alone, from token maps that take a gradient, with the losses on their scores; in float32 alone."""
    torch.manual_seed(0)
    size = (sizes.attributes, sizes.word_dim, sizes.width, sizes.hidden, 0.0)
    decoders = [AttributeDecoder(*size).to(sizes.device) for _ in range(3)]
    layout = torch.channels_last if ours else torch.contiguous_format
    shape = (sizes.batch, sizes.width, sizes.grid, sizes.grid)
    maps = [
        [torch.rand(shape).to(sizes.device, memory_format=layout).requires_grad_() for _ in range(count)]
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
WRITTEN = "the equations as written"
Sides = Mapping[str, Callable[[], Step]]


def sides(other: str, step: Callable[..., Step], *sizes: Any, **more: Any) -> Sides:
    """By who computes it, a function that makes everything and returns the step: the other side and ours, of the same sizes."""
    return {who: partial(step, *sizes, ours=who == OURS, **more) for who in (other, OURS)}


def msdn_sides(sizes: Sizes) -> Sides:
    """MSDN's, with a third one: the authors' without what no loss reads."""
    both = sides(AUTHORS, msdn_step, sizes)
    return {
        AUTHORS: both[AUTHORS],
        EQUATIONS: partial(msdn_step, sizes, ours=False, unused_terms=False),
        OURS: both[OURS],
    }


STEPS: Mapping[str, Sides] = {
    "MSDN, the paper's sizes (batch 50, 2048 x 14 x 14)": msdn_sides(PAPER),
    "Mg-MRN, width 256 on EfficientNet-Lite2 (batch 16)": sides(AUTHORS, mgmrn_step, SHIPPED),
    "Mg-MRN, the paper's sizes (512 x 56 x 56 to 2048 x 14 x 14), one photo": sides(AUTHORS, mgmrn_step, ONE_PHOTO),
    "Mg-MRN, decoders alone, the paper's sizes (batch 16)": sides(AUTHORS, decoder_step, EPISODE),
}
"""By what is trained and who computes it, a function that makes everything and returns the step."""
