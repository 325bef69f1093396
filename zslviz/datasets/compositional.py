"""Photos of state-object pairs from a list, which most of their readers read, and one's own under any name.

    FOLDER/photos.csv       columns image,state,object,split
    FOLDER/images/...       the photos, or FOLDER/... itself

split: `train`, `val_seen`, `val_unseen`, `test_seen`, `test_unseen`; or the field's `train`, `val`, `test`, and then a pair that no
training photo shows is unseen. Data of one's own is read in this layout under any name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from zslviz.datasets.files import Finder, built_in_hint, is_there, misnamed, read_rows
from zslviz.errors import DataError
from zslviz.files.tabular import alike, brief
from zslviz.tasks.compositional.data import PARTS, CompositionalDataset
from zslviz.tasks.compositional.space import CompositionSpace
from zslviz.words.source import WordSource

LIST = "photos.csv"
OWN_TERMS = "One's own photos; who took them decides what may be done with them and with this model."

Pairs = set[tuple[str, str]]


class Row(NamedTuple):
    """A photo and what it shows. split: one of PARTS, or `val` or `test`."""

    file: Path
    state: str
    object: str
    split: str


def load(name: str, folder: Path, words: WordSource) -> CompositionalDataset:
    """Reads one's own `photos.csv`; the data set is called `name`. Raises DataError."""
    if not is_there(folder / LIST):
        raise DataError(
            misnamed(folder / LIST)
            or f"'{folder / LIST}' is missing; data of one's own must list image,state,object,split of every photo there; "
            f"{built_in_hint(name, __name__)}"
        )
    rows = read_photo_list(folder / LIST)
    return from_rows(name, rows, words, terms=OWN_TERMS, note=f"the split is that of '{LIST}'")


def from_rows(
    name: str,
    rows: Sequence[Row],
    words: WordSource,
    terms: str,
    note: str,
    listed: Mapping[str, Pairs] | None = None,
    spelling: Mapping[str, str] | None = None,
) -> CompositionalDataset:
    """A data set of the rows' photos, states and objects in the order of the alphabet.

    listed: the pairs of `train`, `val` and `test`, where the split lists more than its photos show; those of the photos if None.
    spelling: other words for names that no list of word vectors has as they are written. Raises DataError.
    """
    if not any(row.split == "train" for row in rows):
        raise DataError(f"The data '{name}' has no photo to train on; the split must call some of them 'train'.")
    pairs = {part: set((listed or {}).get(part, ())) for part in ("train", "val", "test")}
    for row in rows:
        pairs[row.split.partition("_")[0]].add((row.state, row.object))
    every = pairs["train"] | pairs["val"] | pairs["test"]
    states, objects = (tuple(sorted({pair[side] for pair in every})) for side in (0, 1))
    for what, listed_names in (("states", states), ("objects", objects)):
        same = alike(listed_names)
        if same is not None:
            raise DataError(f"The {what} '{same[0]}' and '{same[1]}' look the same; write them alike.")
    state_index, object_index = ({n: i for i, n in enumerate(names)} for names in (states, objects))
    tables = {part: np.zeros((len(states), len(objects)), dtype=bool) for part in pairs}
    for part, table in tables.items():
        for state, object_ in pairs[part]:
            table[state_index[state], object_index[object_]] = True
    seen = tables["train"]
    of_state = np.array([state_index[row.state] for row in rows], dtype=np.int64)
    of_object = np.array([object_index[row.object] for row in rows], dtype=np.int64)
    spoken = [(spelling or {}).get(n, n) for n in (*states, *objects)]
    vectors = words.phrases(spoken)
    space = CompositionSpace(
        states, objects, seen, seen | tables["val"] | tables["test"],
        vectors[: len(states)], vectors[len(states) :], words.name, name=name,
    )  # fmt: skip
    split = np.array([_full_part(row, seen[s, o]) for row, s, o in zip(rows, of_state, of_object, strict=True)])
    return CompositionalDataset(
        name,
        tuple(row.file for row in rows),
        of_state,
        of_object,
        space,
        **{part: np.flatnonzero(split == part) for part in PARTS},
        val_pairs=tables["val"] & ~seen,
        test_pairs=tables["test"] & ~seen,
        terms=terms,
        note=note,
    )


def read_photo_list(path: Path) -> list[Row]:
    """The rows of a list image,state,object,split beside a folder `images` (or beside the photos). Raises DataError."""
    root = path.parent / "images" if (path.parent / "images").is_dir() else path.parent
    photos = Finder(root)
    rows: list[Row] = []
    line_of: dict[Path, int] = {}
    for line, cells in read_rows(path, "image", "state", "object", "split"):
        row = _checked_row(photos, cells, f"line {line} of '{path}'")
        if row.file in line_of:
            raise DataError(
                f"Line {line} of '{path}' lists '{brief(cells['image'], 100)}' again, as line {line_of[row.file]} does."
            )
        line_of[row.file] = line
        rows.append(row)
    return rows


def _checked_row(photos: Finder, cells: Mapping[str, str], where: str) -> Row:
    """A row from its four cells. Raises DataError, which says `where`."""
    image, state, object_, split = (cells[name] for name in ("image", "state", "object", "split"))
    if not (image and state and object_):
        raise DataError(f"An image, a state or an object is missing in {where}.")
    if split not in (*PARTS, "val", "test"):
        raise DataError(
            f"'{brief(split)}' in {where} is no part of a split; write {', '.join(PARTS)}, or train, val, test."
        )
    file = photos.find(image)
    if file is None:
        raise DataError(f"The photo '{brief(str(photos.root / image), 200)}', named in {where}, does not exist.")
    return Row(file, state, object_, split)


def _full_part(row: Row, seen: bool) -> str:
    """`val` and `test` with the kind of the photo's pair."""
    return f"{row.split}_{'seen' if seen else 'unseen'}" if row.split in ("val", "test") else row.split
