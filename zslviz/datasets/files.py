"""The small text files that data sets are made of, read with one sentence for whatever is wrong."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from zslviz.catalogue import DATASETS, TASKS
from zslviz.errors import DataError, nearest_names
from zslviz.files import read_text as read_any_text
from zslviz.files import reason
from zslviz.files.arrays import as_finite, read_npy
from zslviz.files.tabular import LONGEST_CELL, Table, brief, tidy
from zslviz.files.tabular import read_table as read_any_table

MAX_MATRIX_BYTES = 500 * 2**20
_SHEETS = (".csv", ".txt", ".tsv", ".xlsx", ".xls", ".xlsm", ".ods", ".numbers")
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


# -- files that are there, or nearly ------------------------------------------------------------------------------------------


def is_there(path: Path) -> bool:
    """Whether there is anything, so that what is no file is answered where it is read; False also where its name cannot be one.

    Raises DataError if its folder may not be looked into.
    """
    try:
        return path.exists()
    except PermissionError as problem:
        raise DataError(f"'{path}' cannot be read ({reason(problem)}).") from None
    except (OSError, ValueError):  # too long a name, a NUL
        return False


def misnamed(path: Path) -> str:
    """What is to be done with a file that was meant to be `path`, as a sentence; "" if there is none.

    Systems hide the ends of names and tell capitals apart or not; spreadsheets keep formats of their own.
    """
    try:
        there = sorted(f.name for f in path.parent.iterdir())
    except OSError:
        return ""
    stem = path.stem.casefold()
    meant = {path.name.casefold(), *(stem + end for end in _SHEETS), *(path.name.casefold() + end for end in _SHEETS)}
    for name in there:
        if tidy(name).casefold() not in meant or name == path.name or not is_there(path.parent / name):
            continue
        told = f"'{path.parent}' has '{name}', but the file must be called '{path.name}'"
        if Path(name).suffix.casefold() in (".csv", ".txt", ".tsv"):
            return f"{told}; rename it."
        return f"{told}; save it as CSV under that name."
    return ""


def optional(path: Path) -> bool:
    """Whether a file is there that may be missing. Raises DataError if one is there that was meant to be it."""
    if is_there(path):
        return True
    meant = misnamed(path)
    if meant:
        raise DataError(meant)
    return False


def first_of(*paths: Path) -> Path:
    """The first of several places where a file is; the first of all if it is nowhere. Raises DataError for a misnamed one."""
    there = next((path for path in paths if is_there(path)), None)
    meant = "" if there else next(filter(None, map(misnamed, paths)), "")
    if meant:
        raise DataError(meant)
    return there or paths[0]


class Finder:
    """Files under a folder by the names that a list gives them, however their accents and spaces are written on this disk."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._listings: dict[Path, dict[str, list[str]]] = {}

    def find(self, name: str) -> Path | None:
        """The file of that name (FOLDER/FILE); None if there is none. Raises DataError if a folder may not be read."""
        exact = self.root / name
        if not name or is_there(exact):
            return exact if name else None
        here = self.root
        for part in Path(name).parts:
            entries = self.entries(here).get(tidy(part), [])
            if not entries:
                return None
            here /= entries[0]
        return here if is_there(here) else None

    def entries(self, folder: Path) -> dict[str, list[str]]:
        """The names in a folder by their tidied ones; none if it is no folder."""
        if folder not in self._listings:
            listing: dict[str, list[str]] = {}
            for name in sorted(names_in(folder)) if folder.is_dir() else ():
                listing.setdefault(tidy(name), []).append(name)
            self._listings[folder] = listing
        return self._listings[folder]


def names_in(folder: Path) -> list[str]:
    """What lies in a folder. Raises DataError if it may not be read."""
    try:
        return [entry.name for entry in folder.iterdir()]
    except OSError as problem:
        raise DataError(f"The folder '{folder}' cannot be read ({reason(problem)}).") from None


# -- lists and tables ---------------------------------------------------------------------------------------------------------


def read_text(path: Path, limit: int = 50 * 2**20) -> str:
    """A text file of a data set. Raises DataError."""
    if not is_there(path):
        raise DataError(misnamed(path) or f"'{path}' is missing; the data folder is not complete.")
    text = read_any_text(path, DataError, limit)
    if "\0" in text:
        raise DataError(f"'{path}' is not a text file in UTF-8; save it as UTF-8.")
    return text


def read_lines(path: Path) -> list[str]:
    """The non-empty lines of a list file, tidied. Raises DataError if it is not there."""
    lines = [line for line in map(tidy, read_text(path).split("\n")) if line]
    if any(len(line) > LONGEST_CELL for line in lines):
        raise DataError(f"'{path}' has a line of more than {LONGEST_CELL} characters; it must be a list of names.")
    return lines


def read_numbered(path: Path, gapless: bool = False) -> list[str]:
    """The names of a list file of lines `NUMBER NAME`, in the order of their numbers. gapless: they must be 1, 2, 3 and so on.

    Raises DataError.
    """
    pairs = [line.split(maxsplit=1) for line in read_lines(path)]
    wrong = next((p for p in pairs if len(p) != 2 or not p[0].isdecimal() or len(p[0]) > 9), None)
    if wrong is not None or not pairs:
        raise DataError(f"'{path}' must hold lines of a number and a name{_not(' '.join(wrong or ()))}.")
    numbers = [int(number) for number, _ in pairs]
    if len(set(numbers)) < len(numbers):
        twice = next(n for i, n in enumerate(numbers) if n in numbers[:i])
        raise DataError(f"'{path}' gives the number {twice} to two names.")
    if gapless and sorted(numbers) != list(range(1, len(numbers) + 1)):
        raise DataError(f"'{path}' must number its {len(numbers)} names from 1 on, without a gap.")
    return [name.strip() for _, (_, name) in sorted(zip(numbers, pairs, strict=True), key=lambda pair: pair[0])]


def read_matrix(path: Path) -> NDArray[np.float32]:
    """A white-space separated table of finite numbers. Raises DataError."""
    text = read_text(path, MAX_MATRIX_BYTES)
    try:
        with warnings.catch_warnings(), np.errstate(over="ignore"):
            warnings.simplefilter("ignore")  # of an empty file
            table = np.loadtxt(io.StringIO(text.lstrip("\ufeff")), dtype=np.float32, ndmin=2)
    except (ValueError, OverflowError):
        raise DataError(f"'{path}' is not a table of numbers.") from None
    if not table.size:
        raise DataError(f"'{path}' is empty; it must be a table of numbers.")
    if not np.isfinite(table).all():
        row, column = np.argwhere(~np.isfinite(table))[0]
        raise DataError(f"Row {row + 1}, column {column + 1} of '{path}' is not a finite number.")
    return table


def per_cent(table: NDArray[np.float32], path: Path) -> NDArray[np.float32]:
    """A table [K, A] that its authors write in per cent. Raises DataError if it is not; below 0 it may be -1 alone, for unknown."""
    wrong = np.argwhere((table > 100) | ((table < 0) & (table != -1)))
    if wrong.size:
        row, column = wrong[0]
        raise DataError(
            f"Row {row + 1}, column {column + 1} of '{path}' is {table[row, column]:g}; its values are per cent, 0 to 100."
        )
    if table.max() <= 1:
        raise DataError(f"No value of '{path}' is above 1; its values must be per cent, 0 to 100.")
    return table


def read_table(path: Path, *needed: str) -> Table:
    """A table whose first line names its columns, `needed` ones among them. Raises DataError."""
    return read_any_table(read_text(path), needed, f"'{path}'", DataError)


def read_rows(path: Path, *needed: str) -> Iterator[tuple[int, dict[str, str]]]:
    """(line, cell by name) of every row of such a table. Raises DataError."""
    return read_table(path, *needed).cells(*needed)


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


def near(name: str, known: Sequence[str]) -> str:
    """The end of a sentence on a name that is not known: the nearest, or a full stop."""
    nearest = nearest_names(name, known, limit=1)
    return f"; did you mean '{nearest[0]}'?" if nearest else "."


def _not(found: str) -> str:
    return f", not '{brief(found)}'" if found else ""
