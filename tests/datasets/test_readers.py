from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.datasets import layouts
from zslviz.datasets.awa2 import GROUPS
from zslviz.datasets.reading import load_dataset, parse_data_argument
from zslviz.errors import DataError, ZslvizError
from zslviz.photos.loading import load_photo
from zslviz.tasks.attributes.data import ZeroShotDataset

matlab = pytest.mark.parametrize("matlab", [False, True], ids=["npz", "mat"])


def shows_its_class(dataset: ZeroShotDataset, index: int, classes: tuple[str, ...]) -> bool:
    """Whether the photo's colour and folder are those of the class that its label names."""
    name = dataset.space.classes[dataset.labels[index]]
    red, green, _ = layouts.COLOURS[classes.index(name)]
    pixel = load_photo(dataset.files[index]).getpixel((5, 5))
    return dataset.files[index].parent.name == name and abs(pixel[0] - red) < 12 and abs(pixel[1] - green) < 12


# -- CUB --------------------------------------------------------------------------------------------------------------


@matlab
@pytest.mark.parametrize("above", [False, True], ids=["folder itself", "folder above"])
def test_cub_is_read_as_its_authors_distribute_it(tmp_path: Path, matlab: bool, above: bool) -> None:
    folder = layouts.make_cub(tmp_path, matlab, attributes_beside=above)
    dataset = load_dataset("cub", tmp_path if above else folder)
    assert dataset.space.classes == layouts.CUB_CLASSES
    assert dataset.space.class_names[3] == "Groove billed Ani"
    assert dataset.space.with_class("2.5_m_emu", np.ones(3)).class_names[4] == "2.5 m emu"
    assert dataset.space.attributes == layouts.CUB_ATTRIBUTES
    assert dataset.space.groups == ("bill shape", "wing color", "wing color")
    assert np.allclose(dataset.space.table, layouts.CUB_TABLE / 100)
    assert dataset.space.seen.tolist() == [True, True, True, False]
    assert [len(p) for p in (dataset.trainval, dataset.test_seen, dataset.test_unseen)] == [9, 3, 4]
    assert "Caltech" in dataset.terms


@matlab
def test_cub_split_counts_the_benchmarks_list_and_not_images_txt(tmp_path: Path, matlab: bool) -> None:
    dataset = load_dataset("cub", layouts.make_cub(tmp_path, matlab))
    assert all(shows_its_class(dataset, i, layouts.CUB_CLASSES) for i in range(len(dataset.files)))
    assert all(dataset.files[i].name.endswith("_0003.jpg") for i in dataset.test_seen)
    assert not any(dataset.files[i].name.endswith("_0003.jpg") for i in dataset.trainval)
    assert {dataset.files[i].parent.name for i in dataset.test_unseen} == {"004.Groove_billed_Ani"}


def test_a_split_in_the_wrong_order_is_noticed(tmp_path: Path) -> None:
    folder = layouts.make_cub(tmp_path)
    in_order = layouts.photo_names(layouts.CUB_CLASSES)  # as in images.txt: what the trap's victim would use
    (folder / "image_files.txt").write_text("\n".join(in_order) + "\n")
    with pytest.raises(DataError, match="another order"):
        load_dataset("cub", folder)


# -- AWA2 -------------------------------------------------------------------------------------------------------------


@matlab
@pytest.mark.parametrize("above", [False, True], ids=["folder itself", "folder above"])
def test_awa2_is_read_as_its_authors_distribute_it(tmp_path: Path, matlab: bool, above: bool) -> None:
    folder = layouts.make_awa2(tmp_path, matlab)
    dataset = load_dataset("awa2", tmp_path if above else folder)
    assert dataset.space.classes == layouts.AWA2_CLASSES
    assert dataset.space.class_names[2] == "Killer whale"
    assert dataset.space.groups == ("color", "coat and pattern", "limbs and tail")
    assert dataset.space.seen.tolist() == [True, True, True, False]
    assert all(shows_its_class(dataset, i, layouts.AWA2_CLASSES) for i in range(len(dataset.files)))
    assert all(dataset.files[i].name.endswith("_0003.jpg") for i in dataset.test_seen)


def test_a_missing_entry_of_awa2s_table_takes_the_attributes_mean(tmp_path: Path) -> None:
    table = load_dataset("awa2", layouts.make_awa2(tmp_path)).space.table
    assert table[2, 2] == 0.0  # the others have no flippers
    assert np.allclose(np.delete(table, 2, axis=0), np.delete(layouts.AWA2_TABLE, 2, axis=0) / 100)


def test_own_photos_of_awa2s_animals_are_read_and_animals_without_photos_left_out(tmp_path: Path) -> None:
    dataset = load_dataset("awa2", layouts.make_own_animals(tmp_path))
    assert dataset.space.classes == ("antelope", "grizzly+bear", "zebra")
    assert dataset.space.seen.tolist() == [True, True, False]
    assert [len(p) for p in (dataset.trainval, dataset.test_seen, dataset.test_unseen)] == [6, 2, 4]
    assert all(shows_its_class(dataset, i, layouts.AWA2_CLASSES) for i in range(len(dataset.files)))
    assert "not AWA2's own" in dataset.terms


def test_every_attribute_of_awa2_belongs_to_one_group() -> None:
    members = [attribute for group in GROUPS.values() for attribute in group]
    assert len(members) == len(set(members)) == 85


# -- word vectors -------------------------------------------------------------------------------------------------------


def test_word_vectors_are_read_if_they_are_there(tmp_path: Path) -> None:
    folder = layouts.make_cub(tmp_path)
    assert load_dataset("cub", folder).space.word_vectors is None
    vectors = np.random.default_rng(0).normal(size=(3, 8)).astype(np.float32)
    np.save(folder / "attribute_word_vectors.npy", vectors)
    assert np.array_equal(load_dataset("cub", folder).space.word_vectors, vectors)
    np.save(folder / "attribute_word_vectors.npy", vectors[:2])
    with pytest.raises(DataError, match="each of the 3 attributes"):
        load_dataset("cub", folder)


# -- what is wrong is named -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["classes.txt", "images.txt", "image_files.txt", "proposed_split.npz"])
def test_a_file_that_cub_lacks_is_named(tmp_path: Path, name: str) -> None:
    folder = layouts.make_cub(tmp_path)
    (folder / name).unlink()
    with pytest.raises(DataError, match=name if name != "proposed_split.npz" else "no proposed split"):
        load_dataset("cub", folder)


@pytest.mark.parametrize("make", [layouts.make_cub, layouts.make_awa2])
def test_half_of_the_benchmarks_matlab_files_is_not_enough(tmp_path: Path, make) -> None:
    folder = make(tmp_path, matlab=True)
    (folder / "res101.mat").unlink()
    with pytest.raises(DataError, match="res101.mat"):
        load_dataset("cub" if make is layouts.make_cub else "awa2", folder)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("classes.txt", b"not a numbered list\n"),
        ("classes.txt", b"\xff\xfe\x00"),
        ("images.txt", b""),
        ("attributes/attributes.txt", b"1 only_one\n"),
        ("attributes/class_attribute_labels_continuous.txt", b"1 2\n3\n"),
        ("attributes/class_attribute_labels_continuous.txt", b"1 2 3\n"),
        ("proposed_split.npz", b"PK\x03\x04 cut off"),
        ("proposed_split.npz", b"no archive"),
        ("image_files.txt", b"/x/images/009.Somebody_Else/a.jpg\n"),
        ("image_files.txt", b"/x/images/001.Black_footed_Albatross/Black_footed_Albatross_0000.jpg\n"),
    ],
)
def test_a_damaged_file_of_cub_gets_one_sentence(tmp_path: Path, name: str, content: bytes) -> None:
    folder = layouts.make_cub(tmp_path)
    (folder / name).write_bytes(content)
    with pytest.raises(ZslvizError) as caught:
        load_dataset("cub", folder)
    assert "\n" not in str(caught.value)


def test_damaged_matlab_files_get_one_sentence(tmp_path: Path) -> None:
    folder = layouts.make_awa2(tmp_path, matlab=True)
    (folder / "att_splits.mat").write_bytes(b"MATLAB 5.0 MAT-file, cut off")
    with pytest.raises(DataError, match=r"att_splits\.mat"):
        load_dataset("awa2", folder)


def test_a_wrong_line_of_own_photos_is_named(tmp_path: Path) -> None:
    folder = layouts.make_own_animals(tmp_path)
    with (folder / "photos.csv").open("a") as stream:
        stream.write("unicorn/1.jpg,unicorn,trainval\n")
    with pytest.raises(DataError, match="Line 14"):
        load_dataset("awa2", folder)


def test_a_folder_without_any_split_says_what_to_put_there(tmp_path: Path) -> None:
    folder = layouts.make_awa2(tmp_path)
    (folder / "proposed_split.npz").unlink()
    with pytest.raises(DataError, match=r"att_splits\.mat"):
        load_dataset("awa2", folder)
    shutil.rmtree(folder)
    with pytest.raises(DataError, match="does not exist"):
        load_dataset("awa2", folder)


def test_an_unknown_data_set_is_answered_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="did you mean 'awa2'"):
        load_dataset("awa", tmp_path)


def test_a_data_argument_names_the_data_and_its_folder() -> None:
    assert parse_data_argument("cub=/data/a=b") == ("cub", Path("/data/a=b"))
    for wrong in ("cub", "cub=", "/data/cub"):
        with pytest.raises(DataError, match="write for example"):
            parse_data_argument(wrong)


# -- numbers that count something else -----------------------------------------------------------------------------------


def _split_of(folder: Path, **changes: np.ndarray) -> None:
    with np.load(folder / "proposed_split.npz") as archive:
        np.savez(folder / "proposed_split.npz", **{name: archive[name] for name in archive} | changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"test_seen": np.array([16])}, "counted from 0 to 15: 'test_seen' goes from 16 to 16"),
        ({"test_seen": np.array([-1])}, "goes from -1"),
        ({"test_seen": np.array([0.5])}, "'test_seen' of '.*' must hold whole numbers"),
        ({"test_seen": np.array([np.nan])}, "whole numbers"),
        ({"test_seen": np.array([2.0**60])}, "whole numbers"),
        ({"test_seen": np.array(["1"])}, "arrays of numbers"),
        ({"test_seen": np.array([], dtype=int)}, "no photo in 'test_seen'"),
        ({"labels": np.arange(15) // 4}, "has labels of 15 photos, but its list has 16"),
        ({"labels": np.arange(16) // 4}, "in another order"),
    ],
)
def test_a_split_that_counts_otherwise_is_answered(tmp_path: Path, changes: dict, message: str) -> None:
    folder = layouts.make_cub(tmp_path)
    _split_of(folder, **changes)
    with pytest.raises(DataError, match=message):
        load_dataset("cub", folder)


def test_a_photo_in_two_parts_of_a_split_is_answered(tmp_path: Path) -> None:
    folder = layouts.make_cub(tmp_path)
    with np.load(folder / "proposed_split.npz") as archive:
        trained = archive["trainval"]
    _split_of(folder, test_seen=trained[:1])
    with pytest.raises(DataError, match="photos in two of its parts"):
        load_dataset("cub", folder)


def test_labels_that_go_with_the_folders_are_taken_and_others_answered(tmp_path: Path) -> None:
    folder = layouts.make_cub(tmp_path)
    listed = (folder / "image_files.txt").read_text().splitlines()
    _split_of(folder, labels=np.array([int(name.split("/")[-2][:3]) for name in listed]))
    right = [f"{i + 1} {i // 4 + 1}" for i in range(16)]
    (folder / "image_class_labels.txt").write_text("\n".join(right))
    load_dataset("cub", folder)
    for lines, message in (
        ([f"{i + 1} {i // 4}" for i in range(16)], "the class 0, but its folder is that of class 1"),
        (right[:-1], "a row of two numbers for each of the 16 photos"),
    ):
        (folder / "image_class_labels.txt").write_text("\n".join(lines))
        with pytest.raises(DataError, match=message):
            load_dataset("cub", folder)


@pytest.mark.parametrize("factor", [0.01, 2.0])
def test_a_table_that_is_not_in_per_cent_is_answered(tmp_path: Path, factor: float) -> None:
    folder = layouts.make_cub(tmp_path)
    np.savetxt(folder / "attributes" / "class_attribute_labels_continuous.txt", layouts.CUB_TABLE * factor)
    with pytest.raises(DataError, match="per cent, 0 to 100"):
        load_dataset("cub", folder)
