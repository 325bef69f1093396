"""From a recipe to a checkpoint: choose on pseudo-unseen classes, train on all seen classes, measure, write."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from lightning_fabric import Fabric
from numpy.typing import NDArray

from zslviz.backbones.features import STAGES
from zslviz.checkpoints.files import halved
from zslviz.errors import ConfigError
from zslviz.features.cache import FeatureCache, open_cache
from zslviz.features.sources import CachedFeatures, PhotoPixels, Source
from zslviz.models.finetuned import EndToEnd
from zslviz.models.registry import MODELS
from zslviz.runtime.processes import launch
from zslviz.tasks.attributes import closed_form
from zslviz.tasks.attributes.checkpoint import AttributeCheckpoint
from zslviz.tasks.attributes.choice import Choice, alone, best_on_average, measure
from zslviz.tasks.attributes.data import ZeroShotDataset
from zslviz.tasks.attributes.evaluation import report_on_test
from zslviz.tasks.attributes.figures import ZeroShotReport
from zslviz.tasks.attributes.loop import build_loss, model_config, new_state, predict_scores, train_epoch
from zslviz.tasks.attributes.problems import Problem, final_problem, validation_problem
from zslviz.tasks.attributes.scoring import AttributeScale, ScoringRule
from zslviz.tasks.base.card import write_model_card
from zslviz.training.recipe import Recipe

_TRAINED: dict[str, tuple[str, ...]] = {"none": (), "last": ("c5",), "all": STAGES}


@dataclass(frozen=True, eq=False)
class Setting:
    """What all trainings of one run share: the recipe, its data, where it keeps what a killed run needs, and the processes."""

    recipe: Recipe
    dataset: ZeroShotDataset
    cache_root: Path
    run_folder: Path
    fabric: Fabric

    def source(self, stages: tuple[str, ...]) -> Source:
        """The photos as the recipe's network takes them. Raises DataError if features are not cached yet."""
        if self.recipe.finetune.stages == "all":
            return PhotoPixels(self.dataset, self.recipe.size, self.recipe.resize, self.recipe.flip)
        return CachedFeatures(self.caches(), stages)

    def caches(self) -> list[FeatureCache]:
        """The recipe's feature caches. Raises DataError if there are none yet."""
        return [open_cache(self.cache_root, self.dataset, spec) for spec in self.recipe.cache_specs()]


def train(
    recipe: Recipe,
    dataset: ZeroShotDataset,
    cache_root: Path,
    run_folder: Path,
    checkpoint_folder: Path,
    command: str,
    device: str | None = None,
    chosen: Mapping[str, Any] | None = None,
) -> ZeroShotReport:
    """Trains a recipe end to end and writes a checkpoint with its card; a killed run goes on where it was.

    Nothing is chosen on test photos: epoch, fusion and gamma come from the validation problem, whose trace is kept in
    `run_folder`/validation*.json, or from `chosen`, the `validation` entry of an earlier run's metrics (another seed's).
    """
    setting = Setting(recipe, dataset, cache_root, run_folder, launch(device, recipe.precision))
    run_folder.mkdir(parents=True, exist_ok=True)
    problem = final_problem(dataset)
    if MODELS[recipe.system].closed_form:
        validation = dict(chosen) if chosen is not None else closed_form.choose(recipe, dataset, setting.caches())
        choice = choice_from_dict(validation)
        network = closed_form.solve(recipe, problem, dataset, setting.caches(), validation["settings"])
    else:
        validation = dict(chosen) if chosen is not None else choose(setting)
        choice = choice_from_dict(validation)
        network = _train_to(setting, problem, run_folder / "final.pt", choice.epoch, "final")
    network = halved(network)
    source, fabric = setting.source(network.stages), setting.fabric  # type: ignore[arg-type]

    def scores_of(part: NDArray[np.int64]) -> NDArray[np.float32]:
        return predict_scores(network, source, part, fabric)

    rows = np.asarray(problem.space.table)[problem.labels[problem.train]]
    scale = AttributeScale.fit(scores_of(problem.train), rows, choice.rule.shares)
    checkpoint = AttributeCheckpoint(
        name=recipe.name,
        system=recipe.system,
        data=dataset.name,
        model_config=model_config(recipe, problem.space),
        backbone=recipe.backbone,
        size=recipe.size,
        network=network.head if isinstance(network, EndToEnd) else network,
        space=problem.space,
        rule=choice.rule,
        scale=scale,
        gamma=choice.gamma,
        recipe=recipe.to_dict(),
        trained=_TRAINED[recipe.finetune.stages],
        backbone_state=network.backbone.state_dict() if isinstance(network, EndToEnd) else {},
    )
    report = report_on_test(scores_of, dataset, dataset.labels, checkpoint)
    metrics = {
        **report.to_dict(),
        "data": dataset.name,
        "command": command,
        "seed": recipe.seed,
        "validation": validation,
        "settled_with_test_figures": recipe.test_figures_in_sight,
        "terms": dataset.terms,
    }
    finished = replace(checkpoint, metrics=json.loads(json.dumps(metrics)))
    if fabric.is_global_zero:
        finished.save(checkpoint_folder)
        write_model_card(checkpoint_folder)
    fabric.barrier()
    return report


def choose(setting: Setting) -> dict[str, Any]:
    """Trains on the validation problems: the epoch, fusion and gamma that are best on average over them, as plain values.

    "alone" holds each granularity alone at that epoch, with the gamma that is best for it.
    """
    settings = setting.recipe.validation
    repeats = []
    for repeat in range(settings.repeats):
        problem = validation_problem(setting.dataset, replace(settings, seed=settings.seed + repeat))
        repeats.append(_trace(setting, problem, setting.run_folder / f"validation{repeat + 1}"))
    best = best_on_average(repeats)
    return {**best.to_dict(), "alone": [choice.to_dict() for choice in alone(repeats, best.epoch)]}


def _trace(setting: Setting, problem: Problem, run: Path) -> list[Choice]:
    """Trains on one validation problem; every fusion of every epoch of the second half, measured."""
    recipe, fabric = setting.recipe, setting.fabric
    trace_file, saved = run.with_suffix(".json"), run.with_suffix(".pt")
    loss_function = build_loss(recipe, problem.space, fabric.device)
    state = new_state(recipe, problem.space, fabric)
    source = setting.source(state.network.stages)  # type: ignore[arg-type]
    choices: list[Choice] = []
    if saved.is_file():
        state.load(saved)
    if saved.is_file() and trace_file.is_file():
        trace = [choice_from_dict(c) for c in json.loads(trace_file.read_text(encoding="utf-8"))]
        choices = [c for c in trace if c.epoch <= state.epoch]
    while state.epoch < recipe.validation_epochs:
        train_epoch(state, recipe, problem, source, loss_function, fabric, label=run.name)
        if state.epoch >= recipe.epochs / 2:  # before, the learning rate is still high and nothing is worth choosing
            parts = (problem.test_seen, problem.test_unseen)
            scores = [predict_scores(state.best_network, source, part, fabric) for part in parts]
            choices.extend(measure(recipe, problem, scores[0], scores[1], state.epoch))
            if fabric.is_global_zero:
                trace_file.write_text(json.dumps([asdict(c) for c in choices], indent=1), encoding="utf-8")
        state.save(saved)  # last, so that a kill before it repeats the epoch and its measurement
    return choices


def _train_to(setting: Setting, problem: Problem, saved: Path, epochs: int, label: str) -> torch.nn.Module:
    """Trains (or goes on training) for a number of epochs of the recipe's schedule."""
    recipe, fabric = setting.recipe, setting.fabric
    loss_function = build_loss(recipe, problem.space, fabric.device)
    state = new_state(recipe, problem.space, fabric)
    source = setting.source(state.network.stages)  # type: ignore[arg-type]
    if saved.is_file():
        state.load(saved)
    if state.epoch > epochs:  # an earlier choice went further than this one
        state = new_state(recipe, problem.space, fabric)
    while state.epoch < epochs:
        train_epoch(state, recipe, problem, source, loss_function, fabric, label=label)
        state.save(saved)
    return state.best_network.eval()


def choice_from_dict(values: Mapping[str, Any]) -> Choice:
    """A choice from plain values, such as a checkpoint's `metrics["validation"]`. Raises ConfigError if it is none."""
    try:
        rule = ScoringRule.from_dict(values["rule"])
        return Choice(**{**{k: v for k, v in values.items() if k not in ("alone", "settings")}, "rule": rule})
    except (KeyError, TypeError):
        raise ConfigError("This is no choice made on validation: it lacks the epoch, the fusion or gamma.") from None
