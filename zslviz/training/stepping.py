"""What the training loop is made of: its state on disk, the optimizer and its rate, the weights' mean, reading ahead."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from lightning_fabric import Fabric
from numpy.typing import NDArray
from torch import Tensor, nn

from zslviz.backbones import Features
from zslviz.errors import ConfigError
from zslviz.features.sources import Load, Source
from zslviz.files.typed import Count, typed
from zslviz.runtime.processes import share_of
from zslviz.training.recipe import Optimizer
from zslviz.training.states import read_state, write_state

if TYPE_CHECKING:
    from zslviz.training.learner import Learner

Parts = list[tuple[Features, int]]
"""A batch in parts: this process's features of each, and how many photos all processes have of it."""


@dataclass(eq=False)
class TrainingState:
    """What a killed training needs to go on: the network, its running average, the optimizer and the epochs done.

    module, stepper: the network's scores and the optimizer as Fabric runs them (precision, processes).
    """

    network: nn.Module
    average: nn.Module | None
    optimizer: torch.optim.Optimizer
    module: nn.Module
    stepper: Any
    fabric: Fabric
    epoch: int = 0

    @property
    def best_network(self) -> nn.Module:
        """The network to measure and ship: the running average where the recipe keeps one."""
        return self.average if self.average is not None else self.network

    def save(self, path: Path) -> None:
        """Written by the first process alone; the others wait, since all are to read the same file."""
        if self.fabric.is_global_zero:
            write_state(
                path,
                {
                    "network": self.network.state_dict(),
                    "average": None if self.average is None else self.average.state_dict(),
                    "optimizer": self.optimizer.state_dict(),
                    "precision": self.fabric.strategy.precision.state_dict(),
                    "epoch": self.epoch,
                },
            )
        self.fabric.barrier()

    def load(self, path: Path) -> None:
        """Raises ConfigError if the file is damaged or of another training."""
        with read_state(path) as saved:
            self.network.load_state_dict(saved["network"])
            if self.average is not None:
                self.average.load_state_dict(saved["average"])
            self.optimizer.load_state_dict(saved["optimizer"])
            if saved["precision"]:
                self.fabric.strategy.precision.load_state_dict(saved["precision"])
            self.epoch = typed(Count, saved["epoch"], f"the epoch of '{path}'")


class ScoresAlone(nn.Module):
    """A network's scores alone, from the parts of features: what Fabric can cast and hand between processes."""

    def __init__(self, network: nn.Module, scores: Callable[[nn.Module, Features], tuple[Tensor, ...]]) -> None:
        super().__init__()
        self.network = network
        self.scores = scores

    def forward(self, stages: dict[str, Tensor], global_vector: Tensor | None) -> tuple[Tensor, ...]:
        return self.scores(self.network, Features(stages, global_vector))


def fresh_state(learner: Learner, fabric: Fabric) -> TrainingState:
    """An untrained network, seeded by the recipe, with its optimizer."""
    recipe = learner.recipe
    torch.manual_seed(recipe.seed)
    network = learner.network().to(fabric.device)
    average = copy.deepcopy(network).requires_grad_(False) if recipe.average else None
    optimizer = build_optimizer(learner.groups(network), recipe.optimizer)
    module, stepper = fabric.setup(ScoresAlone(network, learner.scores), optimizer)
    return TrainingState(network, average, optimizer, module, stepper, fabric)


def parameter_group(parameters: Iterable[nn.Parameter], lr: float, weight_decay: float) -> dict[str, Any]:
    """Parameters that share a rate, which follows the optimizer's schedule from `lr` on, and a decay."""
    return {"params": list(parameters), "base_lr": lr, "weight_decay": weight_decay}


def parameter_groups(named: Iterable[tuple[str, nn.Parameter]], settings: Optimizer) -> list[dict[str, Any]]:
    """A network's trained parameters by their names, parted as the recipe says. Raises ConfigError for a part that has none."""
    own: dict[str, list[nn.Parameter]] = {part: [] for part in settings.parts}
    others: list[nn.Parameter] = []
    for name, parameter in named:
        part = next((part for part in settings.parts if name.removeprefix("head.").startswith(part)), None)
        if parameter.requires_grad:
            (others if part is None else own[part]).append(parameter)
    empty = next((part for part, parameters in own.items() if not parameters), None)
    if empty is not None:
        raise ConfigError(
            f"'parts' of the optimizer names '{empty}'; no trained parameter of the network begins with it."
        )
    rest = [parameter_group(others, settings.lr, settings.weight_decay)]
    return rest + [parameter_group(own[p], rate.lr, rate.weight_decay) for p, rate in settings.parts.items()]


def build_optimizer(groups: list[dict[str, Any]], settings: Optimizer) -> torch.optim.Optimizer:
    """The recipe's optimizer of some groups of parameters (`parameter_group`)."""
    common: dict[str, Any] = {"lr": settings.lr}
    if settings.name == "sgd":
        return torch.optim.SGD(groups, momentum=settings.momentum, **common)
    if settings.name == "rmsprop":
        return torch.optim.RMSprop(groups, momentum=settings.momentum, **common)
    if settings.name == "adam":  # its decay is added to the gradient
        return torch.optim.Adam(groups, **common)
    if settings.name == "adamw":
        return torch.optim.AdamW(groups, **common)
    raise ConfigError(f"There is no optimizer '{settings.name}'; use sgd, rmsprop, adam or adamw.")


def rate_factor(settings: Optimizer, progress: float, epochs: int) -> float:
    """Share of the learning rate after `progress` epochs (a fraction counts)."""
    if progress < settings.warmup:
        return 0.05 + 0.95 * progress / settings.warmup
    if settings.schedule == "cosine":
        share = (progress - settings.warmup) / max(epochs - settings.warmup, 1e-9)
        return 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(share, 1.0)))
    if settings.schedule == "step":
        return settings.step_factor ** int(progress // settings.step_epochs)
    return 1.0


def prefetch(
    batches: list[NDArray[np.int64]], source: Source, rng: np.random.Generator, parts: int, fabric: Fabric
) -> Iterator[tuple[Parts, NDArray[np.int64]]]:
    """This process's share of each batch, in parts, read by a second thread while the first one trains."""
    plan = [(batch, source.draw(batch, rng)) for batch in batches]

    def read(item: tuple[NDArray[np.int64], Load]) -> Parts:
        batch, load = item
        pieces = np.array_split(np.arange(len(batch)), min(parts, len(batch)))
        return [(load(share_of(fabric, piece)), len(piece)) for piece in pieces]

    with ThreadPoolExecutor(1) as reader:
        coming = reader.submit(read, plan[0])
        for current, following in zip(plan, [*plan[1:], None], strict=True):
            loaded = coming.result()
            if following is not None:
                coming = reader.submit(read, following)
            yield loaded, current[0]


@torch.no_grad()
def update_average(average: nn.Module, network: nn.Module, decay: float, step: int) -> None:
    """Running mean of the weights; it starts fast so that the random beginning is soon forgotten."""
    decay = min(decay, (1 + step) / (10 + step))
    for mean, current in zip(average.state_dict().values(), network.state_dict().values(), strict=True):
        if mean.is_floating_point():
            mean.lerp_(current, 1 - decay)
        else:
            mean.copy_(current)
