"""Models in closed form on features that were given: trained and measured without a photo, and asked for one in vain."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from scipy.io import loadmat, savemat
from typer.testing import CliRunner

import zslviz
from tests.datasets import layouts
from tests.datasets.test_own import make
from zslviz.backbones.given import is_given
from zslviz.checkpoints.listing import list_checkpoints
from zslviz.cli import app
from zslviz.datasets.reading import load_dataset
from zslviz.errors import CheckpointError, ConfigError, DataError
from zslviz.explainer import Explainer
from zslviz.features.given import read_features
from zslviz.features.units import unit_rows
from zslviz.models.linear.equations import Eszsl
from zslviz.tasks.attributes.checkpoint import AttributeCheckpoint
from zslviz.tasks.base.recipes import load_recipe
from zslviz.trainer import prepare
from zslviz.training.recipe import Recipe, Validation
from zslviz.ui.service import Service

CHANNELS = 12
MAPPING = np.random.default_rng(1).normal(size=(CHANNELS, 3))


def features_of(names: list[str], table: np.ndarray, classes: tuple[str, ...]) -> np.ndarray:
    """[N, C]: each photo's description by a fixed linear map, with little noise: what a linear model can solve."""
    rows = np.stack([table[classes.index(name.split("/")[0])] for name in names])
    return rows @ MAPPING.T + 0.02 * np.random.default_rng(2).normal(size=(len(names), CHANNELS))


def few_classes(recipe: str) -> Recipe:
    """A shipped recipe whose validation asks for no more classes than the tiny lists here have."""
    return replace(load_recipe(recipe), validation=Validation(classes=0.25, photos=0.2, repeats=4))


@pytest.fixture(scope="module")
def birds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The lists of CUB with the proposed split as xlsa17 distributes it, its features in res101.mat; no photo."""
    folder = layouts.make_cub(tmp_path_factory.mktemp("xlsa17"), matlab=True)
    shutil.rmtree(folder / "images")
    cells = loadmat(folder / "res101.mat")["image_files"]
    listed = ["/".join(str(cell[0][0]).split("/")[-2:]) for cell in cells]
    features = features_of(listed, layouts.CUB_TABLE / 100, layouts.CUB_CLASSES)
    labels = np.array([layouts.CUB_CLASSES.index(name.split("/")[0]) + 1 for name in listed], dtype=float)
    savemat(folder / "res101.mat", {"image_files": cells, "features": features.T, "labels": labels[:, None]})
    return folder


@pytest.fixture(scope="module")
def trained(birds: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """ESZSL on them: the checkpoint's folder, and its figures."""
    folder = tmp_path_factory.mktemp("models") / "eszsl"
    given = birds / "res101.mat"
    metrics = zslviz.train(few_classes("eszsl-cub"), ("cub", birds), features=given, out=folder, device="cpu")
    return folder, metrics


def test_what_is_trained_on_them_is_what_the_equation_gives(birds: Path, trained: tuple[Path, dict[str, Any]]) -> None:
    folder, metrics = trained
    checkpoint = AttributeCheckpoint.load(folder)
    assert checkpoint.name == "eszsl-cub-res101"
    by_name = prepare("dap-cub", ("cub", birds), features=birds / "res101.mat")
    assert by_name.command == "zslviz train dap-cub --data cub=DIR --features FILE"
    dataset = load_dataset("cub", birds)
    read = read_features(birds / "res101.mat")
    rows = dict(zip(read.names, read.vectors, strict=True))
    x = unit_rows(np.stack([rows["/".join(f.parts[-2:])] for f in dataset.files])[dataset.trainval].astype(np.float64))
    signatures = dataset.space.prototypes[dataset.space.seen].astype(np.float64)
    labels = np.searchsorted(dataset.space.seen_classes, dataset.labels[dataset.trainval])
    weight, bias = Eszsl(x, labels, signatures).solve(**metrics["validation"]["settings"])
    state = checkpoint.network.state_dict()
    assert np.allclose(
        state["weight"].numpy(), weight, rtol=2e-3, atol=1e-3 * np.abs(weight).max()
    )  # stored in float16
    assert np.allclose(state["bias"].numpy(), bias, rtol=2e-3, atol=1e-3 * np.abs(bias).max())
    assert metrics["s"] == 1.0  # photos of seen classes are their descriptions but for little noise


@pytest.mark.parametrize("system", ["eszsl", "dap"])
def test_measuring_on_them_gives_the_figures_of_the_training(
    system: str, birds: Path, trained: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    folder, metrics = trained
    if system == "dap":
        folder = tmp_path / "dap"
        metrics = zslviz.train("dap-cub", ("cub", birds), features=birds / "res101.mat", out=folder, device="cpu")
    found = zslviz.evaluate(folder, ("cub", birds), features=birds / "res101.mat", device="cpu")
    assert [found[key] for key in ("t1", "u", "s", "h")] == [metrics[key] for key in ("t1", "u", "s", "h")]


def test_another_order_of_the_file_changes_nothing_and_other_features_are_refused(
    birds: Path, trained: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    folder, metrics = trained
    read = read_features(birds / "res101.mat")
    order = np.random.default_rng(3).permutation(len(read.names))
    np.savez(tmp_path / "mine.npz", features=read.vectors[order], image_files=np.array(read.names)[order])
    again = zslviz.evaluate(folder, ("cub", birds), features=tmp_path / "mine.npz", device="cpu")
    assert again["h"] == metrics["h"]
    np.savez(tmp_path / "mine.npz", features=read.vectors[order], image_files=np.array(read.names))
    with pytest.raises(ConfigError, match="other features"):
        zslviz.evaluate(folder, ("cub", birds), features=tmp_path / "mine.npz", device="cpu")


def test_every_command_that_needs_photos_says_that_there_is_no_network(
    birds: Path, trained: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    model, shown = ["--model", str(trained[0])], tmp_path / "photo.png"
    Image.new("RGB", (64, 64)).save(shown)
    for command in (
        ["explain", str(shown), *model],
        ["rank", str(shown), *model],
        ["predict", str(shown), *model],
        ["evaluate", *model, "--data", f"cub={birds}"],
        ["faithfulness", *model, "--data", f"cub={birds}"],
    ):
        result = CliRunner().invoke(app, command)
        assert isinstance(result.exception, ConfigError), command
        assert "evaluate --features FILE" in str(result.exception)
    with pytest.raises(ConfigError, match="given"):
        Explainer.from_pretrained(trained[0], "cpu")


def test_the_page_does_not_offer_it(trained: tuple[Path, dict[str, Any]]) -> None:
    folder = trained[0]
    assert [info.sees for info in list_checkpoints(folder.parent)] == [False]
    assert Service(checkpoints=folder.parent).all_checkpoints == ()
    with pytest.raises(CheckpointError, match="given"):
        Service(models=[folder]).all_checkpoints  # noqa: B018


def test_the_card_says_what_it_was_trained_on(trained: tuple[Path, dict[str, Any]]) -> None:
    card = (trained[0] / "README.md").read_text()
    assert "res101" in card
    assert f"{CHANNELS} numbers a photo" in card
    assert "px" not in card
    assert "ImageNet" not in card


def test_ones_own_classes_need_no_photos_either(tmp_path: Path) -> None:
    folder = make(tmp_path / "shelf")
    dataset = load_dataset("shelf", folder)
    names = ["/".join(file.parts[-2:]) for file in dataset.files]
    shutil.rmtree(folder / "images")
    vectors = np.random.default_rng(0).normal(size=(len(names), 6))
    np.savez(tmp_path / "dino.npz", features=vectors, image_files=np.array(names))
    recipe = replace(few_classes("eszsl-cub"), name="eszsl-own", data="own")
    job = prepare(recipe, ("shelf", folder), features=tmp_path / "dino.npz", out=tmp_path / "model")
    assert job.recipe.name == "eszsl-shelf-dino"
    assert [file.name for file in job.dataset.files] == [file.name for file in dataset.files]
    for part in ("labels", "trainval", "test_seen", "test_unseen"):
        assert getattr(job.dataset, part).tolist() == getattr(dataset, part).tolist()
    metrics = job.run(tmp_path / "cache", tmp_path / "runs", "cpu")
    found = zslviz.evaluate(tmp_path / "model", ("shelf", folder), features=tmp_path / "dino.npz", device="cpu")
    assert found["h"] == metrics["h"]
    np.savez(tmp_path / "dino.npz", features=vectors, image_files=np.array([f"x{name}" for name in names]))
    with pytest.raises(DataError, match="a photo of no class"):
        prepare(recipe, ("shelf", folder), features=tmp_path / "dino.npz")


def test_what_does_not_go_together_is_said_before_any_work(birds: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="ESZSL or DAP"):
        prepare("msdn-cub", ("cub", birds), features=birds / "res101.mat")
    with pytest.raises(ConfigError, match="leave out --weights"):
        prepare(few_classes("eszsl-cub"), ("cub", birds), features=birds / "res101.mat", weights=tmp_path / "x.pth")
    with pytest.raises(ConfigError, match="leave out --features"):
        zslviz.evaluate("msdn-cub", ("cub", birds), features=birds / "res101.mat")
    with pytest.raises(DataError, match="cannot be read"):
        prepare("eszsl-cub", ("cub", birds), features=tmp_path / "none.mat")


def test_its_recipe_can_be_read_again(trained: tuple[Path, dict[str, Any]]) -> None:
    checkpoint = AttributeCheckpoint.load(trained[0])
    assert is_given(checkpoint.backbone)
    assert checkpoint.recipe["backbone"] == checkpoint.backbone
    assert checkpoint.recipe["flip"] is False
