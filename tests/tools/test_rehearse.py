"""A yardstick is rehearsed on seen classes alone, and what was tried stands in a table."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import make_space
from tools import tried
from tools.documents import validation_section
from tools.rehearse import pooled, rehearse, stages
from zslviz.features.cache import CacheSpec, FeatureCache
from zslviz.tasks.attributes.data import ZeroShotDataset
from zslviz.tasks.attributes.settings import AttributeRecipe
from zslviz.tasks.base.recipes import load_recipe
from zslviz.training.recipe import Validation

PHOTOS, CLASSES = 6, 14


def made() -> tuple[ZeroShotDataset, FeatureCache]:
    """Fourteen classes, two of them unseen; features [2 x 2 regions] follow the descriptions with noise."""
    space, rng = make_space(classes=CLASSES), np.random.default_rng(0)
    labels = np.repeat(np.arange(CLASSES), PHOTOS)
    tested = np.arange(len(labels)) % PHOTOS == 0
    parts = space.seen[labels] & ~tested, space.seen[labels] & tested, ~space.seen[labels]
    files = tuple(Path(f"{i}.jpg") for i in range(len(labels)))
    dataset = ZeroShotDataset("cub", files, labels, space, *(np.flatnonzero(part) for part in parts), "", "")
    means = np.asarray(space.table)[labels] @ rng.normal(size=(space.table.shape[1], 1280)) + 3
    c5 = (means[:, None, None] + rng.normal(size=(len(labels), 2, 2, 1280))).astype(np.float16)
    done = np.isin(np.arange(len(labels)), dataset.trainval)  # reading a test photo is an error
    none = np.zeros((len(labels), 2, 2, 0), dtype=np.float16)
    return dataset, FeatureCache(CacheSpec("efficientnet_lite2", 64), (none, none, c5), done)


def test_a_rehearsal_knows_neither_test_photos_nor_unseen_classes() -> None:
    dataset, cache = made()
    seen = [dataset.space.classes[c] for c in dataset.space.seen_classes]
    held_out = []
    for stage in stages(dataset):
        used = np.concatenate([stage.trainval, stage.test_seen, stage.test_unseen])
        assert sorted(used) == sorted(dataset.trainval)
        assert list(stage.space.classes) == seen
        held_out += [name for name, known in zip(stage.space.classes, stage.space.seen, strict=True) if not known]
    assert sorted(held_out) == sorted(seen), "every seen class is the unseen one once"
    recipe = AttributeRecipe(
        "eszsl-cub", "eszsl", "cub", 1, size=64, flip=False, validation=Validation(groups=3),
        loss={"feature_ridge": 1.0, "attribute_ridge": 1.0},
    )  # fmt: skip
    figures = rehearse(recipe, dataset, [pooled(cache, dataset)])
    assert figures["merit"] > 0.5, "features that follow the descriptions tell new classes apart"
    assert (
        figures["merit"] == round((figures["t1"] + figures["h"]) / 2, 4)
        or abs(figures["merit"] - (figures["t1"] + figures["h"]) / 2) < 1e-4
    )
    shuffled = replace(dataset, space=replace(dataset.space, table=np.roll(dataset.space.table, 5, axis=0)))
    assert rehearse(recipe, shuffled, [pooled(cache, dataset)])["t1"] < figures["t1"]


def test_what_was_tried_is_kept_and_listed_with_the_recipes_own_settings_in_bold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tried, "FOLDER", tmp_path)
    monkeypatch.setattr(validation_section, "FOLDER", tmp_path)
    assert validation_section.section() == ""
    shipped = load_recipe("eszsl-cub").to_dict()
    figures = {"t1": 0.5, "u": 0.41, "s": 0.4, "h": 0.4, "merit": 0.45}
    tried.keep("eszsl-cub", tried.settings_of(shipped), figures)
    other = tried.with_settings(shipped, ["model.normalize_features=false", "flip=true"])
    tried.keep("eszsl-cub", tried.settings_of(other), {**figures, "merit": 0.44})
    assert [line["settings"]["flip"] for line in tried.lines("eszsl-cub")] == [False, True]
    table = validation_section.section().splitlines()
    assert "| `flip` | `model.normalize_features` | T1 | U | S | H | merit |" in table
    assert "| True | False | 50.0 | 41.0 | 40.0 | 40.0 | 44.0 |" in table
    assert "| **False** | **True** | **50.0** | **41.0** | **40.0** | **40.0** | **45.0** |" in table


def test_settings_are_set_or_left_out_and_the_recipe_stays() -> None:
    values = {"epochs": 3, "grounding": {"weight": 0.2}}
    changed = tried.with_settings(values, ["grounding.weight=0.5", "model={stages: [c4, c5]}", "epochs="])
    assert changed == {"grounding": {"weight": 0.5}, "model": {"stages": ["c4", "c5"]}}
    assert values == {"epochs": 3, "grounding": {"weight": 0.2}}


@pytest.mark.parametrize("setting", ["epochs", "epochs.more=3", "epochs=[1", "grounding.weight.more=3"])
def test_what_is_no_setting_is_said_in_a_sentence(setting: str, capsys: pytest.CaptureFixture[str]) -> None:
    values = {"epochs": 3, "grounding": {"weight": 0.2}}
    assert tried.run(lambda: [tried.with_settings(values, [setting])].clear()) == 2
    told = capsys.readouterr().err
    assert told.startswith("--set ") and told.count("\n") == 1
