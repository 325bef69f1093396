"""What every training must satisfy: the same seed is the same model, whether it was killed in between or not; and its card."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.contracts.conftest import Made
from tests.contracts.made import made_for
from tests.contracts.made.trained import EPOCHS, Place, settings_for, trained_in
from zslviz.catalogue import SYSTEMS, TASKS, Task, data_card, part
from zslviz.checkpoints.base import Checkpoint
from zslviz.checkpoints.files import WEIGHTS
from zslviz.errors import ZslvizError
from zslviz.models.registry import MODELS
from zslviz.tasks.base.card_parts import percent
from zslviz.tasks.base.recipes import recipe_from_dict
from zslviz.trainer import prepare
from zslviz.training.stepping import TrainingState

pytestmark = pytest.mark.parametrize("system", SYSTEMS)
PlaceOf = Callable[[Task], Place]


class Killed(Exception):
    pass


def files_in(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_the_same_seed_gives_the_same_files_and_another_one_other_weights(
    system: str, trained: Made, tmp_path: Path
) -> None:
    made = trained(system)
    torch.rand(3)  # what was drawn before does not matter
    again = trained_in(tmp_path / "again", system, made.place)
    assert files_in(again.folder) == files_in(made.folder)
    if not MODELS[system].closed_form:
        other = trained_in(tmp_path / "other", system, made.place, seed=1)
        assert (other.folder / WEIGHTS).read_bytes() != (made.folder / WEIGHTS).read_bytes()


def test_a_training_that_is_killed_after_every_epoch_gives_the_same_files(
    system: str, trained: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if MODELS[system].closed_form:
        pytest.skip("what is solved for has no epochs")
    made, save, kills = trained(system), TrainingState.save, []

    def save_and_die(state: TrainingState, path: Path) -> None:
        save(state, path)
        kills.append(path.name)
        raise Killed

    monkeypatch.setattr(TrainingState, "save", save_and_die)
    for _ in range(10 * EPOCHS):
        try:
            again = trained_in(tmp_path, system, made.place)
            break
        except Killed:
            assert not (tmp_path / "model").exists()
    assert len(kills) >= EPOCHS
    assert files_in(again.folder) == files_in(made.folder)


def test_a_setting_that_its_task_does_not_know_is_refused_by_name(system: str, place_of: PlaceOf) -> None:
    """Those of other tasks among them."""
    task = MODELS[system].task
    plain = settings_for(system, place_of(task))
    known = set(part(task, "settings").RECIPE.settings_of(system))
    every = {field.name for other in TASKS for field in fields(part(other, "settings").RECIPE)}
    for stranger in ("depht", *sorted(every - known)):
        with pytest.raises(ZslvizError, match=f"'{stranger}'"):
            recipe_from_dict({**plain, stranger: 1})


@pytest.mark.parametrize("setting", ["model", "loss", "optimizer", "validation"])
def test_a_setting_of_a_part_that_there_is_not_is_refused_before_anything_is_computed(
    system: str, setting: str, place_of: PlaceOf, tmp_path: Path
) -> None:
    place = place_of(MODELS[system].task)
    plain = settings_for(system, place)
    with pytest.raises(
        ZslvizError, match="'depht'" if setting in recipe_from_dict(plain).to_dict() else f"'{setting}'"
    ):
        prepare(recipe_from_dict({**plain, setting: {"depht": 1}}), (plain["data"], place.photos))


def test_what_comes_back_is_what_the_checkpoint_tells_and_every_figure_is_finite(system: str, trained: Made) -> None:
    made = trained(system)
    assert made.metrics == json.loads((made.folder / "metrics.json").read_text(encoding="utf-8"))
    assert made.metrics["seed"] == 0
    assert made.metrics["data"] == made.recipe.data
    assert {"validation", "command", "terms", "settled_with_test_figures"} <= set(made.metrics)
    checkpoint = Checkpoint.load(made.folder)
    assert (checkpoint.task, checkpoint.system, checkpoint.data) == (made.task, system, made.recipe.data)
    assert recipe_from_dict(checkpoint.recipe) == made.recipe
    for held, chosen in made_for(made.task).calibration(checkpoint, made.metrics):
        assert held == chosen
    for value in numbers_in(made.metrics):
        assert math.isfinite(value)
    for key in part(made.task, "show").COLUMNS.values():
        assert 0 <= figure(made.metrics, key) <= 1


def test_its_card_tells_the_figures_how_it_was_made_and_whose_the_photos_are(system: str, trained: Made) -> None:
    made = trained(system)
    card = (made.folder / "README.md").read_text(encoding="utf-8")
    data = data_card(made.recipe.data)
    assert data is not None
    assert card.startswith("---\n")
    assert ("license: cc-by-nc-4.0" in card) is data.non_commercial
    assert data.terms in card
    assert f"`{made.metrics['command']}`" in card
    assert MODELS[system].title in card
    assert [line for line in card.splitlines() if line in HEADS] == ["## How it was made", "## Terms"]
    for key in part(made.task, "show").COLUMNS.values():
        assert percent(figure(made.metrics, key)) in card
    for setting in small_numbers(made):
        assert setting in card
    assert "{" not in card.replace("{'", "")
    assert "None" not in card
    assert "nan" not in card.split()


HEADS = ("## How it was made", "## Terms")


def small_numbers(made: Any) -> Iterator[str]:
    """The settings of the network, as the card writes them."""
    return (f"{name} {value}" for name, value in made.recipe.model.items())


def figure(metrics: Mapping[str, Any], key: str) -> float:
    for step in key.split("."):
        metrics = metrics[step]
    return float(metrics)  # type: ignore[arg-type]


def numbers_in(value: Any) -> Iterator[float]:
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from numbers_in(each)
    elif isinstance(value, float):
        yield value
