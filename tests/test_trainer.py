"""The door of training: what is found before anything is computed, and what comes back."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from PIL import Image

import zslviz
from tests.datasets.own_layout import make
from zslviz.errors import ConfigError, DataError, UnknownNameError
from zslviz.features.identity import identify
from zslviz.tasks.attributes.checkpoint import AttributeCheckpoint
from zslviz.tasks.attributes.settings import AttributeRecipe, FineTuning
from zslviz.tasks.attributes.show import figure_lines
from zslviz.tasks.base.recipes import load_recipe, recipe_from_dict
from zslviz.tasks.base.seeds import assemble
from zslviz.trainer import fingerprint, prepare
from zslviz.training import loop
from zslviz.training.recipe import Recipe, read_recipe, recipe_names

TINY: dict[str, Any] = {
    "name": "msdn-own", "system": "msdn", "data": "own", "epochs": 2, "backbone": "efficientnet_lite0", "size": 64, "flip": False,
    "batch_size": 4,
}  # fmt: skip


def places(tmp_path: Path) -> dict[str, Any]:
    return {"cache": tmp_path / "features", "runs": tmp_path / "runs", "out": tmp_path / "model", "device": "cpu"}


def test_training_from_python_returns_what_the_checkpoint_tells(own: Path, tmp_path: Path) -> None:
    metrics = zslviz.train(recipe_from_dict(TINY), ("shelf", own), **places(tmp_path))
    assert metrics == json.loads((tmp_path / "model" / "metrics.json").read_text())
    assert 0 <= metrics["t1"] <= 1
    checkpoint = AttributeCheckpoint.load(tmp_path / "model")
    assert (checkpoint.name, checkpoint.data) == ("msdn-shelf", "shelf")
    assert metrics["command"] == "zslviz train msdn-shelf --data shelf=DIR"
    (tmp_path / "tiny.yaml").write_text(yaml.safe_dump(TINY))
    again = zslviz.train(tmp_path / "tiny.yaml", f"shelf={own}", seed=3, **places(tmp_path))
    assert again["seed"] == 3
    assert again["command"] == f"zslviz train {tmp_path / 'tiny.yaml'} --data shelf=DIR --seed 3"


def test_several_seeds_come_out_as_those_trained_one_by_one_and_nothing_is_trained_twice(
    own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    where, recipe = places(tmp_path), recipe_from_dict(TINY)
    alone = [tmp_path / f"alone{seed}" for seed in (3, 4)]
    for seed, folder in zip((3, 4), alone, strict=True):
        zslviz.train(recipe, ("shelf", own), seed=seed, **{**where, "out": folder})
    expected = assemble(alone, tmp_path / "by-hand")
    trained = [metrics["t1"] for metrics in expected["seeds"]["each"]]
    monkeypatch.setattr(loop, "train_epoch", None)  # both are finished
    metrics = zslviz.train(recipe, ("shelf", own), seeds=(3, 4), **where)
    assert metrics == expected and metrics["command"].endswith("DIR --seeds 3,4")
    assert [json.loads((f / "metrics.json").read_text())["t1"] for f in alone] == trained
    for name in ("model.safetensors", "config.json", "README.md"):
        assert (tmp_path / "model" / name).read_bytes() == (tmp_path / "by-hand" / name).read_bytes()


@pytest.mark.parametrize(
    ("recipe", "options", "message"),
    [
        (TINY, {"seeds": (1, 1)}, "named once"),
        (TINY, {"seeds": (1,)}, "several"),
        (TINY, {"seeds": (0, -1)}, "'seed' .* at least 0"),
        (TINY, {"seeds": (0, 1), "seed": 2}, "leave out --seed and --choice"),
        (TINY, {"seeds": (0, 1), "choice": "x"}, "leave out --seed and --choice"),
        ({"name": "x", "system": "eszsl", "data": "own", "epochs": 1}, {"seeds": (0, 1)}, "the same with every seed"),
    ],
)
def test_what_is_wrong_with_seeds_is_said_before_any_feature_is_computed(
    recipe: dict[str, Any], options: dict[str, Any], message: str, own: Path, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match=message):
        zslviz.train(recipe_from_dict(recipe), ("shelf", own), **options, **places(tmp_path))
    assert not (tmp_path / "features").exists() and not (tmp_path / "runs").exists()


def test_runs_go_on_only_where_nothing_changed(own: Path, tmp_path: Path) -> None:
    """What a killed run left is of no use once a photo, the table or the recipe is another."""
    recipe = recipe_from_dict(TINY)

    def run_name(settings: Recipe = recipe, folder: Path = own) -> str:
        dataset = prepare(settings, ("shelf", folder)).dataset
        return fingerprint(settings, dataset, identify(dataset, tmp_path / "features"))

    first = run_name()
    assert first == run_name()
    shutil.copytree(own, tmp_path / "elsewhere")
    assert first == run_name(folder=tmp_path / "elsewhere")
    changed = {first, run_name(replace(recipe, batch_size=5))}
    (own / "attributes.csv").write_text((own / "attributes.csv").read_text().replace("0.5", "0.6"))
    changed.add(run_name())
    Image.new("RGB", (40, 40)).save(own / "images" / "ant" / "more.jpg")
    changed.add(run_name())
    vectors = np.load(own / "attribute_word_vectors.npy")
    np.save(own / "attribute_word_vectors.npy", vectors + 1)
    changed.add(run_name())
    turned = Image.open(own / "images" / "ant" / "more.jpg").rotate(180)
    Image.fromarray(255 - np.asarray(turned)).save(own / "images" / "ant" / "more.jpg")
    changed.add(run_name())
    assert len(changed) == 6


def test_a_damaged_photo_of_ones_own_is_named_before_any_feature_is_computed(own: Path, tmp_path: Path) -> None:
    photo = own / "images" / "bee" / "2.jpg"
    photo.write_bytes(photo.read_bytes()[:-300])
    with pytest.raises(DataError, match=r"2\.jpg"):
        zslviz.train(recipe_from_dict(TINY), ("shelf", own), **places(tmp_path))
    assert not list((tmp_path / "features").rglob("*.npy"))


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        (
            {"backbone": "efficientnet_lite9"},
            UnknownNameError,
            "backbone called 'efficientnet_lite9'.*'efficientnet_lite",
        ),
        ({"backbone": "resnet5"}, UnknownNameError, "'resnet50'"),
        ({"model": {"depth": 3}}, UnknownNameError, "called 'depth'"),
        ({"loss": {"lambda": 3}}, UnknownNameError, "'lambda_cal'"),
        ({"data": "cub"}, ConfigError, "for the data 'cub'"),
    ],
)
def test_what_is_wrong_with_a_recipe_is_said_before_any_feature_is_computed(
    changes: dict[str, Any], error: type, message: str, own: Path, tmp_path: Path
) -> None:
    with pytest.raises(error, match=message):
        zslviz.train(recipe_from_dict({**TINY, **changes}), ("shelf", own), **places(tmp_path))
    assert not (tmp_path / "features").exists()


def test_only_a_task_that_sees_with_encoders_takes_clip(own: Path, tmp_path: Path) -> None:
    pytest.importorskip("zslviz.backbones.clip").open_clip_package()
    with pytest.raises(ConfigError, match="MSDN reads the stages of a CNN"):
        prepare(recipe_from_dict({**TINY, "backbone": "ViT-B-32"}), ("shelf", own), clip=tmp_path / "clip.pt")
    with pytest.raises(ConfigError, match="leave out --clip"):
        prepare(recipe_from_dict(TINY), ("shelf", own), clip=tmp_path / "clip.pt")


@pytest.mark.parametrize("system", ["eszsl", "dap"])
def test_what_is_solved_for_on_ones_own_data_reads_no_words(system: str, tmp_path: Path) -> None:
    """An attribute whose words have no vectors stops what reads them, and nothing else."""
    folder = make(tmp_path / "photos")
    table = folder / "attributes.csv"
    header, rows = table.read_text().split("\n", 1)
    table.write_text(",".join([*header.split(",")[:-1], "zxqvwk"]) + "\n" + rows)
    small = {"backbone": "efficientnet_lite0", "size": 64}
    recipe = recipe_from_dict({**read_recipe(f"{system}-own"), **small})
    metrics = zslviz.train(recipe, ("shelf", folder), **places(tmp_path))
    assert AttributeCheckpoint.load(tmp_path / "model").name == f"{system}-shelf"
    gammas = metrics["validation"]["gammas"]
    assert len(gammas) == 3, "each of the classes trained on was left out alone"
    assert np.mean(gammas) == pytest.approx(metrics["validation"]["gamma"])
    spread = f"gamma on each of 3 sets of held-out classes alone: {min(gammas):.2f} to {max(gammas):.2f}"
    assert spread in figure_lines("x", metrics)
    with pytest.raises(DataError, match="zxqvwk"):
        prepare(recipe_from_dict(TINY), ("shelf", folder))


def test_yardsticks_on_the_same_features_stand_beside_a_training_on_ones_own_data(own: Path, tmp_path: Path) -> None:
    """They are what their own recipes give on the same photos and held-out classes."""
    where, told = places(tmp_path), []
    job = prepare(recipe_from_dict(TINY), ("shelf", own), out=where["out"])
    job.run(where["cache"], where["runs"], "cpu", told.append)
    lines = [line for line in told if line.startswith("yardstick")]
    assert [line.split(":")[0] for line in lines] == ["yardstick eszsl-shelf", "yardstick dap-shelf"]
    small = {"backbone": "efficientnet_lite0", "size": 64, "flip": False, "validation": {}}
    for system, line in zip(("eszsl", "dap"), lines, strict=True):
        recipe = recipe_from_dict({**read_recipe(f"{system}-own"), **small})
        beside: list[str] = []
        job = prepare(recipe, ("shelf", own), out=tmp_path / system)
        figures = job.run(where["cache"], where["runs"], "cpu", beside.append)
        assert f"H {100 * figures['h']:.1f} " in line
        assert [said for said in beside if said.startswith("yardstick")] == [other for other in lines if other != line]


# -- recipes ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("system", "setting", "value"),
    [
        ("msdn", "words", "glove-6b-50d"),
        ("mgmrn", "linear", {"scale": 1.0}),
        ("eszsl", "batch_size", 8),
        ("eszsl", "finetune", {"stages": "last"}),
        ("dap", "optimizer", {"lr": 0.1}),
        ("biam", "finetune", {"stages": "last"}),
        ("biam", "passes", "three"),
        ("refiner", "validation", {"repeats": 2}),
        ("refiner", "sampling", {"kind": "episodes"}),
    ],
)
def test_a_setting_that_means_nothing_for_the_system_is_refused(system: str, setting: str, value: Any) -> None:
    plain = {"name": "x", "system": system, "data": "own", "epochs": 1}
    assert setting not in recipe_from_dict(plain).to_dict()
    with pytest.raises(UnknownNameError, match=f"called '{setting}'"):
        recipe_from_dict({**plain, setting: value})


def test_a_system_in_closed_form_has_no_epochs() -> None:
    plain = {"name": "x", "system": "dap", "data": "own", "epochs": 1}
    assert recipe_from_dict(plain).epochs == 1
    for changes in ({"epochs": 5}, {"validation": {"epochs": 2}}):
        with pytest.raises(ConfigError, match="DAP is solved for"):
            recipe_from_dict({**plain, **changes})


def test_what_a_recipe_lacks_is_named() -> None:
    with pytest.raises(ConfigError, match="does not say 'data'"):
        recipe_from_dict({"name": "x", "system": "biam", "epochs": 1})
    with pytest.raises(ConfigError, match="does not say 'system'"):
        recipe_from_dict({"name": "x", "data": "cub", "epochs": 1})
    with pytest.raises(ConfigError, match="'optimizer' of the recipe 'recipe' must map"):
        recipe_from_dict({"name": "x", "system": "msdn", "data": "cub", "epochs": 1, "optimizer": 3})


@pytest.mark.parametrize("name", recipe_names())
def test_a_recipe_of_the_package_says_nothing_in_vain(name: str) -> None:
    """Every setting of its file is told in checkpoints, and a checkpoint's recipe is the same recipe again."""
    recipe, written = load_recipe(name), read_recipe(name)
    told = recipe.to_dict()
    assert set(written) <= set(told)
    assert recipe_from_dict(json.loads(json.dumps(told))).to_dict() == json.loads(json.dumps(told))


def test_a_recipe_in_python_is_the_one_in_yaml() -> None:
    tuning = FineTuning("last", lr=0.01)
    built = AttributeRecipe("x", "msdn", "cub", 2, finetune=tuning)
    plain = {"name": "x", "system": "msdn", "data": "cub", "epochs": 2}
    assert recipe_from_dict({**plain, "finetune": {"stages": "last", "lr": 0.01}}) == built
