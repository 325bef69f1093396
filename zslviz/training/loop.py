"""The training loop on cached features: one joint forward and backward a batch, resumable, the same for a fixed seed."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from tqdm import tqdm

from zslviz.backbones import Pyramid
from zslviz.errors import ConfigError
from zslviz.models import build_model
from zslviz.semantics import SemanticSpace
from zslviz.training.cache import FeatureCache
from zslviz.training.losses import mgmrn_loss, msdn_loss
from zslviz.training.recipe import Optimizer, Recipe
from zslviz.training.split import Problem

LossFunction = Callable[[Tensor, Tensor], Tensor]


@dataclass(eq=False)
class TrainingState:
    """What a killed training needs to go on: the network, its running average, the optimizer and the epochs done."""

    network: nn.Module
    average: nn.Module | None
    optimizer: torch.optim.Optimizer
    epoch: int = 0

    @property
    def best_network(self) -> nn.Module:
        """The network to measure and ship: the running average where the recipe keeps one."""
        return self.average if self.average is not None else self.network

    def save(self, path: Path) -> None:
        partial = path.with_suffix(".partial")
        torch.save(
            {
                "network": self.network.state_dict(),
                "average": None if self.average is None else self.average.state_dict(),
                "optimizer": self.optimizer.state_dict(),
                "epoch": self.epoch,
            },
            partial,
        )
        partial.replace(path)  # a kill while writing leaves the previous file whole

    def load(self, path: Path) -> None:
        saved = torch.load(path, map_location="cpu", weights_only=True)
        self.network.load_state_dict(saved["network"])
        if self.average is not None:
            self.average.load_state_dict(saved["average"])
        self.optimizer.load_state_dict(saved["optimizer"])
        self.epoch = int(saved["epoch"])


def new_state(recipe: Recipe, space: SemanticSpace, device: torch.device) -> TrainingState:
    """A fresh network for a recipe and a space, seeded by the recipe. Raises ConfigError without word vectors."""
    if space.word_vectors is None:
        raise ConfigError(
            "Training needs word vectors of the attributes: 'attribute_word_vectors.npy' in the data folder."
        )
    torch.manual_seed(recipe.seed)
    network = build_model(recipe.system, model_config(recipe, space))
    network.set_word_vectors(torch.from_numpy(np.array(space.word_vectors)))  # type: ignore[operator]
    network = network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    average = copy.deepcopy(network).requires_grad_(False) if recipe.average else None
    return TrainingState(network, average, build_optimizer(network, recipe.optimizer))


def model_config(recipe: Recipe, space: SemanticSpace) -> dict[str, Any]:
    """The network's configuration: the recipe's settings, with the sizes that follow from backbone and space."""
    from zslviz.backbones import BACKBONES

    channels = BACKBONES[recipe.backbone].channels
    sizes = {
        "attributes": len(space.attributes),
        "word_dim": 0 if space.word_vectors is None else space.word_vectors.shape[1],
        "channels": channels[-1] if recipe.system == "msdn" else channels,
    }
    return {**sizes, **recipe.model}


def build_optimizer(network: nn.Module, settings: Optimizer) -> torch.optim.Optimizer:
    parameters = [p for p in network.parameters() if p.requires_grad]
    common: dict[str, Any] = {"lr": settings.lr, "weight_decay": settings.weight_decay}
    if settings.name == "sgd":
        return torch.optim.SGD(parameters, momentum=settings.momentum, **common)
    if settings.name == "rmsprop":
        return torch.optim.RMSprop(parameters, momentum=settings.momentum, **common)
    if settings.name == "adamw":
        return torch.optim.AdamW(parameters, **common)
    raise ConfigError(f"There is no optimizer '{settings.name}'; use sgd, rmsprop or adamw.")


def learning_rate(settings: Optimizer, progress: float, epochs: int) -> float:
    """The learning rate after `progress` epochs (a fraction counts)."""
    if progress < settings.warmup:
        return settings.lr * (0.05 + 0.95 * progress / settings.warmup)
    if settings.schedule == "cosine":
        share = (progress - settings.warmup) / max(epochs - settings.warmup, 1e-9)
        return settings.lr * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(share, 1.0))))
    if settings.schedule == "step":
        return settings.lr * settings.step_factor ** int(progress // settings.step_epochs)
    return settings.lr


def build_loss(recipe: Recipe, space: SemanticSpace, device: torch.device) -> LossFunction:
    """The system's loss as a function of attribute scores [G, B, A] and labels [B] in the space."""
    prototypes = torch.from_numpy(np.array(space.prototypes)).to(device)
    seen = torch.from_numpy(np.array(space.seen)).to(device)
    if recipe.system == "msdn":
        return lambda scores, labels: msdn_loss(scores, labels, prototypes, seen, **recipe.loss).total
    position = torch.cumsum(seen, 0) - 1  # label in the space -> label among the seen classes
    return lambda scores, labels: mgmrn_loss(scores, position[labels], prototypes[seen], **recipe.loss).total


def train_epoch(
    state: TrainingState,
    recipe: Recipe,
    problem: Problem,
    caches: list[FeatureCache],
    loss_function: LossFunction,
    device: torch.device,
    label: str = "",
) -> float:
    """One pass over the training photos; every photo is taken from one of the caches (as it is or mirrored) by chance.

    The order and every random choice follow from the recipe's seed and the epoch, so a resumed training is the same one.
    Returns the mean loss.
    """
    network = state.network.train()
    rng = np.random.default_rng((recipe.seed, state.epoch))
    torch.manual_seed(recipe.seed * 100_003 + state.epoch)
    order = rng.permutation(problem.train)
    batches = [b for b in np.array_split(order, math.ceil(len(order) / recipe.batch_size)) if len(b) > 1]
    total = 0.0
    with tqdm(total=len(batches), desc=f"{label} epoch {state.epoch + 1}/{recipe.epochs}", unit="batch") as bar:
        for number, (pyramid, photos) in enumerate(_prefetch(batches, caches, rng, network.stages)):
            rate = learning_rate(recipe.optimizer, state.epoch + number / len(batches), recipe.epochs)
            for group in state.optimizer.param_groups:
                group["lr"] = rate
            labels = torch.from_numpy(problem.labels[photos]).to(device)
            on_device = Pyramid(*(None if s is None else s.to(device) for s in pyramid))  # type: ignore[arg-type]
            loss = loss_function(network(on_device).scores, labels)
            state.optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            if recipe.optimizer.clip_norm:
                nn.utils.clip_grad_norm_(network.parameters(), recipe.optimizer.clip_norm)
            state.optimizer.step()
            if state.average is not None:
                _update_average(state.average, network, recipe.average, state.epoch * len(batches) + number)
            total += float(loss.detach())
            bar.set_postfix(loss=f"{total / (number + 1):.3f}", refresh=False)
            bar.update()
    state.epoch += 1
    return total / len(batches)


@torch.inference_mode()
def predict_scores(
    network: nn.Module, cache: FeatureCache, photos: NDArray[np.int64], device: torch.device, batch_size: int = 64
) -> NDArray[np.float32]:
    """Attribute scores of cached photos: float32 [N, G, A]."""
    network.eval()
    batches = [photos[i : i + batch_size] for i in range(0, len(photos), batch_size)]
    stages: tuple[str, ...] = network.stages  # type: ignore[assignment]
    scores = []
    for batch in batches:
        loaded = cache.load(batch, stages)
        pyramid = Pyramid(*(loaded[s].to(device) if s in loaded else None for s in ("c3", "c4", "c5")))  # type: ignore[arg-type]
        scores.append(network(pyramid).scores.transpose(0, 1).cpu().numpy())
    return np.concatenate(scores)


def _prefetch(
    batches: list[NDArray[np.int64]], caches: list[FeatureCache], rng: np.random.Generator, stages: Any
) -> Iterator[tuple[Pyramid, NDArray[np.int64]]]:
    """Features of each batch, read by a second thread while the first one trains."""
    plan = [(batch, rng.integers(len(caches), size=len(batch))) for batch in batches]

    def read(item: tuple[NDArray[np.int64], NDArray[np.int64]]) -> tuple[Pyramid, NDArray[np.int64]]:
        batch, source = item
        parts = [(cache, batch[source == i]) for i, cache in enumerate(caches)]
        loaded = [cache.load(mine, stages) for cache, mine in parts if len(mine)]
        joined = {s: torch.cat([part[s] for part in loaded]) for s in stages}
        pyramid = Pyramid(*(joined.get(s) for s in ("c3", "c4", "c5")))  # type: ignore[arg-type]
        return pyramid, np.concatenate([mine for _, mine in parts])

    with ThreadPoolExecutor(1) as reader:
        coming = reader.submit(read, plan[0])
        for following in [*plan[1:], None]:
            current = coming.result()
            if following is not None:
                coming = reader.submit(read, following)
            yield current


@torch.no_grad()
def _update_average(average: nn.Module, network: nn.Module, decay: float, step: int) -> None:
    """Running mean of the weights; it starts fast so that the random beginning is soon forgotten."""
    decay = min(decay, (1 + step) / (10 + step))
    for mean, current in zip(average.state_dict().values(), network.state_dict().values(), strict=True):
        if mean.is_floating_point():
            mean.lerp_(current, 1 - decay)
        else:
            mean.copy_(current)
