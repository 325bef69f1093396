"""One's own photos and names as they come: from a Mac, in folders below, with what systems leave beside them."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.datasets.own_layout import TABLE, TRAIN, make, names
from zslviz.datasets.reading import load_dataset
from zslviz.errors import DataError


def test_names_from_a_mac_are_those_of_the_table(tmp_path: Path) -> None:
    """HFS+ and zip files made on a Mac take accents apart; table, folders, lists and what is typed are one name all the same."""
    composed, apart = "ros\u00e9", "rose\u0301"
    for table_name, folder_name, listed in ((composed, apart, composed), (apart, composed, apart)):
        folder = make(tmp_path / table_name, table=TABLE.replace("bee", table_name))
        (folder / "images" / "bee").rename(folder / "images" / folder_name)
        (folder / "images" / folder_name / "0.jpg").rename(folder / "images" / folder_name / f"{apart}.jpg")
        (folder / "unseen.txt").write_text(f"{listed}\n")
        dataset = load_dataset("mine", folder)
        assert dataset.space.classes[1] == composed
        assert dataset.space.class_index(apart) == dataset.space.class_index("ROS\u00c9") == 1
        assert not dataset.space.seen[1]
        assert len(names(dataset, "test_unseen")) == 5
        (folder / "unseen.txt").unlink()
        lines = [f"{c}/{i}.jpg,trainval" for c in ("ant", "cow", "dog") for i in (1, 2)]
        lines += ["ant/3.jpg,test_seen", f"{listed}/{composed}.jpg,test_unseen"]
        (folder / "split.csv").write_text("\n".join(["image,split", *lines]))
        assert dataset.files[load_dataset("mine", folder).test_unseen[0]].name == f"{apart}.jpg"


def test_the_same_photos_are_kept_for_testing_however_their_names_are_written(tmp_path: Path) -> None:
    kept = []
    for accent in ("\u00e9", "e\u0301"):
        folder = make(tmp_path / str(len(kept)))
        for number in range(5):
            (folder / "images" / "ant" / f"{number}.jpg").rename(folder / "images" / "ant" / f"{accent}{number}.jpg")
        dataset = load_dataset("mine", folder)
        kept.append({dataset.files[i].name[-5:] for i in dataset.test_seen})
    assert kept[0] == kept[1]


def test_two_folders_of_one_name_are_named(tmp_path: Path) -> None:
    folder = make(tmp_path, table=TABLE.replace("bee", "ros\u00e9"))
    (folder / "images" / "bee").rename(folder / "images" / "ros\u00e9")
    (folder / "images" / "rose\u0301").mkdir()
    with pytest.raises(DataError, match="Two folders in '.*images' are called 'ros\u00e9', with accents or spaces"):
        load_dataset("mine", folder)


def test_classes_that_differ_by_capitals_alone_are_two(tmp_path: Path) -> None:
    folder = make(tmp_path, table=TABLE.replace("elk", "Ant"))
    dataset = load_dataset("mine", folder)
    assert dataset.space.class_names == ("ant", "Bee", "Cow", "Dog", "Ant")
    assert {dataset.files[i].parent.name for i in np.flatnonzero(dataset.labels == 0)} == {"ant"}
    assert not (dataset.labels == 4).any()


def test_no_two_classes_and_no_two_attributes_look_alike(tmp_path: Path) -> None:
    table = (
        TABLE.replace("bee", "red_cow")
        .replace("elk", "red cow")
        .replace("color::black,color::brown", "has_fur,has fur")
    )
    folder = make(tmp_path, table=table)
    (folder / "images" / "bee").rename(folder / "images" / "red_cow")
    space = load_dataset("mine", folder).space
    assert space.class_names == ("Ant", "red_cow", "Cow", "Dog", "red cow")
    assert space.attribute_names == ("has_fur", "has fur", "legs")
    assert [space.class_index(name) for name in space.class_names] == [0, 1, 2, 3, 4]
    (folder / "attributes.csv").write_text(table.replace("red cow", "red  cow").replace("red_cow", "red cow"))
    with pytest.raises(DataError, match="The classes 'red cow' and 'red  cow' look the same"):
        load_dataset("mine", folder)


def test_photos_in_folders_below_and_under_any_name_count_and_what_is_left_out_is_named(tmp_path: Path) -> None:
    folder = make(tmp_path)
    images = folder / "images"
    (images / "bee" / "camera1").mkdir()
    for number in (0, 1):
        (images / "bee" / f"{number}.jpg").rename(images / "bee" / "camera1" / f"{number}.jpg")
    (images / "cow" / "0.jpg").rename(images / "cow" / "0.jfif")
    (images / "cow" / "notes.txt").write_text("no photo")
    (images / "cow" / "page.jpg").write_text("<html>not found</html>")
    (images / "dog" / "._1.jpg").write_bytes(b"\x00\x05\x16\x07")
    (images / "__MACOSX").mkdir()
    (images / ".thumbs").mkdir()
    (images / "Thumbs.db").write_bytes(b"\xd0\xcf\x11\xe0")
    Image.new("RGB", (12, 10)).save(images / "loose.png")
    (folder / "README.md").write_text("beside the photos")
    dataset = load_dataset("mine", folder)
    assert len(dataset.files) == 20
    assert {len(np.flatnonzero(dataset.labels == label)) for label in range(4)} == {5}
    for told in (
        "left out of",
        "'cow/notes.txt', 'cow/page.jpg'",
        "'loose.png': in no folder of a class",
        "beside 20 photos",
    ):
        assert told in dataset.summary
    assert not any(untold in dataset.summary for untold in ("._1", "MACOSX", "Thumbs", "README"))
    lines = [*TRAIN, "ant/3.jpg,test_seen", "dog/1.jpg,test_unseen"]
    (folder / "split.csv").write_text(
        "\n".join(["image,split", *lines]).replace("cow/0.jpg", "cow/0.jfif").replace("bee/", "images\\bee\\camera1\\")
    )
    split = load_dataset("mine", folder)
    assert [split.files[i].parent.name for i in split.trainval].count("camera1") == 2


def test_a_folder_of_photos_under_nearly_its_name_is_named(tmp_path: Path) -> None:
    folder = make(tmp_path, under="Images")
    with pytest.raises(DataError, match="has the folder 'Images', but the photos' folder must be called 'images'"):
        load_dataset("mine", folder)


def test_photos_whose_names_are_no_text_are_read(tmp_path: Path) -> None:
    folder = make(tmp_path)
    name = os.fsdecode(b"caf\xe9.jpg")
    try:
        (folder / "images" / "ant" / "0.jpg").rename(folder / "images" / "ant" / name)
    except OSError:
        pytest.skip("this system takes no such names")
    dataset = load_dataset("mine", folder)
    assert name in [f.name for f in dataset.files]
    dataset.summary.encode()


@pytest.mark.parametrize("kind", ["folder", "photo"])
def test_what_may_not_be_read_is_named(tmp_path: Path, kind: str) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    folder = make(tmp_path)
    locked = folder / "images" / "cow" / ("" if kind == "folder" else "1.jpg")
    locked.chmod(0)
    try:
        with pytest.raises(DataError, match="cow.*' cannot be read .permission denied.; give it the right"):
            load_dataset("mine", folder)
    finally:
        locked.chmod(0o755)


@pytest.mark.parametrize("cell", ["1", "yes", "TRUE", "x", "1.0", "1,0", "✓", "Seen"])
def test_a_column_seen_takes_what_people_write(tmp_path: Path, cell: str) -> None:
    no = {"yes": "no", "TRUE": "FALSE", "1.0": "0.0", "1,0": "0,0", "Seen": "Unseen"}.get(cell, "")
    rows = [f"{line.replace(',', ';')};{no if line[:3] == 'dog' else cell}" for line in TABLE.splitlines()[1:]]
    table = "\n".join([TABLE.splitlines()[0].replace(",", ";") + ";Seen", *rows])
    dataset = load_dataset("mine", make(tmp_path, table=table))
    assert {n.split("/")[0] for n in names(dataset, "test_unseen")} == {"dog"}
