"""Several seeds of one recipe: the one that validation chooses becomes the checkpoint, and the figures of all stand beside it.

Every seed makes its own choice on the same held-out classes (`Validation.seed` is not the recipe's). A task says which one is best
there, `choice.MERIT` in words and `choice.merit_of(validation)` as a number, and which figures of `metrics.json` are compared, by
their dotted names: `choice.OF_SEEDS`.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from zslviz.catalogue import part
from zslviz.checkpoints.base import Checkpoint
from zslviz.checkpoints.files import read_config
from zslviz.errors import CheckpointError, ConfigError, ZslvizError
from zslviz.files import replacing
from zslviz.runtime.places import TEST_PHOTOS
from zslviz.tasks.base.card import write_model_card
from zslviz.tasks.base.card_parts import percent
from zslviz.tasks.base.recipes import recipe_from_dict
from zslviz.training.recipe import Recipe

Tell = Callable[[str], None]


def check_seeds(seeds: Sequence[int]) -> None:
    """Raises ConfigError unless there are several seeds, and each once."""
    if len(seeds) < 2 or len(set(seeds)) < len(seeds):
        given = ", ".join(map(str, seeds)) or "none"
        raise ConfigError(f"Seeds are several and each is named once, as in 0,1,2; these are {given}.")


@dataclass(frozen=True, eq=False)
class SeedRun:
    """One seed's finished training. merit: of its own choice, on validation. figures: of the test photos; they choose nothing."""

    checkpoint: Checkpoint
    recipe: Recipe
    merit: float
    figures: dict[str, float]

    @classmethod
    def read(cls, folder: Path) -> SeedRun:
        """Raises CheckpointError for what is no checkpoint or was not chosen on a validation of its own."""
        checkpoint = Checkpoint.load(folder)
        choice, metrics = part(checkpoint.task, "choice"), checkpoint.metrics
        if "--choice" in str(metrics.get("command", "")).split():
            raise CheckpointError(
                f"'{folder}' took over the choice of another checkpoint; a seed is chosen by its own."
            )
        try:
            recipe = recipe_from_dict(checkpoint.recipe, str(folder))
            merit = float(choice.merit_of(metrics["validation"]))
            figures = {name: _figure(metrics, name) for name in choice.OF_SEEDS}
        except (ZslvizError, KeyError, TypeError, ValueError):
            raise CheckpointError(
                f"'{folder}' does not tell how it was trained, what validation chose and what it was measured by; train it again."
            ) from None
        return cls(checkpoint, recipe, merit, figures)

    @property
    def seed(self) -> int:
        return self.recipe.seed


def chosen(runs: Sequence[SeedRun]) -> SeedRun:
    """The seed with the highest merit on validation, the first of equals."""
    return max(runs, key=lambda run: run.merit)


def assemble(folders: Sequence[Path], out: Path, tell: Tell = lambda line: None) -> dict[str, Any]:
    """Writes the chosen seed's checkpoint to `out`, with the figures of all under "seeds", and its card; returns its metrics.

    folders: a checkpoint each, of the same recipe and classes with different seeds. tell: is told which one was chosen, and why.
    Raises CheckpointError or ConfigError with one sentence where they do not belong together; nothing is written then.
    """
    unsorted = [SeedRun.read(folder) for folder in folders]
    runs = sorted(unsorted, key=lambda run: run.seed)
    check_seeds([run.seed for run in runs])
    for run in runs[1:]:
        _check_alike(runs[0], run)
    best, by = chosen(runs), part(runs[0].checkpoint.task, "choice").MERIT
    for run in runs:
        tell(f"seed {run.seed}: {by} on validation {percent(run.merit)}")
    tell(f"seed {best.seed} is chosen: the best of {len(runs)} on validation; test photos have no say")
    given = best.checkpoint.metrics
    command = re.sub(r" --seeds? \S+", "", str(given.get("command", "")))
    listed_seeds = ",".join(str(run.seed) for run in runs)
    metrics = {**given, "command": f"{command} --seeds {listed_seeds}", "seeds": _told(runs, best, by)}
    if os.environ.get("RANK", "0") == "0":  # of several processes one writes
        replace(best.checkpoint, metrics=metrics).save(out)
        _take_along(folders[[run.seed for run in unsorted].index(best.seed)], out)
        write_model_card(out)
    return metrics


def _take_along(folder: Path, out: Path) -> None:
    """What was kept of the test photos, if what was written is the same model to the last bit."""
    kept = folder / TEST_PHOTOS
    if kept.is_file() and read_config(folder)["config_sha256"] == read_config(out)["config_sha256"]:
        with replacing(out / TEST_PHOTOS) as partial:
            shutil.copyfile(kept, partial)


def _told(runs: Sequence[SeedRun], best: SeedRun, by: str) -> dict[str, Any]:
    """What is written of all seeds: fractions; "std" is the standard deviation of a sample (n - 1)."""
    told: dict[str, Any] = {"count": len(runs), "chosen": best.seed, "by": by}
    told["each"] = [{"seed": run.seed, "merit": run.merit, **run.figures} for run in runs]
    for name in best.figures:
        values = np.array([run.figures[name] for run in runs])
        told[name] = {"mean": float(values.mean()), "std": float(values.std(ddof=1))}
    return told


def _check_alike(first: SeedRun, other: SeedRun) -> None:
    """Raises ConfigError if two trainings differ in more than their seed."""
    same = replace(other.recipe, seed=first.recipe.seed) if type(other.recipe) is type(first.recipe) else other.recipe
    differing = [f.name for f in fields(first.recipe) if getattr(same, f.name, None) != getattr(first.recipe, f.name)]
    spaces = [run.checkpoint.space_listed() for run in (first, other)]
    if differing or spaces[0] != spaces[1]:
        what = f"'{differing[0]}' of their recipes" if differing else "what they predict"
        raise ConfigError(f"Seeds {first.seed} and {other.seed} are not of one training: {what} differs.")


def _figure(metrics: Any, name: str) -> float:
    """A figure by its dotted name."""
    for key in name.split("."):
        metrics = metrics[key]
    return float(metrics)
