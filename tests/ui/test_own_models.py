"""Models of one's own in the page: listed first, opened first, and usable without example photos of their data."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import made_photo, make_checkpoint
from zslviz.errors import CheckpointError, UnknownNameError
from zslviz.ui.downloads import Downloads
from zslviz.ui.examples import Example
from zslviz.ui.service import Service
from zslviz.ui.tabs.explain.tab import ExplainTab


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("own") / "mine"
    replace(make_checkpoint("msdn"), name="msdn-mine", data="mine").save(folder)
    return folder


def example(folder: Path, space: str, true_class: str, key: str = "") -> Example:
    made_photo().save(folder / "1.png")
    return Example(folder / "1.png", f"A photo for {space}", space, true_class, False, "photo", "A note.", key)


def tab(made_folder: Path, own: Path, *examples: Example) -> ExplainTab:
    service = Service(device="cpu", examples=list(examples), checkpoints=made_folder, models=[own])
    return ExplainTab(service, Downloads())


def test_it_is_listed_first_and_opens_with_a_photo_of_its_data(made_folder: Path, own: Path, tmp_path: Path) -> None:
    photos = [example(tmp_path, "made", "class+1"), example(tmp_path, "mine", "class+5", "mine/class+5/1.png")]
    first = tab(made_folder, own, *photos).first()
    assert first["models"][0]["title"] == "MSDN · mine"
    assert (first["model"], first["example"], first["true_class"]) == ("msdn-mine", "mine/class+5/1.png", 5)


def test_without_photos_of_its_data_it_explains_another_example_and_claims_no_class(
    made_folder: Path, own: Path, tmp_path: Path
) -> None:
    page = tab(made_folder, own, example(tmp_path, "made", "class+1"))
    first = page.first()
    assert (first["model"], first["true_class"], first["example"], first["note"]) == ("msdn-mine", None, None, "")
    asked = {"model": "msdn-mine", "example": "1.png"}
    assert page.explain(asked)["data"] == "made", "an example is explained by a model that knows its class,"
    assert page.explain(asked | {"keep": True})["model"] == "msdn-mine", "unless a visitor has just chosen another"


def test_without_any_example_the_page_asks_for_a_photo(made_folder: Path, own: Path) -> None:
    assert "notice" in tab(made_folder, own).first()


def test_what_is_wrong_with_a_model_is_said(made_folder: Path, own: Path, tmp_path: Path) -> None:
    def service(*models: Path) -> Service:
        return Service(device="cpu", examples=[], checkpoints=made_folder, models=models)

    with pytest.raises(UnknownNameError, match="no model called"):
        _ = service(tmp_path / "nothing").checkpoints
    with pytest.raises(CheckpointError, match="Two of the models are called 'msdn-mine'"):
        _ = service(own, own).checkpoints
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "config.json").write_text("{}")
    with pytest.raises(CheckpointError, match="not a checkpoint's configuration"):
        _ = service(tmp_path / "bad").checkpoints
    again = tmp_path / "again"
    make_checkpoint("msdn").save(again)
    assert [i.folder for i in service(again).checkpoints if i.name == "made-msdn"] == [again], "a shipped one gives way"
