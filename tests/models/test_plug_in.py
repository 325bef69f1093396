"""A system of one's own in a file outside the package: trained by its own loss, measured and explained by the shell's commands."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import yaml
from typer.testing import CliRunner

from tests.datasets.test_own import make
from zslviz.catalogue import SYSTEMS
from zslviz.cli import app
from zslviz.errors import CheckpointError, ConfigError
from zslviz.models.registry import MODELS, plug_in

FILE = '''
from dataclasses import dataclass
import torch
from torch import nn
from zslviz.models.output import AttributeOutput
from zslviz.models.registry import System


@dataclass(frozen=True)
class Config:
    attributes: int
    channels: int


class Peephole(nn.Module):
    """The mean of a linear map over the regions of c5."""

    stages = ("c5",)
    wants_global = False
    granularities = ("whole",)

    def __init__(self, config):
        super().__init__()
        self.map = nn.Linear(config.channels, config.attributes)

    def forward(self, features, explain=False):
        c5 = features.stages["c5"]
        return AttributeOutput(self.map(c5.mean((2, 3)))[None])


def loss(scores, labels, prototypes, seen, target=0.25):
    """Draws every score to a number, whatever the photo: what no loss of the package does."""
    return ((scores[0] - target) ** 2).mean()


SYSTEM = System("peephole", "Peephole", Peephole, Config, frozenset({"attributes"}), ("whole",), (32,), loss=loss)
'''
RECIPE = {
    "name": "peephole-own", "system": "peephole", "data": "own", "epochs": 30, "backbone": "efficientnet_lite0", "size": 64,
    "flip": False, "batch_size": 8, "loss": {"target": 0.625},
    "optimizer": {"name": "adam", "lr": 0.02, "weight_decay": 0.0, "schedule": "constant", "warmup": 0.0},
}  # fmt: skip


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    file = tmp_path / "peephole.py"
    file.write_text(FILE)
    return file


@pytest.fixture(autouse=True)
def _only_this_test() -> Iterator[None]:
    """What is plugged in stays until the process ends; here, until the test ends."""
    before = dict(SYSTEMS)
    yield
    SYSTEMS.clear()
    SYSTEMS.update(before)


def test_a_system_in_a_file_of_ones_own_works_through_the_shell(plugin: Path, tmp_path: Path) -> None:
    shelf, model, recipe = make(tmp_path / "shelf"), str(tmp_path / "model"), tmp_path / "recipe.yaml"
    recipe.write_text(yaml.safe_dump(RECIPE))
    photo, kept = str(next((shelf / "images").rglob("*.jpg"))), tmp_path / "x.json"
    data, places = ["--data", f"shelf={shelf}"], ["--cache", str(tmp_path / "cache"), "--runs", str(tmp_path / "runs")]
    for command in (
        ["train", str(recipe), *data, "--out", model, *places],
        ["evaluate", "--model", model, *data],
        ["predict", photo, "--model", model],
        ["explain", photo, "--model", model, "--json", str(kept)],
    ):
        done = CliRunner().invoke(app, ["--plugin", str(plugin), *command, "--device", "cpu"])
        assert done.exit_code == 0, (command, done.output, done.exception)
    with np.load(kept.with_suffix(".npz")) as arrays:
        assert arrays["scores"] == pytest.approx(0.625, abs=0.1)  # its own loss, with the recipe's setting of it
    SYSTEMS.pop("peephole")
    alone = CliRunner().invoke(app, ["explain", photo, "--model", model])
    assert isinstance(alone.exception, CheckpointError)
    assert "--plugin" in str(alone.exception)


def test_a_plug_in_is_found_by_every_table_of_systems(plugin: Path) -> None:
    assert "peephole" not in MODELS
    assert plug_in(str(plugin)).title == "Peephole"
    assert plug_in(str(plugin)).title == "Peephole"  # a second time, too
    assert MODELS["peephole"].task == "attributes"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (("SYSTEM = System", "OTHER = System"), "has no SYSTEM"),
        (('"peephole",', '"msdn",'), "'msdn', as there is one already"),
        (("import torch\n", "import a_module_that_is_not_there\n"), "cannot be imported .ModuleNotFoundError"),
        (("SYSTEM =", "TASK = 'hearing'\nSYSTEM ="), "not 'hearing'"),
        (("@dataclass", "@@dataclass"), "SyntaxError"),
    ],
)
def test_what_is_wrong_with_a_plug_in_is_said(changes: tuple[str, str], told: str, plugin: Path) -> None:
    plugin.write_text(FILE.replace(*changes))
    with pytest.raises(ConfigError, match=told) as caught:
        plug_in(str(plugin))
    assert "\n" not in str(caught.value)


def test_a_plug_in_that_is_not_there_is_said() -> None:
    with pytest.raises(ConfigError, match="'nowhere.py' is not there"):
        plug_in("nowhere.py")
    with pytest.raises(ConfigError, match="cannot be imported"):
        plug_in("a_module_that_is_not_there")
