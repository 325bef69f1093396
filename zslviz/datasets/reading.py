"""What a reader gives, and readers by name; any other name is one's own data (`zslviz.datasets.own`)."""

from __future__ import annotations

import importlib
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from zslviz.errors import DataError, nearest_names
from zslviz.tasks.attributes.data import ZeroShotDataset

READERS = {"cub": "zslviz.datasets.cub", "awa2": "zslviz.datasets.awa2"}


def load_dataset(name: str, folder: str | Path) -> ZeroShotDataset:
    """Reads a data set from its folder: a built-in one by its name, any other name as one's own data. Raises DataError.

    The built-in data sets as their authors distribute them bring no word vectors of the attributes; those of a shipped
    checkpoint with the same attributes are taken then.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise DataError(f"The data folder '{folder}' does not exist.")
    if name not in READERS:
        return _load_own(name, folder)
    reader: Any = importlib.import_module(READERS[name])
    dataset: ZeroShotDataset = reader.load(folder)
    if dataset.space.word_vectors is not None:
        return dataset
    from zslviz.tasks.attributes.checkpoint import shipped_word_vectors  # only here, since it brings PyTorch along

    vectors = shipped_word_vectors(dataset.space.attributes)
    return replace(dataset, space=replace(dataset.space, word_vectors=vectors))


def with_word_vectors(dataset: ZeroShotDataset) -> ZeroShotDataset:
    """The data set with word vectors of its attributes: its own, or packaged GloVe's. Raises DataError, ConfigError."""
    if dataset.space.word_vectors is not None:
        return dataset
    from zslviz.words.vectors import WordVectors

    vectors = WordVectors.packaged().phrases(dataset.space.attribute_names)
    return replace(dataset, space=replace(dataset.space, word_vectors=vectors))


def _load_own(name: str, folder: Path) -> ZeroShotDataset:
    from zslviz.datasets import own
    from zslviz.datasets.own_split import TABLE

    if not (folder / TABLE).is_file():
        near = nearest_names(name, READERS)
        known = " and ".join(f"'{n}'" for n in READERS)
        hint = f"did you mean '{near[0]}'?" if len(near) == 1 else f"the built-in data sets are {known}."
        raise DataError(f"'{folder}' has no '{TABLE}', which data of one's own needs; {hint}")
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name):
        raise DataError(
            f"'{name}' cannot name data: use letters, digits, '.', '_' and '-', as it becomes a folder's name."
        )
    return own.load(folder, name)


def parse_data_argument(argument: str) -> tuple[str, Path]:
    """Splits the command line's `NAME=DIR` ("cub=/data/CUB_200_2011"). Raises DataError."""
    name, equals, folder = argument.partition("=")
    if not equals or not folder:
        raise DataError(f"'{argument}' does not say which data lies where; write for example cub=/data/CUB_200_2011.")
    return name, Path(folder)
