"""Models of one's own in the page: listed first, opened first, and usable without example photos of their data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import made_photo, make_checkpoint
from zslviz.errors import CheckpointError, UnknownNameError
from zslviz.ui.examples import Example
from zslviz.ui.scratch import Downloads
from zslviz.ui.service import Service
from zslviz.ui.tab import Tab
from zslviz.ui.tabs import TABS


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("own") / "mine"
    replace(make_checkpoint("msdn"), name="msdn-mine", data="mine").save(folder)
    return folder


def example(folder: Path, data: str, true_class: str, key: str = "") -> Example:
    made_photo().save(folder / "1.png")
    truth = {"true_class": true_class, "seen": "unseen"}
    return Example(folder / "1.png", f"A photo for {data}", "attributes", "photo", "A note.", truth, data, key)


def tab(made_folder: Path, *models: Path, examples: Sequence[Example] = ()) -> Tab[Any, Any]:
    return TABS[0].open(Service("cpu", examples, made_folder, models, made_folder / "none"), Downloads())


def test_it_is_listed_first_and_opens_with_a_photo_of_its_data(made_folder: Path, own: Path, tmp_path: Path) -> None:
    photos = [example(tmp_path, "made", "class_1"), example(tmp_path, "mine", "class_5", "mine/class_5/1.png")]
    first = tab(made_folder, own, examples=photos).explain({"first": True})
    assert first["models"][0]["title"] == "MSDN · mine"
    assert (first["model"], first["example"], first["true_class"]) == ("msdn-mine", "mine/class_5/1.png", 5)
    assert [e["seen"] for e in first["examples"]] == [False, False]
    replace(make_checkpoint("msdn"), name="wider", data="mine").save(tmp_path / "wider")  # as one that was extended
    both = tab(made_folder, own, tmp_path / "wider", examples=photos).explain({"first": True})["models"]
    assert [model["title"] for model in both[:2]] == ["MSDN · mine (msdn-mine)", "MSDN · mine (wider)"]


def test_without_photos_of_its_data_it_explains_another_example_and_claims_no_class(
    made_folder: Path, own: Path, tmp_path: Path
) -> None:
    page = tab(made_folder, own, examples=[example(tmp_path, "made", "class_1")])
    first = page.explain({"first": True})
    assert (first["model"], first["true_class"], first["example"], first["note"]) == ("msdn-mine", None, None, "")
    asked = {"model": "msdn-mine", "example": "1.png"}
    assert page.explain(asked)["data"] == "made", "an example is explained by a model that knows its class,"
    assert page.explain(asked | {"keep": True})["model"] == "msdn-mine", "unless a visitor has just chosen another"


def test_an_example_is_explained_by_a_model_of_the_same_system_whatever_the_models_are_called(
    made_folder: Path, tmp_path: Path
) -> None:
    folders = [tmp_path / "first", tmp_path / "second"]
    for folder, (system, name) in zip(folders, [("mgmrn", "msdn-of-mine"), ("msdn", "my-birds")], strict=True):
        replace(make_checkpoint(system), name=name, data="birds").save(folder)
    page = tab(made_folder, *folders, examples=[example(tmp_path, "made", "class_1")])
    assert page.explain({"model": "my-birds", "example": "1.png"})["model"] == "made-msdn"
    assert page.explain({"model": "msdn-of-mine", "example": "1.png"})["model"] == "made-mgmrn"
    assert page.model_for(example(tmp_path, "birds", "class_1"), like="made-msdn") == "my-birds"
    assert page.model_for(example(tmp_path, "birds", "class_1")) == "msdn-of-mine"
    with pytest.raises(CheckpointError, match="No model knows the data 'fish'; there are models for birds, made"):
        page.model_for(example(tmp_path, "fish", "class_1"))


def test_what_is_wrong_with_a_model_is_said(made_folder: Path, own: Path, tmp_path: Path) -> None:
    def service(*models: Path) -> Service:
        return Service(device="cpu", checkpoints=made_folder, models=models)

    with pytest.raises(UnknownNameError, match="no model called"):
        _ = service(tmp_path / "nothing").all_checkpoints
    with pytest.raises(CheckpointError, match="Two of the models are called 'msdn-mine'"):
        _ = service(own, own).all_checkpoints
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "config.json").write_text("{}")
    with pytest.raises(CheckpointError, match="not a checkpoint's configuration"):
        _ = service(tmp_path / "bad").all_checkpoints
    again = tmp_path / "again"
    make_checkpoint("msdn").save(again)
    assert [i.folder for i in service(again).all_checkpoints if i.name == "made-msdn"] == [again], (
        "a shipped one gives way"
    )
