"""What a task tells the one training loop (`zslviz.training.loop`), and the two plans by which a model is trained."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from lightning_fabric import Fabric
from numpy.typing import NDArray
from torch import Tensor, nn

from zslviz.backbones import Features
from zslviz.features.sources import Source
from zslviz.training.recipe import Recipe
from zslviz.training.stepping import parameter_groups

Photos = NDArray[np.int64]
Scores = tuple[Tensor, ...]
Figures = dict[str, Any]
"""What was measured after an epoch, as plain values; "epoch" is one of them."""


class Learner(ABC):
    """One network on one problem: some photos to train on, and others to measure it on.

    recipe: of the training. photo_axis: which axis of its scores counts the photos. steps: how many times a batch is stepped on,
    each on a loss of its own.
    """

    photo_axis: int = 0
    steps: int = 1

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe

    @abstractmethod
    def network(self) -> nn.Module:
        """An untrained network, in the memory format that it is to be trained in. PyTorch's generator is seeded before."""

    @abstractmethod
    def source(self, network: nn.Module) -> Source:
        """The photos as the network takes them."""

    @abstractmethod
    def batches(self, rng: np.random.Generator) -> list[Photos]:
        """The photos of every batch of an epoch; the order and all else that is drawn come from `rng`."""

    @abstractmethod
    def scores(self, network: nn.Module, features: Features) -> Scores:
        """What the losses are computed from."""

    @abstractmethod
    def losses(self, scores: Scores, photos: Photos) -> Tensor:
        """The losses [steps] of scores of these photos, float32 unless the recipe's precision is higher."""

    @abstractmethod
    def measure(self, network: nn.Module, source: Source, fabric: Fabric, epoch: int) -> list[Figures]:
        """One entry for each candidate that may be chosen at this epoch; the processes of the fabric share the photos."""

    def groups(self, network: nn.Module) -> list[dict[str, Any]]:
        """The parameters that are trained, parted by rate and decay."""
        return parameter_groups(network.named_parameters(), self.recipe.optimizer)

    def before_step(self, network: nn.Module, turn: int) -> None:  # noqa: B027  (most have nothing to do then)
        """Called between a batch's gradients and its step, the `turn`-th on that batch."""

    def is_measured(self, epoch: int) -> bool:
        """Whether the network is measured after so many epochs."""
        return True

    def finished(self, network: nn.Module) -> nn.Module:
        """The network to measure and to ship, in eval mode, made of the trained one."""
        return network.eval()


@dataclass(frozen=True, eq=False)
class Retrain:
    """A plan: measure networks on validation problems, choose, and train a fresh one on everything for as many epochs.

    validation: the learners of these problems, each tried for `epochs`. choose: from their traces what is chosen, as plain values
    with the "epoch".
    """

    validation: Sequence[Learner]
    final: Learner
    epochs: int
    choose: Callable[[list[list[Figures]]], dict[str, Any]]


@dataclass(frozen=True, eq=False)
class KeepBest:
    """A plan: train one network and keep it as it was at its best epoch. merit: of an epoch's figures."""

    learner: Learner
    merit: Callable[[Figures], float]

    def best(self, trace: Sequence[Figures]) -> Figures:
        """The figures with the highest merit, the first of them."""
        return max(trace, key=lambda figures: (self.merit(figures), -figures["epoch"]))


Plan = Retrain | KeepBest


@dataclass(frozen=True, eq=False)
class Trained:
    """A network to ship, in eval mode. chosen: what its plan chose, as plain values. trace: of a network kept at its best epoch."""

    network: nn.Module
    chosen: dict[str, Any]
    trace: Sequence[Figures] = ()
