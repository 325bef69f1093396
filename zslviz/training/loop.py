"""The training loop: whatever the task, a network trained epoch by epoch, measured, and gone on with after a kill.

The order of photos and every random choice follow from the recipe's seed and the epoch, so a resumed training is the same one. For
that a run folder keeps the state after the last epoch (`validation1.pt`, ..., `final.pt`, or `training.pt`), the figures of the
epochs that were measured (`validation1.json`, ..., or `trace.json`) and, where the best epoch is kept, its weights (`best.pt`).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import torch
from lightning_fabric import Fabric
from tqdm import tqdm

from zslviz.errors import ConfigError
from zslviz.features.sources import Source
from zslviz.files import check_folder, is_there
from zslviz.runtime.processes import gather
from zslviz.training.learner import KeepBest, Learner, Photos, Plan, Retrain, Trained
from zslviz.training.states import damaged, read_state, remove_partial, write_state
from zslviz.training.stepping import Parts, TrainingState, fresh_state, prefetch, rate_factor, update_average
from zslviz.training.trace import Trace, is_whole, read_trace, write_trace


def train(plan: Plan, run_folder: Path, fabric: Fabric) -> Trained:
    """Trains by a plan, or goes on where a killed run was. run_folder: keeps what that needs."""
    check_folder(run_folder)
    if fabric.is_global_zero:
        remove_partial(run_folder)
    return _retrain(plan, run_folder, fabric) if isinstance(plan, Retrain) else _keep_best(plan, run_folder, fabric)


def train_epoch(state: TrainingState, learner: Learner, source: Source, label: str = "") -> float:
    """One epoch of the training photos, shared by the processes; returns the mean loss of its batches.

    Raises ConfigError if that is no number.
    """
    recipe, fabric = learner.recipe, state.fabric
    state.network.train()
    rng = np.random.default_rng((recipe.seed, state.epoch))
    torch.manual_seed(recipe.seed * 100_003 + state.epoch)
    batches, total = learner.batches(rng), 0.0
    if not batches:
        raise ConfigError("There are too few photos to train on: not one batch of two.")
    title = f"{label} epoch {state.epoch + 1}/{recipe.epochs}"
    with tqdm(total=len(batches), desc=title, unit="batch", disable=not fabric.is_global_zero) as bar:
        for number, (parts, photos) in enumerate(prefetch(batches, source, rng, recipe.accumulate, fabric)):
            factor = rate_factor(recipe.optimizer, state.epoch + number / len(batches), recipe.epochs)
            for group in state.optimizer.param_groups:
                group["lr"] = group["base_lr"] * factor
            total += sum(_step(state, learner, parts, photos, turn) for turn in range(learner.steps))
            if state.average is not None:
                update_average(state.average, state.network, recipe.average, state.epoch * len(batches) + number)
            bar.set_postfix(loss=f"{total / (number + 1):.3f}", refresh=False)
            bar.update()
    state.epoch += 1
    mean = total / len(batches)
    if not math.isfinite(mean):
        epochs = "1 epoch" if state.epoch == 1 else f"{state.epoch} epochs"
        raise ConfigError(
            f"The loss is not a number after {epochs}; try a lower learning rate, or see what the loss divides by."
        )
    return mean


def _step(state: TrainingState, learner: Learner, parts: Parts, photos: Photos, turn: int) -> float:
    """A step on one of a batch's losses, whose value it returns. parts: features of this process, photos of all processes."""
    fabric, clip_norm = state.fabric, learner.recipe.optimizer.clip_norm
    total, start = 0.0, 0
    state.optimizer.zero_grad()
    for number, (features, count) in enumerate(parts):
        with fabric.no_backward_sync(state.module, enabled=number + 1 < len(parts)):  # type: ignore[arg-type]
            gathered = partial(gather, fabric, count=count, axis=learner.photo_axis, gradients=True)
            shares = state.module(*features.to(fabric.device).parts)
            losses = learner.losses(tuple(gathered(share) for share in shares), photos[start : start + count])
            loss = losses[turn] * (count / len(photos))
            fabric.backward(loss)
        start += count
        total += loss.item()
    learner.before_step(state.network, turn)
    if clip_norm:
        fabric.clip_gradients(state.module, state.stepper, max_norm=clip_norm)  # type: ignore[arg-type]
    state.stepper.step()
    return total


def _retrain(plan: Retrain, run_folder: Path, fabric: Fabric) -> Trained:
    kept = [file for file in sorted(run_folder.glob("validation*.json")) if is_there(file)]
    traces = []
    for number, learner in enumerate(plan.validation, start=1):
        run = run_folder / f"validation{number}"
        traces.append(_trace(learner, plan.epochs, run.with_suffix(".pt"), run.with_suffix(".json"), fabric, run.name))
    try:
        chosen = plan.choose(traces)
    except (LookupError, TypeError, ValueError, AttributeError, ConfigError):  # figures that no measurement gives
        if kept:
            raise damaged(kept[0]) from None
        raise
    learner, saved = plan.final, run_folder / "final.pt"
    state = fresh_state(learner, fabric)
    if is_there(saved):
        state.load(saved)
    if state.epoch > chosen["epoch"]:  # an earlier choice went further than this one
        state = fresh_state(learner, fabric)
    source = learner.source(state.network)
    while state.epoch < chosen["epoch"]:
        train_epoch(state, learner, source, "final")
        state.save(saved)
    return Trained(learner.finished(state.best_network), chosen)


def _keep_best(plan: KeepBest, run_folder: Path, fabric: Fabric) -> Trained:
    learner, recipe = plan.learner, plan.learner.recipe
    saved, trace_file, best_file = (run_folder / name for name in ("training.pt", "trace.json", "best.pt"))

    def keep(state: TrainingState, trace: Trace) -> None:
        if plan.best(trace)["epoch"] == state.epoch:
            write_state(best_file, state.best_network.state_dict())

    trace = _trace(learner, recipe.epochs, saved, trace_file, fabric, recipe.name, keep)
    network = learner.network().to(fabric.device)
    with read_state(best_file) as best:
        network.load_state_dict(best)
    return Trained(learner.finished(network), plan.best(trace), trace)


def _trace(
    learner: Learner,
    epochs: int,
    saved: Path,
    trace_file: Path,
    fabric: Fabric,
    label: str,
    keep: Callable[[TrainingState, Trace], None] = lambda state, trace: None,
) -> Trace:
    """The figures of so many epochs, as far as the learner wants them measured. keep: called after each measurement."""
    trace = read_trace(trace_file, epochs)
    if is_whole(trace, learner, epochs):
        return trace
    state = fresh_state(learner, fabric)
    if is_there(saved):
        state.load(saved)
    trace = [figures for figures in trace if figures["epoch"] <= state.epoch]
    if not is_whole(trace, learner, state.epoch):  # figures are lost, and nothing can be chosen among the rest
        state, trace = fresh_state(learner, fabric), []
    source = learner.source(state.network)
    while state.epoch < epochs:
        train_epoch(state, learner, source, label)
        if learner.is_measured(state.epoch):
            trace += learner.measure(learner.finished(state.best_network), source, fabric, state.epoch)
            if fabric.is_global_zero:
                keep(state, trace)
                write_trace(trace_file, trace)
        state.save(saved)  # last, so that a kill before it repeats the epoch and its measurement
    return trace
