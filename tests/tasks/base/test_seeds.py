"""Of several seeds the one that validation prefers is written, with the figures of all."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.tasks.attributes.made import VALIDATION, measured_checkpoint
from tools.seeds import main
from zslviz.catalogue import TASKS, part
from zslviz.checkpoints.base import Checkpoint
from zslviz.errors import CheckpointError, ConfigError
from zslviz.tasks.base.recipes import recipe_from_dict
from zslviz.tasks.base.seeds import assemble

RECIPE = {"name": "msdn-made", "system": "msdn", "data": "own", "epochs": 4}
RULE = {"kind": "dot", "weights": [1.0, 0.0]}


def trained(folder: Path, seed: int, t1: float = 0.5, test: float = 0.5, **changes: Any) -> Path:
    """A checkpoint of one seed. t1: on validation. test: T1 of the test photos. changes: of its recipe."""
    recipe = recipe_from_dict({**RECIPE, "seed": seed, **changes}).to_dict()
    made = measured_checkpoint("msdn", recipe=recipe)
    command = f"zslviz train msdn-made --data made=DIR --seed {seed}"
    chosen = {**VALIDATION, "rule": RULE, "t1": t1}
    metrics = {**made.metrics, "seed": seed, "validation": chosen, "command": command, "t1": test, "h": test}
    replace(made, metrics=metrics).save(folder)
    return folder


def test_the_seed_that_is_best_on_validation_is_written_whatever_the_test_photos_say(tmp_path: Path) -> None:
    folders = [
        trained(tmp_path / str(seed), seed, t1, test)
        for seed, t1, test in ((2, 0.5, 0.9), (0, 0.6, 0.3), (1, 0.4, 0.6))
    ]
    told: list[str] = []
    metrics = assemble(folders, tmp_path / "out", told.append)
    written = Checkpoint.load(tmp_path / "out")
    assert written.metrics == metrics
    assert (metrics["seed"], metrics["t1"], written.recipe["seed"]) == (0, 0.3, 0)
    assert metrics["command"] == "zslviz train msdn-made --data made=DIR --seeds 0,1,2"
    seeds = metrics["seeds"]
    assert (seeds["count"], seeds["chosen"], seeds["by"]) == (3, 0, "(T1 + H) / 2")
    assert [(each["seed"], each["t1"]) for each in seeds["each"]] == [(0, 0.3), (1, 0.6), (2, 0.9)]
    assert [each["merit"] for each in seeds["each"]] == pytest.approx(
        [(t1 + VALIDATION["h"]) / 2 for t1 in (0.6, 0.4, 0.5)]
    )
    assert seeds["t1"] == pytest.approx({"mean": 0.6, "std": np.std([0.3, 0.6, 0.9], ddof=1)})
    assert told[-1].startswith("seed 0 is chosen") and "57.5" in told[0]
    weights = [(folder / "model.safetensors").read_bytes() for folder in (folders[1], tmp_path / "out")]
    assert weights[0] == weights[1]
    assert "Seed 0 was the best of 3 on validation" in (tmp_path / "out" / "README.md").read_text()


def test_of_seeds_that_validation_cannot_tell_apart_the_first_is_written(tmp_path: Path) -> None:
    folders = [trained(tmp_path / str(seed), seed) for seed in (4, 3)]
    assert assemble(folders, tmp_path / "out")["seed"] == 3


def test_what_was_assembled_takes_another_seed_and_may_be_written_over(tmp_path: Path) -> None:
    first = [trained(tmp_path / str(seed), seed) for seed in (0, 1)]
    assemble(first, tmp_path / "out")
    metrics = assemble([tmp_path / "out", first[1], trained(tmp_path / "2", 2, t1=0.9)], tmp_path / "out")
    assert metrics["command"].endswith("DIR --seeds 0,1,2")
    assert metrics["seeds"]["chosen"] == Checkpoint.load(tmp_path / "out").metrics["seed"] == 2


def test_trainings_that_do_not_belong_together_are_refused_by_what_differs(tmp_path: Path) -> None:
    first = trained(tmp_path / "0", 0)
    out = tmp_path / "out"
    with pytest.raises(ConfigError, match="Seeds 0 and 1 are not of one training: 'epochs' of their recipes differs"):
        assemble([first, trained(tmp_path / "1", 1, epochs=5)], out)
    with pytest.raises(ConfigError, match="each is named once.*0, 0"):
        assemble([first, trained(tmp_path / "again", 0)], out)
    with pytest.raises(ConfigError, match="several"):
        assemble([first], out)
    assert not out.exists()


def test_a_seed_whose_choice_is_anothers_or_unknown_is_refused(tmp_path: Path) -> None:
    first, second = trained(tmp_path / "0", 0), Checkpoint.load(trained(tmp_path / "1", 1))
    over = {**second.metrics, "command": "zslviz train msdn-made --data made=DIR --seed 1 --choice checkpoints/x"}
    replace(second, metrics=over).save(tmp_path / "over")
    with pytest.raises(CheckpointError, match="took over the choice"):
        assemble([first, tmp_path / "over"], tmp_path / "out")
    for lost in ("validation", "ausuc"):
        rest = {name: value for name, value in second.metrics.items() if name != lost}
        replace(second, metrics=rest).save(tmp_path / lost)
        with pytest.raises(CheckpointError, match="train it again"):
            assemble([first, tmp_path / lost], tmp_path / "out")


def test_the_command_writes_the_checkpoint_or_says_in_one_line_why_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = [str(trained(tmp_path / str(seed), seed)) for seed in (0, 1)]
    assert main([*folders, "--out", str(tmp_path / "out")]) == 0
    assert "seed 0 is chosen" in capsys.readouterr().out
    assert Checkpoint.load(tmp_path / "out").metrics["seeds"]["count"] == 2
    assert main([folders[0], "--out", str(tmp_path / "other")]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize("task", TASKS)
def test_shipped_models_of_every_task_tell_what_seeds_are_compared_by(task: Any) -> None:
    from zslviz.checkpoints.listing import list_checkpoints

    choice = part(task, "choice")
    for info in list_checkpoints(task=task):
        assert 0 < choice.merit_of(info.metrics["validation"]) < 1
        for name in choice.OF_SEEDS:
            value: Any = info.metrics
            for key in name.split("."):
                value = value[key]
            assert isinstance(value, float)
