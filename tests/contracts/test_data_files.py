"""What every reader of the catalogue, and of one's own data, makes of files as people save them and of files that are damaged.

The tiny layouts of `tests/contracts/made/data` are read again with one file changed: what a spreadsheet or an editor does to it
changes nothing, and whatever else happens to it is read or answered with one sentence."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.contracts.made.words import write_word_vectors
from tests.contracts.test_data_sets import layout_of, parts_of
from tests.datasets.layouts import make_cub, make_own_animals
from tests.datasets.part_layouts import add_parts
from tests.fuzzing import NOT_FILES, answered, fuzz, mutated, not_file, odd_files
from zslviz.catalogue import DATASETS
from zslviz.datasets.cub_parts import read_part_locations
from zslviz.datasets.reading import load_dataset
from zslviz.errors import DataError, TableError

TEXTS = (".txt", ".csv", ".dat")
ARRAYS = (".npz", ".npy", ".mat", ".json")
OTHERS: dict[str, Callable[[Path], Path]] = {
    "awa2 with photos of one's own": lambda folder: make_own_animals(folder),
    "cub in MATLAB files": lambda folder: make_cub(folder, matlab=True),
    "cub with parts": lambda folder: with_parts(make_cub(folder)),
    "classes of one's own": lambda folder: own_classes(folder),
    "pairs of one's own": lambda folder: own_pairs(folder),
}
NAMES = (*DATASETS, *OTHERS)


def with_parts(folder: Path) -> Path:
    add_parts(folder, [(48 + i, 40) for i in range(16)])
    return folder


def own_classes(folder: Path) -> Path:
    """Photos of three classes, a table with groups and per cent, a split, and word vectors of the attributes."""
    draw = layout_of("fashion").make  # any photos will do
    draw(folder / "photos", "fashion")
    photos = sorted((folder / "photos").rglob("*.jpg")) or sorted((folder / "photos").rglob("*.png"))
    lines = ["image,split"]
    for number, name in enumerate(("red_shirt", "blue", "green", "old")):
        (folder / "images" / name / "deep").mkdir(parents=True)
        for i in range(4):
            photo = photos[(4 * number + i) % len(photos)]
            to = folder / "images" / name / ("deep" if i == 3 else ".") / f"{i}{photo.suffix}"
            shutil.copy(photo, to)
            part = "test_unseen" if name == "old" else "test_seen" if i == 0 else "trainval"
            lines.append(f"{to.relative_to(folder / 'images').as_posix()},{part}")
    shutil.rmtree(folder / "photos")
    (folder / "split.csv").write_text("\n".join(lines) + "\n")
    (folder / "unseen.txt").write_text("old\n")
    table = ["class,seen,color::red,wing,bill", "#group,,,body,body"]
    table += [
        f"{name},{i // 3 ^ 1},{25 * i},50,{100 - 20 * i}"
        for i, name in enumerate(("red_shirt", "blue", "green", "old"))
    ]
    (folder / "attributes.csv").write_text("\n".join(table) + "\n")
    np.save(folder / "attribute_word_vectors.npy", np.eye(3, 5, dtype=np.float32))
    return folder


def own_pairs(folder: Path) -> Path:
    made: Path = layout_of("fashion").make(folder, "fashion")
    return made


def read(name: str, folder: Path, words: str) -> Any:
    if name == "cub with parts":
        dataset = load_dataset("cub", folder, words=words)
        read_part_locations(dataset)
        return dataset
    if name == "pairs of one's own":
        return load_dataset("mine", folder, "compositional", words)
    return load_dataset(name.split()[0] if name in OTHERS else name, folder, words=words)


@pytest.fixture(scope="module")
def folder_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    @cache
    def make(name: str) -> Path:
        folder = tmp_path_factory.mktemp("data")
        made: Path = OTHERS[name](folder) if name in OTHERS else layout_of(name).make(folder, name)
        if name.startswith(("cub", "awa2")):  # else every reading looks for some in the shipped checkpoints
            np.save(made / "attribute_word_vectors.npy", np.eye(3, 5, dtype=np.float32))
        return made

    return make


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(write_word_vectors(tmp_path_factory.mktemp("words") / "vectors.txt"))


def files_of(folder: Path, *ends: str) -> list[Path]:
    """Its files of these ends, relative to it."""
    return sorted(f.relative_to(folder) for f in folder.rglob("*") if f.suffix in ends)


def same(one: Any, other: Any, name: str) -> bool:
    of = name if name in DATASETS else "cub"
    if one.summary != other.summary or len(one.files) != len(other.files):
        return False
    if name == "pairs of one's own":
        return bool((one.states == other.states).all() and one.space.states == other.space.states)
    return all(
        np.array_equal(a, b) for a, b in zip(parts_of(of, one).values(), parts_of(of, other).values(), strict=True)
    )


def as_saved(content: str) -> Iterator[bytes]:
    """A list as editors and spreadsheets save it."""
    yield content.encode("utf-8-sig")
    yield content.replace("\n", "\r\n").encode()
    yield content.encode("utf-16")
    yield (content + "\n\n \n").encode()
    yield "".join(f"{line} \t\n" if "," not in line else f"{line}\n" for line in content.splitlines()).encode()


@pytest.mark.parametrize("name", NAMES)
def test_lists_are_read_as_editors_save_them(
    name: str, folder_of: Callable[[str], Path], words: str, tmp_path: Path
) -> None:
    """A byte order mark, the line ends of Windows, UTF-16, blank lines and space at the ends change nothing."""
    expected = read(name, folder_of(name), words)
    folder = shutil.copytree(folder_of(name), tmp_path / "data")
    streamed = (
        "annotations",
        ".dat",
        "Tags1k",
        "Labels_",
    )  # of hundreds of megabytes: UTF-8 with or without a mark alone
    for file in files_of(folder, *TEXTS):
        content = (folder / file).read_text(encoding="utf-8")
        for saved in as_saved(content):
            if saved.startswith(b"\xff\xfe") and any(part in file.name for part in streamed):
                continue
            (folder / file).write_bytes(saved)
            assert same(read(name, folder, words), expected, name), (file, saved[:40])
        (folder / file).write_text(content, encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("separator", [";", "\t"])
def test_tables_are_read_as_spreadsheets_save_them(
    name: str, separator: str, folder_of: Callable[[str], Path], words: str, tmp_path: Path
) -> None:
    """With other separators, blank columns and rows about, and quotation marks where there is need."""
    expected = read(name, folder_of(name), words)
    folder = shutil.copytree(folder_of(name), tmp_path / "data")
    for file in files_of(folder, ".csv"):
        if "annotations" in file.name or "descriptions" in file.name:
            continue  # as their authors distribute them
        rows = [line.split(",") for line in (folder / file).read_text(encoding="utf-8").splitlines()]
        quoted = [[f'"{cell}"' if separator in cell or " " in cell else cell for cell in row] for row in rows]
        lines = [separator.join([*row, "", " "]) for row in quoted]
        (folder / file).write_text("\n".join([*lines[:1], separator * 4, *lines[1:], separator * 5]) + "\n")
        assert same(read(name, folder, words), expected, name), file


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", NOT_FILES)
def test_what_is_no_file_is_answered(
    name: str, kind: str, folder_of: Callable[[str], Path], words: str, tmp_path: Path
) -> None:
    folder = shutil.copytree(folder_of(name), tmp_path / "data")
    for file in files_of(folder_of(name), *TEXTS, *ARRAYS):
        if file.suffix == ".npy" and not name.startswith("classes"):
            continue  # one reader of word vectors for all
        (folder / file).rename(tmp_path / "aside")
        not_file(folder / file, kind)
        with answered(DataError, TableError):
            read(name, folder, words)
        if (folder / file).is_dir():
            (folder / file).rmdir()
        (tmp_path / "aside").replace(folder / file)


@pytest.mark.parametrize("name", NAMES)
def test_a_list_under_nearly_its_name_is_named(
    name: str, folder_of: Callable[[str], Path], words: str, tmp_path: Path
) -> None:
    """`Photos.csv`, `photos.csv.txt`, `photos.xlsx`: what hides the end of names, or saves in a format of its own."""
    needed = {
        "classes of one's own": ("attributes.csv", "split.csv", "unseen.txt"),
        "pairs of one's own": ("photos.csv",),
    }
    listed = needed.get(name, () if name in OTHERS else layout_of(name).NEEDED)
    for number, file in enumerate(map(Path, listed)):
        if file.suffix not in (".csv", ".txt"):
            continue
        folder = shutil.copytree(folder_of(name), tmp_path / str(number))
        for other in (file.name.upper(), f"{file.name}.txt", f"{file.stem}.xlsx"):
            shutil.copy(folder_of(name) / file, (folder / file).with_name(other))
            (folder / file).unlink(missing_ok=True)
            with pytest.raises(
                DataError, match=f"has '{other}', but the file must be called '{file.name}'; (rename|save)"
            ):
                read(name, folder, words)
            (folder / file).with_name(other).unlink()


@pytest.mark.parametrize("name", NAMES)
def test_any_damage_to_its_files_is_read_or_answered(
    name: str, folder_of: Callable[[str], Path], words: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = shutil.copytree(folder_of(name), tmp_path_factory.mktemp("damaged") / "data")
    files = files_of(folder, *TEXTS, *ARRAYS)
    valid = {file: (folder / file).read_bytes() for file in files}

    @fuzz(quick=60)
    @given(data=st.data())
    def damaged(data: st.DataObject) -> None:
        file = data.draw(st.sampled_from(files))
        (folder / file).write_bytes(data.draw(st.one_of(mutated(valid[file]), odd_files())))
        try:
            with answered(DataError, TableError):
                read(name, folder, words)
        finally:
            (folder / file).write_bytes(valid[file])

    damaged()
