"""Readers of photos of state-object pairs, on tiny made folders."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from zslviz.datasets.compositional import CompositionalDataset, load_compositional
from zslviz.errors import DataError

ROWS = (
    ("a.png", "red", "shoe", "train"),
    ("b.png", "blue", "shoe", "train"),
    ("c.png", "red", "hat", "train"),
    ("d.png", "red", "shoe", "val_seen"),
    ("e.png", "blue", "hat", "val_unseen"),
    ("f.png", "blue", "shoe", "test_seen"),
    ("g.png", "green", "shoe", "test_unseen"),
)


class MadeWords:
    """A vector a phrase, made from its letters; remembers what was asked."""

    name = "made"

    def __init__(self) -> None:
        self.asked: list[str] = []

    def phrases(self, texts: Iterable[str], /) -> np.ndarray:
        self.asked = list(texts)
        return np.array([[len(t), sum(map(ord, t)) % 97, 1.0] for t in self.asked], dtype=np.float32)


def photos(folder: Path, names: Iterable[str], colour: tuple[int, int, int] = (90, 30, 10)) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 8), colour).save(folder / name)


def write_list(folder: Path, rows: Iterable[tuple[str, ...]], header: str = "image,state,object,split") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "photos.csv").write_text("\n".join([header, *(",".join(r) for r in rows)]) + "\n", encoding="utf-8")


@pytest.fixture
def listed(tmp_path: Path) -> CompositionalDataset:
    photos(tmp_path / "images", [r[0] for r in ROWS])
    write_list(tmp_path, ROWS)
    return load_compositional("mine", tmp_path, MadeWords())


def test_a_list_gives_photos_pairs_and_parts(listed: CompositionalDataset) -> None:
    space = listed.space
    assert space.states == ("blue", "green", "red")
    assert space.objects == ("hat", "shoe")
    assert space.seen.tolist() == [[False, True], [False, False], [True, True]]
    assert space.candidates.tolist() == [[True, True], [False, True], [True, True]]
    assert listed.train.tolist() == [0, 1, 2]
    assert [getattr(listed, p).tolist() for p in ("val_seen", "val_unseen", "test_seen", "test_unseen")] == [
        [3], [4], [5], [6],
    ]  # fmt: skip
    assert listed.pair_name(6) == "green shoe"
    assert listed.photo(0).size == (8, 8)
    assert "3 states x 2 objects, 3 seen pairs; 3 photos to train on" in listed.summary


def test_each_part_has_its_own_closed_world(listed: CompositionalDataset) -> None:
    assert listed.space_for("val").candidates.tolist() == [[True, True], [False, False], [True, True]]
    assert listed.space_for("test").candidates.tolist() == [[False, True], [False, True], [True, True]]
    assert listed.photos_of("val").tolist() == [3, 4]


def test_plain_parts_are_split_by_what_training_shows(tmp_path: Path) -> None:
    photos(tmp_path / "images", [r[0] for r in ROWS])
    write_list(tmp_path, [(*r[:3], r[3].partition("_")[0]) for r in ROWS])
    plain = load_compositional("mine", tmp_path, MadeWords())
    assert plain.val_unseen.tolist() == [4]
    assert plain.test_seen.tolist() == [5]


def test_words_no_list_has_are_spelt_otherwise_for_the_vectors_alone(tmp_path: Path) -> None:
    photos(tmp_path / "images", ["a.png"])
    write_list(tmp_path, [("a.png", "black", "tshirts", "train")])
    words = MadeWords()
    fashion = load_compositional("fashion", tmp_path, words)
    assert fashion.space.objects == ("tshirts",)
    assert words.asked == ["black", "t shirts"]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([("a.png", "red", "shoe", "training")], "'training' in line 2"),
        ([("a.png", "", "shoe", "train")], "missing in line 2"),
        ([("zzz.png", "red", "shoe", "train")], "does not exist"),
        ([("a.png", "red", "shoe", "test")], "no photo to train on"),
        ([("a.png", "red", "shoe", "train"), ("b.png", "red", "shoe", "val_unseen")], "which is no unseen pair"),
        ([("a.png", "red", "shoe", "train"), ("b.png", "red", "hat", "test_seen")], "which is no seen pair"),
    ],
)
def test_a_wrong_list_is_refused_in_one_sentence(
    tmp_path: Path, rows: list[tuple[str, str, str, str]], message: str
) -> None:
    photos(tmp_path / "images", ["a.png", "b.png"])
    write_list(tmp_path, rows)
    with pytest.raises(DataError, match=message):
        load_compositional("mine", tmp_path, MadeWords())


def test_a_missing_column_folder_or_list_is_named(tmp_path: Path) -> None:
    write_list(tmp_path, [("a.png", "red", "shoe")], header="image,state,object")
    with pytest.raises(DataError, match="'split' is not there"):
        load_compositional("mine", tmp_path, MadeWords())
    with pytest.raises(DataError, match="does not exist"):
        load_compositional("mine", tmp_path / "nowhere", MadeWords())
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="is missing"):
        load_compositional("mine", tmp_path / "empty", MadeWords())
