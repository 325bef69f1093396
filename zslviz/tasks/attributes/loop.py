"""The training loop: forward and backward of a batch, whatever feeds it; resumable, the same for a fixed seed."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import numpy as np
import torch
from lightning_fabric import Fabric
from numpy.typing import NDArray
from torch import Tensor, nn
from tqdm import tqdm

from zslviz.backbones import BACKBONES, Features, build_backbone
from zslviz.errors import ConfigError
from zslviz.features.cache import FeatureCache
from zslviz.features.predicting import predict, settle
from zslviz.features.sources import CachedFeatures, Source
from zslviz.models.finetuned import EndToEnd, FineTuned
from zslviz.models.mgmrn.loss import mgmrn_loss
from zslviz.models.msdn.loss import msdn_loss
from zslviz.models.registry import MODELS, build_model
from zslviz.runtime.processes import gather
from zslviz.tasks.attributes.problems import Problem
from zslviz.tasks.attributes.space import SemanticSpace
from zslviz.training.recipe import Recipe
from zslviz.training.stepping import TrainingState, build_optimizer, prefetch, rate_factor, update_average

LossFunction = Callable[[Tensor, Tensor], Tensor]


class _Scores(nn.Module):
    """A network's scores alone, from the parts of features: what Fabric can cast and hand between processes."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, stages: dict[str, Tensor], global_vector: Tensor | None) -> Tensor:
        scores: Tensor = self.network(Features(stages, global_vector)).scores
        return scores


def new_state(recipe: Recipe, space: SemanticSpace, fabric: Fabric) -> TrainingState:
    """A fresh network for a recipe and a space, seeded by the recipe. Raises ConfigError without word vectors."""
    torch.manual_seed(recipe.seed)
    network = build_network(recipe, space).to(fabric.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    average = copy.deepcopy(network).requires_grad_(False) if recipe.average else None
    optimizer = build_optimizer(network, recipe)
    module, stepper = fabric.setup(_Scores(network), optimizer)
    return TrainingState(network, average, optimizer, module, stepper, fabric)


def build_network(recipe: Recipe, space: SemanticSpace) -> nn.Module:
    """The recipe's network with random weights, on the pretrained layers of the backbone that it trains."""
    if space.word_vectors is None:
        raise ConfigError(
            "Training needs word vectors of the attributes: 'attribute_word_vectors.npy' in the data folder."
        )
    head = build_model(recipe.system, model_config(recipe, space))
    head.set_word_vectors(torch.from_numpy(np.array(space.word_vectors)))  # type: ignore[operator]
    if recipe.finetune.stages == "none":
        return head
    backbone = build_backbone(recipe.backbone)
    if recipe.finetune.stages == "last":
        return FineTuned(head, backbone.last_stage().requires_grad_(True))
    return EndToEnd(head, backbone.requires_grad_(True))


def model_config(recipe: Recipe, space: SemanticSpace) -> dict[str, Any]:
    """The network's configuration: the recipe's settings, with the sizes that follow from backbone and space."""
    channels, system = BACKBONES[recipe.backbone].channels, MODELS[recipe.system]
    sizes = {
        "attributes": len(space.attributes),
        "word_dim": 0 if space.word_vectors is None else space.word_vectors.shape[1],
        "channels": channels if len(set(system.strides)) > 1 else channels[-1],
    }
    known = {f.name for f in fields(system.config)}
    return {**{name: size for name, size in sizes.items() if name in known}, **recipe.model}


def build_loss(recipe: Recipe, space: SemanticSpace, device: torch.device) -> LossFunction:
    """The system's losses, to be stepped on in turn, as a function of attribute scores [G, B, A] and labels [B] in the space."""
    prototypes = torch.from_numpy(np.array(space.prototypes)).to(device)
    seen = torch.from_numpy(np.array(space.seen)).to(device)
    if recipe.system == "msdn":
        return lambda scores, labels: msdn_loss(scores, labels, prototypes.to(scores), seen, **recipe.loss).total[None]
    position = torch.cumsum(seen, 0) - 1  # label in the space -> label among the seen classes

    def losses(scores: Tensor, labels: Tensor) -> Tensor:
        loss = mgmrn_loss(scores, position[labels], prototypes[seen].to(scores), **recipe.loss)
        return loss.per_granularity if recipe.passes == "three" else loss.total[None]

    return losses


def train_epoch(
    state: TrainingState,
    recipe: Recipe,
    problem: Problem,
    source: Source,
    loss_function: LossFunction,
    fabric: Fabric,
    label: str = "",
) -> float:
    """One epoch of the training photos, shared by the processes of `fabric`; returns the mean loss.

    The order and every random choice follow from the recipe's seed and the epoch, so a resumed training is the same one.
    """
    state.network.train()
    rng = np.random.default_rng((recipe.seed, state.epoch))
    torch.manual_seed(recipe.seed * 100_003 + state.epoch)
    batches = draw_batches(recipe, problem, rng)
    total = 0.0
    with tqdm(
        total=len(batches),
        desc=f"{label} epoch {state.epoch + 1}/{recipe.epochs}",
        unit="batch",
        disable=not fabric.is_global_zero,
    ) as bar:
        for number, (parts, photos) in enumerate(prefetch(batches, source, rng, recipe.accumulate, fabric)):
            factor = rate_factor(recipe.optimizer, state.epoch + number / len(batches), recipe.epochs)
            for group in state.optimizer.param_groups:
                group["lr"] = group["base_lr"] * factor
            labels = torch.from_numpy(problem.labels[photos]).to(fabric.device)
            total += _step(state, recipe, parts, labels, loss_function, fabric)
            if state.average is not None:
                update_average(state.average, state.network, recipe.average, state.epoch * len(batches) + number)
            bar.set_postfix(loss=f"{total / (number + 1):.3f}", refresh=False)
            bar.update()
    state.epoch += 1
    return total / len(batches)


def draw_batches(recipe: Recipe, problem: Problem, rng: np.random.Generator) -> list[NDArray[np.int64]]:
    """The photos of every batch of an epoch: each photo once, or episodes of some images of some classes."""
    sampling = recipe.sampling
    if sampling.kind == "photos":
        order = rng.permutation(problem.train)
        batches = np.array_split(order, math.ceil(len(order) / recipe.batch_size))
        return [b for b in batches if len(b) > 1]
    labels = problem.labels[problem.train]
    by_class = [problem.train[labels == c] for c in np.unique(labels)]
    count = min(sampling.classes, len(by_class))
    return [
        np.concatenate(
            [
                rng.choice(by_class[c], sampling.images, replace=len(by_class[c]) < sampling.images)
                for c in rng.choice(len(by_class), count, replace=False)
            ]
        )
        for _ in range(sampling.episodes)
    ]


def _step(
    state: TrainingState,
    recipe: Recipe,
    parts: list[tuple[Features, int]],
    labels: Tensor,
    loss_function: LossFunction,
    fabric: Fabric,
) -> float:
    """One batch, in parts (features of this process, photos of all processes): steps on each loss in turn and returns their sum."""
    total, passes = 0.0, len(MODELS[recipe.system].granularities) if recipe.passes == "three" else 1
    for turn in range(passes):
        state.optimizer.zero_grad()
        start = 0
        for number, (features, count) in enumerate(parts):
            with fabric.no_backward_sync(state.module, enabled=number + 1 < len(parts)):  # type: ignore[arg-type]
                shares = state.module(*features.to(fabric.device).parts)
                scores = gather(fabric, shares, count, axis=1, gradients=True)
                losses = loss_function(scores, labels[start : start + count])
                loss = losses[turn] * (count / len(labels))
                fabric.backward(loss)
            start += count
            total += loss.item()
        if passes > 1:
            _forget_other_granularities(state.network, turn)
        if recipe.optimizer.clip_norm:
            fabric.clip_gradients(state.module, state.stepper, max_norm=recipe.optimizer.clip_norm)  # type: ignore[arg-type]
        state.stepper.step()
    return total


def _forget_other_granularities(network: nn.Module, turn: int) -> None:
    """Leaves a gradient only where granularity `turn` has parameters, and in the backbone.

    Scores are stacked, so the others' parameters receive zeros; the optimizer's momentum and decay would act on those.
    """
    for name, parameter in network.named_parameters():
        part, index = name.removeprefix("head.").split(".")[:2]
        if part in ("mining", "refinement", "decoders") and index != str(turn):
            parameter.grad = None


def predict_scores(
    network: nn.Module, source: FeatureCache | Source, photos: NDArray[np.int64], fabric: Fabric, batch_size: int = 64
) -> NDArray[np.float32]:
    """Attribute scores of photos: float32 [N, G, A]; the processes of a fabric take a share each and all get the whole."""
    settle(network, fabric)
    if isinstance(source, FeatureCache):
        source = CachedFeatures.read_by(network, [source], fabric.device)
    (scores,) = predict(
        lambda features: (network(features).scores.transpose(0, 1),), source, photos, fabric, batch_size
    )
    return scores.numpy()
