"""Training of multi-label models on cached features: choose on labels held out, then train on all that may be trained on."""

from __future__ import annotations

import copy
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from lightning_fabric import Fabric
from numpy.typing import NDArray
from torch import Tensor, nn
from tqdm import tqdm

from zslviz.backbones import BACKBONES, Features
from zslviz.features.cache import FeatureCache
from zslviz.features.predicting import predict, settle
from zslviz.features.sources import CachedFeatures, Source
from zslviz.models.biam.imagenet import auxiliary_labels
from zslviz.models.biam.linear_part import LinearSettings, join_linear, solve_linear, unit_mean_square
from zslviz.models.biam.loss import label_loss
from zslviz.models.biam.network import BiAM
from zslviz.models.registry import build_model
from zslviz.runtime.processes import gather
from zslviz.tasks.multilabel.choice import (
    LabelChoice,
    LabelProblem,
    average,
    best_on_average,
    final_problem,
    measure,
    validation_problems,
)
from zslviz.tasks.multilabel.data import MultiLabelDataset
from zslviz.tasks.multilabel.space import LabelSpace
from zslviz.training.recipe import Recipe
from zslviz.training.stepping import TrainingState, build_optimizer, prefetch, rate_factor, update_average


@dataclass(frozen=True, eq=False)
class TrainedLabels:
    """A trained network (in eval mode), what validation chose and measured, and the labels (seen: those it was trained on)."""

    network: BiAM
    validation: dict[str, Any]
    space: LabelSpace


class _Logits(nn.Module):
    """A network's scores alone, from the parts of features: what Fabric can cast and hand between processes."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, stages: dict[str, Tensor], global_vector: Tensor | None, vectors: Tensor) -> Tensor:
        logits: Tensor = self.network(Features(stages, global_vector), vectors).logits
        return logits


def train_labels(
    recipe: Recipe, dataset: MultiLabelDataset, caches: Sequence[FeatureCache], run_folder: Path, fabric: Fabric
) -> TrainedLabels:
    """Trains a recipe; a killed run goes on where it was. Labels that are not seen are never shown.

    caches: the photos as they are, then mirrored ones if the recipe flips. The epoch, gamma and the threshold come from validation
    problems alone; their traces are kept in `run_folder`/validation*.json.
    """
    run_folder.mkdir(parents=True, exist_ok=True)
    repeats = [
        _trace(recipe, problem, caches, run_folder / f"validation{number}", fabric)
        for number, problem in enumerate(validation_problems(dataset, recipe.validation), start=1)
    ]
    best = best_on_average(repeats)
    at_start = average([choices[0] for choices in repeats])
    problem = final_problem(dataset)
    network = _train_to(recipe, problem, caches, run_folder / "final.pt", best.epoch, fabric)
    validation = {**best.to_dict(), "problems": len(repeats), "first_epoch": at_start.to_dict()}
    return TrainedLabels(network, validation, problem.space)


def predict_labels(
    network: nn.Module,
    source: Sequence[FeatureCache] | Source,
    photos: NDArray[np.int64],
    space: LabelSpace,
    fabric: Fabric,
    batch_size: int = 64,
) -> NDArray[np.float32]:
    """Scores of photos for a space's labels: float32 [N, K]. The processes of a fabric take a share each and all get the whole.

    source: of several caches the first is read (photos as they are).
    """
    settle(network, fabric)
    if isinstance(source, Sequence):
        source = CachedFeatures.read_by(network, source[:1], fabric.device)
    vectors = torch.from_numpy(np.array(space.vectors)).to(fabric.device)
    (scores,) = predict(lambda features: (network(features, vectors).logits,), source, photos, fabric, batch_size)
    return scores.numpy()


def label_model_config(recipe: Recipe, space: LabelSpace) -> dict[str, Any]:
    """The network's configuration: the recipe's settings, with the sizes that follow from backbone and label vectors."""
    channels = BACKBONES[recipe.backbone].stage_channels
    stages = str(recipe.model.get("stage", "c5")).split("+")
    regions = [channels.get(stage, 0) for stage in stages]  # a stage that does not exist is refused by the network
    sizes = {
        "channels": regions[0] if len(regions) == 1 else tuple(regions),
        "scene_dim": channels["c5"],
        "word_dim": space.vectors.shape[1],
    }
    return {**sizes, **recipe.model}


def new_label_state(recipe: Recipe, problem: LabelProblem, fabric: Fabric) -> TrainingState:
    """A fresh network for a recipe and a problem, seeded by the recipe; without the linear part, which joins after training."""
    torch.manual_seed(recipe.seed)
    network = build_model(recipe.system, label_model_config(recipe, problem.space))
    network = network.to(fabric.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    mean = copy.deepcopy(network).requires_grad_(False) if recipe.average else None
    optimizer = build_optimizer(network, recipe)
    module, stepper = fabric.setup(_Logits(network), optimizer)
    return TrainingState(network, mean, optimizer, module, stepper, fabric)


def finished(state: TrainingState, recipe: Recipe, matrix: Tensor | None) -> BiAM:
    """The network to measure and ship, in eval mode: with the linear map of `matrix` joined, if there is one."""
    network = state.best_network.eval()
    assert isinstance(network, BiAM)
    return network if matrix is None else join_linear(network, matrix, LinearSettings(**recipe.linear).weight)


def pooled_features(caches: Sequence[FeatureCache], photos: NDArray[np.int64], batch: int = 128) -> Tensor:
    """The mean over regions of c5: float32 [V N, C], one cache after the other."""
    starts = range(0, len(photos), batch)
    return torch.cat([c.load(photos[i : i + batch], ("c5",))["c5"].mean((2, 3)) for c in caches for i in starts])


def linear_map(recipe: Recipe, problem: LabelProblem, caches: Sequence[FeatureCache]) -> Tensor:
    """The linear map [C + 1, D + 1] of a problem's pooled training features to its seen labels (`solve_linear`)."""
    settings = LinearSettings(**recipe.linear)
    features = pooled_features(caches, problem.train)
    auxiliary = None
    if settings.auxiliary:
        auxiliary = auxiliary_labels(recipe.backbone, problem.space, features, settings.temperature)
    seen = np.flatnonzero(problem.space.seen)
    tags = torch.from_numpy(problem.labels[problem.train][:, seen]).repeat(len(caches), 1)
    vectors = torch.from_numpy(problem.space.vectors[seen])
    if recipe.model.get("feature_norm"):
        features = unit_mean_square(features)
    return solve_linear(features, tags, vectors, settings, auxiliary)


def train_label_epoch(
    state: TrainingState, recipe: Recipe, problem: LabelProblem, source: Source, fabric: Fabric, label: str = ""
) -> float:
    """One epoch of the training photos that have a seen tag, shared by the processes of `fabric`; returns the mean loss.

    The order and every random choice follow from the recipe's seed and the epoch, so a resumed training is the same one.
    """
    state.network.train()
    rng = np.random.default_rng((recipe.seed, state.epoch))
    torch.manual_seed(recipe.seed * 100_003 + state.epoch)
    seen = np.flatnonzero(problem.space.seen)
    vectors = torch.from_numpy(problem.space.vectors[seen]).to(fabric.device)
    tagged = problem.train[(problem.labels[problem.train][:, seen] > 0).any(axis=1)]
    batches = np.array_split(rng.permutation(tagged), max(1, round(len(tagged) / recipe.batch_size)))
    total = 0.0
    with tqdm(
        total=len(batches),
        desc=f"{label} epoch {state.epoch + 1}/{recipe.epochs}",
        unit="batch",
        disable=not fabric.is_global_zero,
    ) as bar:
        for number, (parts, photos) in enumerate(prefetch(batches, source, rng, 1, fabric)):
            factor = rate_factor(recipe.optimizer, state.epoch + number / len(batches), recipe.epochs)
            for group in state.optimizer.param_groups:
                group["lr"] = group["base_lr"] * factor
            ((features, count),) = parts
            tags = torch.from_numpy(problem.labels[photos][:, seen]).to(fabric.device)
            state.optimizer.zero_grad()
            logits = state.module(*features.to(fabric.device).parts, vectors).float()
            loss = label_loss(gather(fabric, logits, count, axis=0, gradients=True), tags, **recipe.loss)
            fabric.backward(loss)
            if recipe.optimizer.clip_norm:
                fabric.clip_gradients(state.module, state.stepper, max_norm=recipe.optimizer.clip_norm)  # type: ignore[arg-type]
            state.stepper.step()
            total += loss.item()
            if state.average is not None:
                update_average(state.average, state.network, recipe.average, state.epoch * len(batches) + number)
            bar.set_postfix(loss=f"{total / (number + 1):.3f}", refresh=False)
            bar.update()
    state.epoch += 1
    return total / len(batches)


def _trace(
    recipe: Recipe, problem: LabelProblem, caches: Sequence[FeatureCache], run: Path, fabric: Fabric
) -> list[LabelChoice]:
    """Trains on one validation problem; every epoch measured."""
    trace_file, saved = run.with_suffix(".json"), run.with_suffix(".pt")
    choices: list[LabelChoice] = []
    if trace_file.is_file():
        choices = [LabelChoice(**c) for c in json.loads(trace_file.read_text(encoding="utf-8"))]
        if len(choices) >= recipe.validation_epochs:
            return choices[: recipe.validation_epochs]
    state = new_label_state(recipe, problem, fabric)
    if saved.is_file():
        state.load(saved)
    choices = choices[: state.epoch]
    source = CachedFeatures.read_by(state.network, caches, fabric.device)
    matrix = linear_map(recipe, problem, caches) if recipe.linear else None
    while state.epoch < recipe.validation_epochs:
        train_label_epoch(state, recipe, problem, source, fabric, label=run.name)
        scores = predict_labels(finished(state, recipe, matrix), source, problem.val, problem.space, fabric)
        choices.append(measure(problem, scores, state.epoch))
        if fabric.is_global_zero:
            trace_file.write_text(json.dumps([asdict(c) for c in choices], indent=1), encoding="utf-8")
        state.save(saved)  # last, so that a kill before it repeats the epoch and its measurement
    return choices


def _train_to(
    recipe: Recipe, problem: LabelProblem, caches: Sequence[FeatureCache], saved: Path, epochs: int, fabric: Fabric
) -> BiAM:
    """Trains (or goes on training) for a number of epochs of the recipe's schedule."""
    state = new_label_state(recipe, problem, fabric)
    if saved.is_file():
        state.load(saved)
    if state.epoch > epochs:  # an earlier choice went further than this one
        state = new_label_state(recipe, problem, fabric)
    source = CachedFeatures.read_by(state.network, caches, fabric.device)
    while state.epoch < epochs:
        train_label_epoch(state, recipe, problem, source, fabric, label="final")
        state.save(saved)
    return finished(state, recipe, linear_map(recipe, problem, caches) if recipe.linear else None)
