"""What every data set of the catalogue must satisfy. One of one's own gets these tests by its line there and a tiny layout of its
folder in `tests/contracts/made/data/<its reader>.py`: NEEDED, files without which it cannot be read, and `make(folder, name)`."""

from __future__ import annotations

import importlib
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.contracts.made.words import write_word_vectors
from zslviz.catalogue import DATASETS, data_card, part
from zslviz.datasets.reading import load_dataset
from zslviz.errors import DataError, ZslvizError

pytestmark = pytest.mark.parametrize("name", DATASETS)


def layout_of(name: str) -> Any:
    return importlib.import_module(f"tests.contracts.made.data.{DATASETS[name].module.rpartition('.')[2]}")


@pytest.fixture(scope="module")
def folder_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The tiny folder of a data set by name, made once."""

    @cache
    def make(name: str) -> Path:
        folder: Path = layout_of(name).make(tmp_path_factory.mktemp(name), name)
        return folder

    return make


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A file of vectors for every word that the layouts use."""
    return str(write_word_vectors(tmp_path_factory.mktemp("words") / "vectors.txt"))


def parts_of(name: str, dataset: Any) -> dict[str, np.ndarray]:
    """The photos of each part of the split."""
    return {key: getattr(dataset, key) for key in part(DATASETS[name].task, "data").PARTS}


def test_its_tiny_folder_is_read(name: str, folder_of: Callable[[str], Path], words: str) -> None:
    dataset = load_dataset(name, folder_of(name), words=words)
    assert (dataset.name, dataset.space.name) == (name, name)
    assert dataset.space.seen.any()
    assert not dataset.space.seen.all(), "something is left for zero-shot learning"
    assert all(dataset.photo(i).mode == "RGB" for i in range(len(dataset.files)))
    assert dataset.summary.endswith(".")


def test_no_photo_belongs_to_two_parts(name: str, folder_of: Callable[[str], Path], words: str) -> None:
    dataset = load_dataset(name, folder_of(name), words=words)
    parts = parts_of(name, dataset)
    assert all(len(photos) for photos in parts.values()), "the tiny layout fills every part"
    every = np.concatenate(list(parts.values()))
    assert len(np.unique(every)) == len(every)
    assert every.min() >= 0
    assert every.max() < len(dataset.files)
    files = [dataset.files[i] for i in every]
    assert len(set(files)) == len(files)


def test_reading_twice_gives_the_same(name: str, folder_of: Callable[[str], Path], words: str, tmp_path: Path) -> None:
    """Also from another place: neither the folder's path nor the order in which a disk lists files decides a split."""
    moved = shutil.copytree(folder_of(name), tmp_path / "moved")
    one, other = (load_dataset(name, folder, words=words) for folder in (folder_of(name), moved))
    assert [f.relative_to(folder_of(name)) for f in one.files] == [f.relative_to(moved) for f in other.files]
    for key, photos in parts_of(name, one).items():
        np.testing.assert_array_equal(photos, parts_of(name, other)[key])


def test_its_card_is_complete(name: str, folder_of: Callable[[str], Path], words: str) -> None:
    card = data_card(name)
    assert card is not None
    assert card.title
    assert not card.title.endswith(".")
    assert card.terms.endswith("."), "one sentence"
    assert card.citation
    assert card.non_commercial in (True, False)
    dataset = load_dataset(name, folder_of(name), words=words)
    assert dataset.terms == card.terms
    assert dataset.note


def test_what_a_folder_lacks_is_named(name: str, folder_of: Callable[[str], Path], words: str, tmp_path: Path) -> None:
    for number, file in enumerate(layout_of(name).NEEDED):
        folder = shutil.copytree(folder_of(name), tmp_path / str(number))
        (folder / file).unlink()
        with pytest.raises(DataError, match=Path(file).name) as caught:
            load_dataset(name, folder, words=words)
        assert is_one_sentence(str(caught.value))


def test_a_folder_that_is_empty_or_nowhere_is_answered_in_one_sentence(name: str, words: str, tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(DataError) as caught:
            load_dataset(name, folder, words=words)
        assert is_one_sentence(str(caught.value))
    assert "does not exist" in str(caught.value)


def test_a_slip_in_its_name_is_answered_with_the_name(name: str, words: str, tmp_path: Path) -> None:
    """Where the folder is not laid out as one's own data, which may have any name."""
    with pytest.raises(ZslvizError, match=f"'{name}'"):
        load_dataset(f"{name}x", tmp_path, DATASETS[name].task, words=words)


def is_one_sentence(text: str) -> bool:
    return "\n" not in text and text[-1] in ".?" and text[0].isupper() | (text[0] == "'")
