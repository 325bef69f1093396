"""Photos with several labels each: what a reader of them gives, and readers by name."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zslviz.errors import DataError, UnknownNameError
from zslviz.tasks.multilabel.data import MultiLabelDataset
from zslviz.words.source import WordSource, word_source

READERS = {
    "corel5k": "zslviz.datasets.corel5k",
    "nuswide": "zslviz.datasets.nus_wide",
    "openimages": "zslviz.datasets.open_images",
}


def load_multi_label(name: str, folder: str | Path, words: WordSource | str) -> MultiLabelDataset:
    """Reads a data set of several labels a photo. words: what gives the labels' vectors, or its name.

    Raises DataError if the folder is not laid out as the reader expects, UnknownNameError for another name.
    """
    if name not in READERS:
        raise UnknownNameError("multi-label data set", name, READERS)
    folder = Path(folder)
    if not folder.is_dir():
        raise DataError(f"The data folder '{folder}' does not exist.")
    reader: Any = importlib.import_module(READERS[name])
    dataset: MultiLabelDataset = reader.load(folder, word_source(words) if isinstance(words, str) else words)
    return dataset


def known_labels(
    names: Sequence[str], words: WordSource, unique: bool = False
) -> tuple[list[int], NDArray[np.float32]]:
    """Which of very many labels have a word vector, by index, and their vectors [K, D]. unique: of equal names the first only.

    Raises DataError if none has.
    """
    known: list[int] = []
    vectors: list[NDArray[np.float32]] = []
    taken: set[str] = set()
    for index, name in enumerate(names):
        if unique and name.casefold() in taken:
            continue
        try:
            vectors.append(words.phrase(name))
        except DataError:
            continue
        known.append(index)
        taken.add(name.casefold())
    if not known:
        raise DataError(f"None of the {len(names)} labels has a word vector in '{words.name}'.")
    return known, np.stack(vectors)
