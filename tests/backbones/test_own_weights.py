"""Weights of one's own: features and models are called after their digest, and take no others."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from typer.testing import CliRunner

import zslviz
from tests.datasets.test_own import make
from zslviz.backbones import build_backbone, opened, own
from zslviz.backbones.registry import settled
from zslviz.checkpoints.files import read_config
from zslviz.cli import app
from zslviz.errors import ConfigError
from zslviz.explainer import Explainer
from zslviz.features.cache import CacheSpec
from zslviz.tasks.base.recipes import recipe_from_dict
from zslviz.trainer import prepare

LITE = "efficientnet_lite0"


@pytest.fixture(autouse=True)
def _nothing_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own, "_files", {})
    monkeypatch.setattr(opened, "_shared", {})
    monkeypatch.delenv(own.WEIGHTS_VARIABLE, raising=False)


@pytest.fixture(scope="module")
def resnet(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The same random ResNet-101 in several files, and another one."""
    folder = tmp_path_factory.mktemp("resnet")
    torch.manual_seed(0)
    state = build_backbone("resnet101", weights=None).network.network.state_dict()
    trunk = {name: tensor for name, tensor in state.items() if not name.startswith("fc.")}
    other = {name: tensor + 0.01 if name == "layer4.2.conv3.weight" else tensor for name, tensor in trunk.items()}
    torch.save(state, folder / "whole.pth")
    torch.save({"state_dict": {f"module.encoder.{n}": t for n, t in trunk.items()} | {"head": torch.zeros(1)}},
               folder / "wrapped.pth")  # fmt: skip
    save_file({name: tensor.contiguous() for name, tensor in trunk.items()}, folder / "trunk.safetensors")
    save_file({name: tensor.contiguous() for name, tensor in other.items()}, folder / "other.safetensors")
    return {file.name: file for file in folder.iterdir()}


def test_the_digest_is_that_of_the_weights_and_not_of_the_file(resnet: dict[str, Path]) -> None:
    called = {name: settled("resnet101", file) for name, file in resnet.items()}
    assert called["whole.pth"] == called["trunk.safetensors"] == called["wrapped.pth"]
    assert called["whole.pth"].startswith("resnet101@")
    assert called["other.safetensors"] != called["whole.pth"]
    assert settled("resnet101") == "resnet101"


def lite(folder: Path, seed: int) -> Path:
    torch.manual_seed(seed)
    file = folder / f"lite{seed}.safetensors"
    state = build_backbone(LITE, weights=None).network.network.state_dict()
    save_file({name: tensor.contiguous() for name, tensor in state.items()}, file)
    return file


def test_caches_of_different_weights_lie_in_different_folders(tmp_path: Path) -> None:
    names = {CacheSpec(settled(LITE, lite(tmp_path, seed)), 64).folder_name for seed in (1, 2)}
    assert len(names | {CacheSpec(LITE, 64).folder_name}) == 3


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    folder = make(tmp_path / "shelf")
    np.save(folder / "attribute_word_vectors.npy", np.random.default_rng(0).normal(size=(3, 8)).astype(np.float32))
    return folder


RECIPE = {
    "name": "eszsl-own", "system": "eszsl", "data": "own", "epochs": 1, "backbone": LITE, "size": 64, "flip": False,
}  # fmt: skip


def test_a_model_takes_the_weights_that_it_was_trained_with_and_no_others(
    shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, other, model = lite(tmp_path, 1), lite(tmp_path, 2), tmp_path / "model"
    places: dict[str, Any] = {"cache": tmp_path / "cache", "runs": tmp_path / "runs", "device": "cpu"}
    recipe = recipe_from_dict(RECIPE)
    metrics = zslviz.train(recipe, ("shelf", shelf), weights=mine, out=model, **places)
    assert metrics["command"].endswith("--weights FILE")
    name = read_config(model)["backbone"]["name"]
    digest = name.partition("@")[2]
    assert digest in (model / "README.md").read_text()

    monkeypatch.setattr(own, "_files", {})  # as in another process
    monkeypatch.setattr(opened, "_shared", {})
    for ask in (
        lambda: Explainer.from_pretrained(model, "cpu"),
        lambda: zslviz.evaluate(model, ("shelf", shelf), device="cpu"),
    ):
        with pytest.raises(ConfigError, match=f"{digest}.*--weights.*ZSLVIZ_WEIGHTS"):
            ask()
    with pytest.raises(ConfigError, match=f"other weights.*{digest}"):
        zslviz.evaluate(model, ("shelf", shelf), weights=other, device="cpu")
    with pytest.raises(ConfigError, match="leave out --weights"):
        zslviz.evaluate("msdn-awa2", ("awa2", shelf), weights=mine, device="cpu")
    assert zslviz.evaluate(model, ("shelf", shelf), weights=mine, device="cpu")["h"] == pytest.approx(metrics["h"])
    cached = zslviz.evaluate(model, ("shelf", shelf), weights=mine, cache=tmp_path / "cache", device="cpu")
    assert cached["h"] == metrics["h"]

    monkeypatch.setattr(own, "_files", {})
    monkeypatch.setattr(opened, "_shared", {})
    monkeypatch.setenv(own.WEIGHTS_VARIABLE, os.pathsep.join([str(other), str(mine)]))
    photo = next((shelf / "images").rglob("*.jpg"))
    explained = Explainer.from_pretrained(model, "cpu").explain(photo)
    backbone = build_backbone(LITE, weights=mine)
    shared = opened.shared_backbone(name, torch.device("cpu"))
    pixels = torch.randint(0, 256, (1, 3, 64, 64), dtype=torch.uint8)
    with torch.inference_mode():
        assert torch.equal(shared(pixels).stages["c5"], backbone(pixels).stages["c5"])
    assert np.isfinite(explained.scores).all()


def test_weights_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    state = load_file(lite(tmp_path, 1))
    state["conv_stem.weight"][0, 0, 0, 0] = float("nan")
    save_file(state, tmp_path / "broken.safetensors")
    with pytest.raises(ConfigError, match="not finite"):
        settled(LITE, tmp_path / "broken.safetensors")


def test_a_recipe_that_names_weights_or_features_which_are_not_at_hand_is_refused_at_once(tmp_path: Path) -> None:
    for name, told in (
        (f"{LITE}@0123456789abcdef", "ZSLVIZ_WEIGHTS"),
        ("features/12/res101@0123456789abcdef", "No network"),
    ):
        recipe = recipe_from_dict({**RECIPE, "backbone": name})
        with pytest.raises(ConfigError, match=told):
            prepare(recipe, ("mine", tmp_path / "not-there"))


def test_a_run_goes_on_with_the_weights_that_it_began_with(shelf: Path, tmp_path: Path) -> None:
    recipe = recipe_from_dict(RECIPE)
    files = (None, lite(tmp_path, 1), lite(tmp_path, 2))
    assert len({prepare(recipe, ("shelf", shelf), weights=file).run_name for file in files}) == 3


def test_the_command_line_takes_them(shelf: Path, tmp_path: Path) -> None:
    mine = lite(tmp_path, 1)
    options = ["--data", f"shelf={shelf}", "--backbone", LITE, "--size", "64", "--cache", str(tmp_path / "cache")]
    result = CliRunner().invoke(app, ["cache", *options, "--weights", str(mine), "--device", "cpu"])
    assert result.exit_code == 0, result.output
    made = [folder.name for folder in (tmp_path / "cache" / "shelf").iterdir()]
    assert made == [f"{settled(LITE, mine)}-64"]
    mine.write_bytes(b"no weights")
    for command in (["cache", *options], ["train", "eszsl-awa2", "--data", f"awa2={shelf}"]):
        result = CliRunner().invoke(app, [*command, "--weights", str(mine)])
        assert isinstance(result.exception, ConfigError), command
