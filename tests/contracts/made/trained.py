"""A tiny model of any system, trained by the door on the tiny data of its task."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.contracts.made import made_for
from tests.contracts.made.networks import small_settings
from zslviz.catalogue import Task, part
from zslviz.models.registry import MODELS
from zslviz.tasks.base.recipes import recipe_from_dict
from zslviz.trainer import train
from zslviz.training.recipe import Recipe

COMMON: dict[str, Any] = {"backbone": "efficientnet_lite0", "size": 64, "flip": True, "batch_size": 8, "average": 0.5}
EPOCHS = 2


@dataclass(frozen=True)
class Place:
    """Where the photos of a task, their features and its word vectors lie."""

    photos: Path
    features: Path
    words: Path


@dataclass(frozen=True)
class Trained:
    """A trained system. data: name and folder. folder: of the checkpoint. metrics: what the training returned."""

    system: str
    place: Place
    recipe: Recipe
    folder: Path
    runs: Path
    metrics: dict[str, Any]

    @property
    def task(self) -> Task:
        return MODELS[self.system].task

    @property
    def data(self) -> tuple[str, Path]:
        return self.recipe.data, self.place.photos

    @property
    def photo(self) -> Path:
        """One of its photos."""
        return sorted(path for path in self.place.photos.rglob("*") if path.suffix in (".png", ".jpg"))[0]


def settings_for(system: str, place: Place) -> dict[str, Any]:
    """A recipe of a small network for two epochs, as plain values: of the settings below those that the system knows."""
    task = MODELS[system].task
    own = {name: str(place.words) if value == "{words}" else value for name, value in made_for(task).SETTINGS.items()}
    known = part(task, "settings").RECIPE.settings_of(system)
    return {
        "name": f"{system}-made",
        "system": system,
        "data": made_for(task).DATA,
        "epochs": 1 if MODELS[system].closed_form else EPOCHS,
        "model": small_settings(system),
        **{name: value for name, value in {**COMMON, **own}.items() if name in known},
    }


def trained_in(folder: Path, system: str, place: Place, **changes: Any) -> Trained:
    """Trains the system; checkpoint and runs lie in `folder`. changes: of the recipe."""
    recipe = recipe_from_dict({**settings_for(system, place), **changes})
    places = {"cache": place.features, "runs": folder / "runs", "out": folder / "model"}
    metrics = train(recipe, (recipe.data, place.photos), device="cpu", **places)
    return Trained(system, place, recipe, folder / "model", folder / "runs", metrics)
