"""Readers of photos of state-object pairs, on tiny made folders."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from zslviz.datasets.czsl import CONVERSION
from zslviz.datasets.reading import load_dataset
from zslviz.errors import DataError
from zslviz.tasks.compositional.data import PARTS, CompositionalDataset

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
    return load_dataset("mine", tmp_path, "compositional", MadeWords())


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
    plain = load_dataset("mine", tmp_path, "compositional", MadeWords())
    assert plain.val_unseen.tolist() == [4]
    assert plain.test_seen.tolist() == [5]


def test_words_no_list_has_are_spelt_otherwise_for_the_vectors_alone(tmp_path: Path) -> None:
    photos(tmp_path / "images", ["a.png"])
    write_list(tmp_path, [("a.png", "black", "tshirts", "train")])
    words = MadeWords()
    fashion = load_dataset("fashion", tmp_path, "compositional", words)
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
        load_dataset("mine", tmp_path, "compositional", MadeWords())


def test_photos_and_words_are_found_however_their_accents_are_written(tmp_path: Path) -> None:
    rows = [(f"d\u00e9p\u00f4t/{name}", state.replace("red", "ros\u00e9"), *rest) for name, state, *rest in ROWS]
    photos(tmp_path / "images" / "de\u0301po\u0302t", [r[0] for r in ROWS])
    rows[2] = (rows[2][0], "rose\u0301", *rows[2][2:])
    write_list(tmp_path, rows)
    dataset = load_dataset("mine", tmp_path, "compositional", MadeWords())
    assert dataset.space.states == ("blue", "green", "ros\u00e9")
    assert len(dataset.files) == len(ROWS)
    assert dataset.space.state_index("Rose\u0301") == 2


def test_lists_with_semicolons_and_a_mark_are_read_and_a_photo_is_listed_once(tmp_path: Path) -> None:
    photos(tmp_path / "images", [r[0] for r in ROWS])
    text = "\n".join(";".join(row) for row in (("Image", "State", "Object", "Split", ""), *((*r, "") for r in ROWS)))
    (tmp_path / "photos.csv").write_text(text, encoding="utf-8-sig")
    assert len(load_dataset("mine", tmp_path, "compositional", MadeWords()).files) == len(ROWS)
    write_list(tmp_path, [*ROWS, ("a.png", "blue", "hat", "test")])
    with pytest.raises(DataError, match="Line 9 of '.*photos.csv' lists 'a.png' again, as line 2 does"):
        load_dataset("mine", tmp_path, "compositional", MadeWords())


def test_words_that_look_the_same_are_refused(tmp_path: Path) -> None:
    photos(tmp_path / "images", [r[0] for r in ROWS])
    write_list(tmp_path, [(ROWS[0][0], "red", "sh\u200boe", "train"), *ROWS[1:]])
    with pytest.raises(DataError, match="The objects '.*' and '.*' look the same"):
        load_dataset("mine", tmp_path, "compositional", MadeWords())


def test_a_missing_column_folder_or_list_is_named(tmp_path: Path) -> None:
    write_list(tmp_path, [("a.png", "red", "shoe")], header="image,state,object")
    with pytest.raises(
        DataError,
        match="no column 'split'; its first line must name image, state, object, split, but is 'image,state,object'",
    ):
        load_dataset("mine", tmp_path, "compositional", MadeWords())
    with pytest.raises(DataError, match="does not exist"):
        load_dataset("mine", tmp_path / "nowhere", "compositional", MadeWords())
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="is missing"):
        load_dataset("mine", tmp_path / "empty", "compositional", MadeWords())


# -- the field's data sets ----------------------------------------------------------------------------------------------------

FIELD_PAIRS = {
    "train": ("old clock", "new clock", "old car"),
    "val": ("old clock", "new car"),
    "test": ("new clock", "wet car"),
}
ENTRIES = (
    ("old clock/1.jpg", "old", "clock", "train"),
    ("new clock/1.jpg", "new", "clock", "train"),
    ("old car/1.jpg", "old", "car", "train"),
    ("old clock/2.jpg", "old", "clock", "val"),
    ("new car/1.jpg", "new", "car", "val"),
    ("new clock/2.jpg", "new", "clock", "test"),
    ("wet car/1.jpg", "wet", "car", "test"),
    ("old car/2.jpg", "old", "car", "NA"),
    ("old tie/1.jpg", "old", "tie", "train"),
)


def field_folder(folder: Path, separator: str) -> Path:
    """The field's layout with its pair lists and photos, without the metadata."""
    (folder / "compositional-split-natural").mkdir(parents=True)
    for part, pairs in FIELD_PAIRS.items():
        path = folder / "compositional-split-natural" / f"{part}_pairs.txt"
        path.write_text("\n".join(pairs) + "\n", encoding="utf-8")
    photos(folder / "images", [image.replace(" ", separator) for image, *_ in ENTRIES])
    return folder


@pytest.mark.parametrize(("name", "separator"), [("mit-states", " "), ("mit-states", "_"), ("ut-zappos", "_")])
@pytest.mark.parametrize("ending", [".json", ".csv"])
def test_metadata_says_what_photos_are_for(tmp_path: Path, name: str, separator: str, ending: str) -> None:
    folder = field_folder(tmp_path / "data", separator)
    path = folder / f"metadata_compositional-split-natural{ending}"
    if ending == ".json":
        path.write_text(json.dumps([dict(zip(("image", "attr", "obj", "set"), e, strict=True)) for e in ENTRIES]))
    else:
        path.write_text("\n".join(["image,state,object,split", *(",".join(e) for e in ENTRIES)]))
    dataset = load_dataset(name, folder, "compositional", MadeWords())
    assert dataset.space.states == ("new", "old", "wet")
    assert dataset.space.objects == ("car", "clock")  # the tie is of no listed pair
    assert len(dataset.files) == 7
    assert [len(getattr(dataset, p)) for p in PARTS] == [3, 1, 1, 1, 1]
    assert dataset.pair_name(int(dataset.test_unseen[0])) == "wet car"
    assert dataset.space_for("test").candidates.sum() == 4


def test_without_metadata_seen_pairs_are_parted_by_name_and_the_note_says_so(tmp_path: Path) -> None:
    folder = field_folder(tmp_path / "data", "_")
    photos(folder / "images", [f"old_clock/more-{i}.jpg" for i in range(40)])
    dataset = load_dataset("mit-states", folder, "compositional", MadeWords())
    kinds = {p: {dataset.pair_name(int(i)) for i in getattr(dataset, p)} for p in PARTS}
    assert kinds["val_unseen"] == {"new car"}
    assert kinds["test_unseen"] == {"wet car"}
    assert kinds["val_seen"] == {"old clock"}
    assert "old clock" in kinds["train"]
    assert "digest" in dataset.note
    again = load_dataset("mit-states", folder, "compositional", MadeWords())
    assert (again.train == dataset.train).all()


def test_flat_photos_need_the_metadata_and_the_error_says_how_to_make_it(tmp_path: Path) -> None:
    folder = field_folder(tmp_path / "data", "_")
    with pytest.raises(DataError, match="weights_only=True"):
        load_dataset("c-gqa", folder, "compositional", MadeWords())
    photos(folder / "images", [f"{i}.jpg" for i in range(7)])
    entries = [
        dict(zip(("image", "attr", "obj", "set"), (f"{i}.jpg", *e[1:]), strict=True)) for i, e in enumerate(ENTRIES[:7])
    ]
    (folder / "metadata_compositional-split-natural.json").write_text(json.dumps(entries))
    assert len(load_dataset("c-gqa", folder, "compositional", MadeWords()).files) == 7


def test_the_conversion_that_the_error_names_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entries = [dict(zip(("image", "attr", "obj", "set"), e, strict=True)) for e in ENTRIES]
    torch.save(entries, tmp_path / "metadata_compositional-split-natural.t7")
    monkeypatch.chdir(tmp_path)
    code = CONVERSION.removeprefix('python -c "').removesuffix('"')
    exec(compile(code, "conversion", "exec"), {})
    assert json.loads((tmp_path / "metadata_compositional-split-natural.json").read_text()) == entries


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("compositional-split-natural/val_pairs.txt", "old grandfather clock", "not 'old grandfather clock'"),
        ("metadata_compositional-split-natural.json", "{", "is damaged"),
        ("metadata_compositional-split-natural.json", '[{"image": "x.jpg"}]', "Entry 1 .* needs image, attr"),
        ("metadata_compositional-split-natural.json", '{"image": 1}', "must be a list"),
        (
            "metadata_compositional-split-natural.csv",
            "image,attr,obj,set\nold clock/1.jpg,old,clock,test",
            "into 'test', which does not list it",
        ),
        ("metadata_compositional-split-natural.csv", "image,attr,obj,set\nzz.jpg,old,clock,train", "does not exist"),
    ],
)
def test_wrong_files_of_the_field_are_named(tmp_path: Path, file: str, text: str, message: str) -> None:
    folder = field_folder(tmp_path / "data", " ")
    (folder / file).write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=message):
        load_dataset("mit-states", folder, "compositional", MadeWords())


def test_a_missing_folder_of_photos_is_named(tmp_path: Path) -> None:
    folder = field_folder(tmp_path / "data", "_")
    (folder / "images" / "wet_car").rename(folder / "images" / "wetcar")
    with pytest.raises(DataError, match="no folder 'wet car'"):
        load_dataset("ut-zappos", folder, "compositional", MadeWords())
