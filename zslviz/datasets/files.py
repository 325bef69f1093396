"""The small text files that data sets are made of, read with one sentence for whatever is wrong."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from zslviz.array_files import as_finite, read_npy
from zslviz.catalogue import DATASETS, TASKS
from zslviz.errors import DataError, nearest_names
from zslviz.files import is_there

MAX_DIMENSION = 2**15  # of word vectors


def built_in_hint(name: str, reader: str) -> str:
    """The end of a sentence on data of one's own that are none: which data of the catalogue may be meant by their name.

    reader: the module that read them; data of the tasks whose own data it reads are named.
    """
    built_in = [other for other, place in DATASETS.items() if TASKS[place.task].own_data == reader]
    near = nearest_names(name, built_in)
    *most, last = (f"'{n}'" for n in built_in)
    known = f"{', '.join(most)} and {last}" if most else last
    return f"did you mean '{near[0]}'?" if len(near) == 1 else f"the built-in data sets are {known}."


def read_lines(path: Path) -> list[str]:
    """The non-empty lines of a list file, stripped. Raises DataError if it is not there."""
    try:
        return [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except OSError:
        raise DataError(f"'{path}' is missing; the data folder is not complete.") from None
    except UnicodeDecodeError:
        raise DataError(f"'{path}' is not a text file.") from None


def read_numbered(path: Path) -> list[str]:
    """The names of a list file of lines `NUMBER NAME`, in the order of their numbers."""
    pairs = [line.split(maxsplit=1) for line in read_lines(path)]
    if any(len(pair) != 2 or not pair[0].isdigit() for pair in pairs):
        raise DataError(f"'{path}' must hold lines of a number and a name.")
    return [name.strip() for _, name in sorted(pairs, key=lambda pair: int(pair[0]))]


def read_matrix(path: Path) -> NDArray[np.float32]:
    """A white-space separated table of numbers. Raises DataError."""
    try:
        return np.loadtxt(path, dtype=np.float32, ndmin=2)
    except (OSError, ValueError):
        raise DataError(f"'{path}' is missing or is not a table of numbers.") from None


def optional_word_vectors(folder: Path, attributes: int) -> NDArray[np.float32] | None:
    """`attribute_word_vectors.npy` [A, D] of the folder, or None if there is none. Raises DataError."""
    path = folder / "attribute_word_vectors.npy"
    if not is_there(path):
        return None
    vectors = as_finite(read_npy(path, DataError), f"'{path}'", DataError)
    if vectors.ndim != 2 or vectors.shape[0] != attributes:
        raise DataError(f"'{path}' is {vectors.shape}; it must have a row for each of the {attributes} attributes.")
    if not 0 < vectors.shape[1] <= MAX_DIMENSION:
        raise DataError(f"'{path}' holds vectors of {vectors.shape[1]} numbers; 1 to {MAX_DIMENSION} can be used.")
    return vectors
