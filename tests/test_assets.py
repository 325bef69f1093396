"""The example photos that the page offers."""

from __future__ import annotations

import csv

import pytest

from tests.conftest import EXAMPLES, ROOT, SHIPPED
from zslviz.photos.loading import load_photo
from zslviz.tasks.attributes.checkpoint import AttributeCheckpoint

FOLDER = ROOT / "assets" / "examples"
with (FOLDER / "examples.csv").open(newline="", encoding="utf-8") as stream:
    ROWS = list(csv.DictReader(stream))


def test_there_are_enough_examples_and_enough_of_unseen_classes() -> None:
    assert len(ROWS) >= 12
    assert sum(row["seen"] == "unseen" for row in ROWS) >= 4


def test_every_photo_is_listed_once_and_credited() -> None:
    assert sorted(row["file"] for row in ROWS) == sorted(path.name for path in EXAMPLES)
    credited = (ROOT / "assets" / "CREDITS.md").read_text(encoding="utf-8")
    assert [row["file"] for row in ROWS if row["file"] not in credited] == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["file"])
def test_an_example_is_a_photo_with_a_title(row: dict[str, str]) -> None:
    assert min(load_photo(FOLDER / row["file"]).size) >= 60
    assert row["title"]
    assert row["kind"] in {"photo", "cutout"}
    if row["kind"] == "cutout":
        assert row["note"], "a cut-out is not what the models were trained on, and it says so"


@pytest.mark.parametrize("name", SHIPPED)
def test_an_examples_class_is_seen_or_unseen_as_stated(name: str) -> None:
    space = AttributeCheckpoint.load(ROOT / "checkpoints" / name).space
    for row in ROWS:
        if row["space"] == space.name and row["true_class"]:
            index = space.class_index(row["true_class"])
            assert row["seen"] == ("seen" if space.seen[index] else "unseen"), row["file"]


def test_every_picture_of_states_and_objects_is_listed_credited_and_small() -> None:
    folder = FOLDER / "fashion"
    with (folder / "examples.csv").open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert sorted(row["file"] for row in rows) == sorted(path.name for path in folder.glob("*.jpg"))
    credited = (ROOT / "assets" / "CREDITS.md").read_text(encoding="utf-8")
    for row in rows:
        assert f"examples/fashion/{row['file']}" in credited
        assert (folder / row["file"]).stat().st_size < 120_000
        assert min(load_photo(folder / row["file"]).size) >= 200
        assert row["title"] and row["object"]
        assert row["kind"] == "photo" or row["note"], "a drawing is not what the model was trained on, and it says so"


def test_every_picture_of_several_things_is_listed_credited_and_small() -> None:
    folder = FOLDER / "multi"
    with (folder / "examples.csv").open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert sorted(row["file"] for row in rows) == sorted(path.name for path in folder.glob("*.jpg"))
    credited = (ROOT / "assets" / "CREDITS.md").read_text(encoding="utf-8")
    for row in rows:
        assert f"examples/multi/{row['file']}" in credited
        assert (folder / row["file"]).stat().st_size < 150_000
        assert min(load_photo(folder / row["file"]).size) >= 200
        assert row["title"] and len(row["labels"].split(";")) >= 2
        assert row["kind"] == "photo" or (row["kind"] == "composition" and row["note"])
    for part in ("cutouts", "landscapes"):
        with (folder / f"{part}.csv").open(newline="", encoding="utf-8") as stream:
            listed = [row["file"] for row in csv.DictReader(stream)]
        assert sorted(listed) == sorted(path.name for path in (folder / part).iterdir())
        assert [name for name in listed if name not in credited] == []
