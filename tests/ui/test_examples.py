"""Photos to begin with: lists of shipped ones, and photos of a data set."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from zslviz.catalogue import Task
from zslviz.errors import ConfigError, DataError
from zslviz.runtime.places import examples_folder
from zslviz.ui.examples import Example, read_examples
from zslviz.ui.page import examples_of
from zslviz.ui.tab import Tab
from zslviz.ui.tabs import TABS, TabPlace
from zslviz.ui.tabs.explain.examples import seen_in_training

CLASSES = ("space", "true_class", "seen")


def test_examples_are_read_photos_first_and_missing_files_left_out(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"")
    (tmp_path / "b.png").write_bytes(b"")
    (tmp_path / "examples.csv").write_text(
        "file,title,space,true_class,seen,kind,note\n"
        "a.png,Crow,cub,029.American_Crow,1,cutout,A cut-out.\n"
        "gone.png,Gull,cub,059.California_Gull,1,photo,\n"
        "b.png,Bat,awa2,bat,unseen,photo,\n"
        "b.png,Moth,awa2,,,photo,\n"
    )
    bat, moth, crow = read_examples(tmp_path, "attributes", CLASSES)
    assert (bat.title, bat.task, bat.data, bat.truth) == (
        "Bat",
        "attributes",
        "awa2",
        {"true_class": "bat", "seen": "unseen"},
    )
    assert (crow.kind, crow.note, crow.name, crow.path) == ("cutout", "A cut-out.", "a.png", tmp_path / "a.png")
    assert [seen_in_training(e.truth) for e in (bat, moth, crow)] == [False, None, True]
    assert (bat.fits("awa2"), bat.fits("cub")) == (True, False)


def test_a_list_is_for_the_tasks_whose_columns_it_has(tmp_path: Path) -> None:
    (tmp_path / "harbour").mkdir()
    (tmp_path / "harbour" / "a.jpg").write_bytes(b"")
    listing = tmp_path / "harbour" / "examples.csv"
    listing.write_text("file,title,labels,kind,note\n../a.jpg,Harbour,water; boats,photo\n")
    (harbour,) = read_examples(tmp_path, "multilabel", ("labels",))
    assert (harbour.path, harbour.truth) == (listing.parent / "a.jpg", {"labels": "water; boats"})
    assert harbour.fits("anything") and harbour.note == ""
    assert read_examples(tmp_path, "attributes", CLASSES) == []
    listing.write_text("file,title,labels,note\na.jpg,Harbour,water,\n")
    with pytest.raises(DataError, match="has no column 'kind'; it needs file, title, kind, note, labels"):
        read_examples(tmp_path, "multilabel", ("labels",))


def test_every_shipped_photo_is_an_example_of_one_task() -> None:
    listed = [
        path.parent / row["file"]
        for path in examples_folder().rglob("examples.csv")
        for row in csv.DictReader(path.open(encoding="utf-8"))
    ]
    columns = {(place.task, place.kind.columns) for place in TABS}  # tabs of one task may have the same examples
    found = [e for task, own in columns for e in read_examples(examples_folder(), task, own)]
    assert sorted(e.path for e in found) == sorted(listed)
    assert all(e.title and any(e.truth.values()) for e in found if e.task != "attributes")


def test_without_columns_no_list_is_read() -> None:
    assert read_examples(examples_folder(), "attributes", ()) == []


def test_photos_of_data_that_no_tab_takes_are_refused() -> None:
    with pytest.raises(ConfigError, match="Photos of data with labels cannot become examples"):
        examples_of(object(), "multilabel")


def test_the_first_tab_of_a_task_that_takes_photos_of_data_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    class Taking(Tab[Any, Any]):
        @staticmethod
        def examples_of(dataset: Any, task: Task) -> list[Example]:
            return [dataset]

    class Place(TabPlace):
        kind = Taking

    multilabel = next(place for place in TABS if place.task == "multilabel")  # its tab takes none
    monkeypatch.setattr("zslviz.ui.page.TABS", (multilabel, *[Place("a", "A", "multilabel", "tab:Taking")] * 2))
    photo = object()
    assert examples_of(photo, "multilabel") == [photo], "once"
