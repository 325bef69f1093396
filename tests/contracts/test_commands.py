"""What the command line must do with a model of every task: explain, predict, train and evaluate, in finite numbers."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from PIL import Image
from typer.testing import CliRunner

from tests.contracts.conftest import Explained, Made
from tests.contracts.made import made_for
from tests.contracts.test_training import figure, numbers_in
from zslviz.catalogue import SYSTEMS, TASKS, part
from zslviz.checkpoints.files import WEIGHTS
from zslviz.cli import app
from zslviz.errors import ConfigError, UnknownNameError
from zslviz.tasks.base.card_parts import percent

pytestmark = pytest.mark.parametrize("system", SYSTEMS)


def run(*arguments: object) -> str:
    """What a command prints. Raises what it raises."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if result.exception is not None:
        raise result.exception
    return result.output


def test_explain_prints_the_best_and_writes_a_map_and_the_explanation(
    system: str, trained: Made, explained: Explained, tmp_path: Path
) -> None:
    made, explanation = trained(system), explained(system)
    overlay, written = tmp_path / "map.png", tmp_path / "seen.json"
    command = ["explain", made.photo, "--model", made.folder, "--device", "cpu"]
    map_of_it = ["--overlay", overlay]
    told = run(*command, "--json", written, *(map_of_it if explanation.offers() else []))
    assert explanation.rank().best.name in told
    if explanation.offers():
        assert Image.open(overlay).size == explanation.photo.shape[1::-1]
    else:
        with pytest.raises(ConfigError, match="has no maps"):
            run(*command, *map_of_it)
    read = type(explanation).load(written)
    assert read.rank() == explanation.rank()
    assert json.loads(written.read_text(encoding="utf-8"))["model"] == made.recipe.name
    with pytest.raises((ConfigError, UnknownNameError)):
        run(*command, "--attribute", "qwrtzpx")


def test_predict_gives_a_table_of_finite_numbers_and_an_empty_row_to_what_is_no_photo(
    system: str, trained: Made, explained: Explained, tmp_path: Path
) -> None:
    made, table = trained(system), tmp_path / "table.csv"
    (tmp_path / "bad.jpg").write_text("no photo")
    with pytest.raises(SystemExit):
        run("predict", made.photo, tmp_path / "bad.jpg", made.photo, "--model", made.folder, "--csv", table)
    with table.open(encoding="utf-8", newline="") as stream:
        header, *rows = csv.reader(stream)
    assert header[0] == "image"
    assert {len(row) for row in rows} == {len(header)}
    (bad,) = (row for row in rows if row[0].endswith("bad.jpg"))
    assert not any(bad[1:])
    good = [row for row in rows if row[0] == str(made.photo)]
    assert good[: len(good) // 2] == good[len(good) // 2 :], "the same photo twice"
    scores = [
        float(cell) for row in good for name, cell in zip(header, row, strict=True) if name.startswith("score") and cell
    ]
    assert scores
    assert np.isfinite(scores).all()
    best = made_for(made.task).best_cells(explained(system))
    assert good[0][1 : 1 + len(best)] == best


def test_train_prints_the_figures_and_goes_on_with_what_there_is(system: str, trained: Made, tmp_path: Path) -> None:
    """Features and runs are there, so nothing is computed twice; the weights are those of the door."""
    made, recipe = trained(system), tmp_path / "made.yaml"
    recipe.write_text(yaml.safe_dump(json.loads(json.dumps(made.recipe.to_dict()))), encoding="utf-8")
    places = ["--cache", made.place.features, "--runs", made.runs, "--out", tmp_path / "model", "--device", "cpu"]
    name, folder = made.data
    told = run("train", recipe, "--data", f"{name}={folder}", *places)
    for key in part(made.task, "show").COLUMNS.values():
        assert percent(figure(made.metrics, key)) in told
    assert f"wrote {tmp_path / 'model'}" in told
    assert (tmp_path / "model" / WEIGHTS).read_bytes() == (made.folder / WEIGHTS).read_bytes()


def test_evaluate_measures_what_the_training_measured(system: str, trained: Made, tmp_path: Path) -> None:
    made, written = trained(system), tmp_path / "figures.json"
    name, folder = made.data
    command = ["evaluate", "--model", made.folder, "--data", f"{name}={folder}", "--json", written, "--device", "cpu"]
    for options in ([], ["--cache", made.place.features]):
        told = run(*command, *options)
        figures = json.loads(written.read_text(encoding="utf-8"))
        assert all(math.isfinite(number) for number in numbers_in(figures))
        for key in part(made.task, "show").COLUMNS.values():
            assert 0 <= figure(figures, key) <= 1
            assert percent(figure(figures, key)) in told
        if options:  # the features that the training read
            assert_figures(figures, made.metrics, [*part(made.task, "show").COLUMNS.values()])
    with pytest.raises(ConfigError, match="cannot be measured on 'other'"):
        run("evaluate", "--model", made.folder, "--data", f"other={folder}")


@pytest.mark.parametrize("command", ["explain", "predict", "evaluate", "train"])
def test_options_of_other_tasks_are_refused_in_one_sentence(
    system: str, command: str, trained: Made, tmp_path: Path
) -> None:
    made, recipe = trained(system), tmp_path / "made.yaml"
    recipe.write_text(yaml.safe_dump(json.loads(json.dumps(made.recipe.to_dict()))), encoding="utf-8")
    data = ["--data", "{}={}".format(*made.data)]
    plain = {"train": [recipe, *data], "evaluate": ["--model", made.folder, *data]}.get(
        command, [made.photo, "--model", made.folder]
    )
    options = {task: part(task, "show").OPTIONS[command] for task in TASKS}
    known = {*options[made.task].own, *options[made.task].shared, "kind"}
    for stranger in {name for knows in options.values() for name in (*knows.own, *knows.shared)} - known:
        switch = f"--{stranger.replace('_', '-')}"
        value = {
            "open_world": [],
            "unseen_only": [],
            "attributes": [],
            "looks": [],
            "out": [tmp_path],
            "choice": [made.folder],
        }.get(stranger, ["1"])
        with pytest.raises(ConfigError) as caught:
            run(command, *plain, switch, *value, "--device", "cpu")
        assert "\n" not in str(caught.value)


def assert_figures(ours: Mapping[str, Any], theirs: Mapping[str, Any], keys: list[str]) -> None:
    assert [figure(ours, key) for key in keys] == pytest.approx([figure(theirs, key) for key in keys], abs=1e-6)
