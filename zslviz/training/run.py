"""From a recipe to a checkpoint: choose on pseudo-unseen classes, train on all seen classes, measure, write."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from zslviz.backbones import pick_device
from zslviz.checkpoints import Checkpoint, save_checkpoint
from zslviz.datasets import ZeroShotDataset
from zslviz.evaluation.run import report_on_test
from zslviz.evaluation.zero_shot import ZeroShotReport
from zslviz.model_card import write_model_card
from zslviz.scoring import AttributeScale, ScoringRule
from zslviz.training.cache import FeatureCache, open_cache
from zslviz.training.loop import build_loss, model_config, new_state, predict_scores, train_epoch
from zslviz.training.recipe import Recipe
from zslviz.training.selection import Choice, best_on_average, measure
from zslviz.training.split import Problem, final_problem, validation_problem


def train(
    recipe: Recipe,
    dataset: ZeroShotDataset,
    cache_root: Path,
    run_folder: Path,
    checkpoint_folder: Path,
    command: str,
    device: str | None = None,
) -> ZeroShotReport:
    """Trains a recipe end to end and writes a checkpoint with its card; a killed run goes on where it was.

    Nothing is chosen on test photos: epoch, fusion and gamma come from the validation problem, whose trace is kept in
    `run_folder`/validation*.json.
    """
    where = pick_device(device)
    caches = [open_cache(cache_root, dataset, spec) for spec in recipe.cache_specs()]
    run_folder.mkdir(parents=True, exist_ok=True)
    choice = choose(recipe, dataset, caches, run_folder, where)
    problem = final_problem(dataset)
    network = _halved(_train_to(recipe, problem, caches, run_folder / "final.pt", choice.epoch, where, "final"))
    train_scores = predict_scores(network, caches[0], problem.train, where)
    rows = np.asarray(problem.space.table)[problem.labels[problem.train]]
    scale = AttributeScale.fit(train_scores, rows, choice.rule.shares)
    checkpoint = Checkpoint(
        name=recipe.name,
        system=recipe.system,
        data=recipe.data,
        model_config=model_config(recipe, problem.space),
        backbone=recipe.backbone,
        size=recipe.size,
        network=network,
        space=problem.space,
        rule=choice.rule,
        scale=scale,
        gamma=choice.gamma,
        recipe=recipe.to_dict(),
    )
    report = report_on_test(
        lambda part: predict_scores(network, caches[0], part, where), dataset, dataset.labels, checkpoint
    )
    metrics = {
        **report.to_dict(),
        "data": dataset.name,
        "command": command,
        "seed": recipe.seed,
        "validation": asdict(choice),
        "terms": dataset.terms,
    }
    finished = Checkpoint(**{**checkpoint.__dict__, "metrics": json.loads(json.dumps(metrics))})
    save_checkpoint(finished, checkpoint_folder)
    write_model_card(checkpoint_folder)
    return report


def choose(
    recipe: Recipe, dataset: ZeroShotDataset, caches: list[FeatureCache], run_folder: Path, device: torch.device
) -> Choice:
    """Trains on the validation problems and returns the epoch, fusion and gamma that are best on average over them."""
    settings = recipe.validation
    repeats = []
    for repeat in range(settings.repeats):
        problem = validation_problem(dataset, replace(settings, seed=settings.seed + repeat))
        repeats.append(_trace(recipe, problem, caches, run_folder / f"validation{repeat + 1}", device))
    return best_on_average(repeats)


def _trace(
    recipe: Recipe, problem: Problem, caches: list[FeatureCache], run: Path, device: torch.device
) -> list[Choice]:
    """Trains on one validation problem; every fusion of every epoch of the second half, measured."""
    trace_file, saved = run.with_suffix(".json"), run.with_suffix(".pt")
    loss_function = build_loss(recipe, problem.space, device)
    state = new_state(recipe, problem.space, device)
    choices: list[Choice] = []
    if saved.is_file():
        state.load(saved)
    if saved.is_file() and trace_file.is_file():
        trace = [_choice_from_dict(c) for c in json.loads(trace_file.read_text(encoding="utf-8"))]
        choices = [c for c in trace if c.epoch <= state.epoch]
    while state.epoch < recipe.epochs:
        train_epoch(state, recipe, problem, caches, loss_function, device, label=run.name)
        if state.epoch >= recipe.epochs / 2:  # before, the learning rate is still high and nothing is worth choosing
            parts = (problem.test_seen, problem.test_unseen)
            scores = [predict_scores(state.best_network, caches[0], part, device) for part in parts]
            choices.extend(measure(recipe, problem, scores[0], scores[1], state.epoch))
            trace_file.write_text(json.dumps([asdict(c) for c in choices], indent=1), encoding="utf-8")
        state.save(saved)  # last, so that a kill before it repeats the epoch and its measurement
    return choices


def _train_to(
    recipe: Recipe,
    problem: Problem,
    caches: list[FeatureCache],
    saved: Path,
    epochs: int,
    device: torch.device,
    label: str,
) -> torch.nn.Module:
    """Trains (or goes on training) for a number of epochs of the recipe's schedule."""
    loss_function = build_loss(recipe, problem.space, device)
    state = new_state(recipe, problem.space, device)
    if saved.is_file():
        state.load(saved)
    if state.epoch > epochs:  # an earlier choice went further than this one
        state = new_state(recipe, problem.space, device)
    while state.epoch < epochs:
        train_epoch(state, recipe, problem, caches, loss_function, device, label=label)
        state.save(saved)
    return state.best_network.eval()


def _halved(network: torch.nn.Module) -> torch.nn.Module:
    """Rounds the weights to float16 and back, so that what is measured is what is shipped."""
    for tensor in network.state_dict().values():
        if tensor.is_floating_point():
            tensor.copy_(tensor.half().float())
    return network


def _choice_from_dict(values: dict[str, Any]) -> Choice:
    rule = ScoringRule(values["rule"]["kind"], tuple(values["rule"]["weights"]))
    return Choice(**{**values, "rule": rule})
