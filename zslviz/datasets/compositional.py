"""Photos of state-object pairs: what a reader gives, readers by name, and the list of photos that most of them read.

    FOLDER/photos.csv       columns image,state,object,split
    FOLDER/images/...       the photos, or FOLDER/... itself

split: `train`, `val_seen`, `val_unseen`, `test_seen`, `test_unseen`; or the field's `train`, `val`, `test`, and then a pair that no
training photo shows is unseen. Data of one's own is read in this layout under any name.
"""

from __future__ import annotations

import csv
import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from zslviz.composition_space import CompositionSpace
from zslviz.datasets.base import parse_data_argument
from zslviz.errors import DataError
from zslviz.images import load_photo
from zslviz.words import WordSource

READERS = {
    "fashion": "zslviz.datasets.fashion",
    "mit-states": "zslviz.datasets.czsl",
    "ut-zappos": "zslviz.datasets.czsl",
    "c-gqa": "zslviz.datasets.czsl",
}
PARTS = ("train", "val_seen", "val_unseen", "test_seen", "test_unseen")
LIST = "photos.csv"
OWN_TERMS = "One's own photos; who took them decides what may be done with them and with this model."

Part = Literal["val", "test"]
Pairs = set[tuple[str, str]]


class Row(NamedTuple):
    """A photo and what it shows. split: one of PARTS, or `val` or `test`."""

    file: Path
    state: str
    object: str
    split: str


@dataclass(frozen=True, eq=False)
class CompositionalDataset:
    """N photos, each of one state and one object of a CompositionSpace whose candidates are all listed pairs.

    files: N paths. states, objects: int64 [N], indices of the photo's state and object. train, val_seen, val_unseen, test_seen,
    test_unseen: photo indices. val_pairs, test_pairs: bool [S, O], the unseen pairs that compete in each part's closed world.
    terms: one sentence on whose the photos are and what may be done with them. note: where the split comes from, in a few words.
    """

    name: str
    files: tuple[Path, ...]
    states: NDArray[np.int64]
    objects: NDArray[np.int64]
    space: CompositionSpace
    train: NDArray[np.int64]
    val_seen: NDArray[np.int64]
    val_unseen: NDArray[np.int64]
    test_seen: NDArray[np.int64]
    test_unseen: NDArray[np.int64]
    val_pairs: NDArray[np.bool_]
    test_pairs: NDArray[np.bool_]
    terms: str
    note: str

    def __post_init__(self) -> None:
        seen = self.space.seen[self.states, self.objects]
        for part in PARTS:
            photos = getattr(self, part)
            wrong = photos[seen[photos] == part.endswith("_unseen")]
            if wrong.size:
                kind = "unseen" if part.endswith("_unseen") else "seen"
                raise DataError(
                    f"The split's part '{part}' holds '{self.files[wrong[0]].name}', a photo of '{self.pair_name(wrong[0])}', "
                    f"which is no {kind} pair."
                )
        for part, listed in (("val_unseen", self.val_pairs), ("test_unseen", self.test_pairs)):
            photos = getattr(self, part)
            unlisted = photos[~listed[self.states[photos], self.objects[photos]]]
            if unlisted.size:
                raise DataError(f"'{self.pair_name(unlisted[0])}' has photos in '{part}' but is not among its pairs.")

    def photo(self, index: int) -> Image.Image:
        """The photo, upright RGB. Raises ImageError."""
        return load_photo(self.files[index])

    def pair_name(self, index: int) -> str:
        """ "navy blue track pants": what photo `index` shows."""
        return f"{self.space.states[self.states[index]]} {self.space.objects[self.objects[index]]}"

    def photos_of(self, part: Part) -> NDArray[np.int64]:
        """The photos of a part, those of seen pairs first."""
        seen, unseen = (self.val_seen, self.val_unseen) if part == "val" else (self.test_seen, self.test_unseen)
        return np.concatenate([seen, unseen])

    def space_for(self, part: Part) -> CompositionSpace:
        """The part's closed world: the seen pairs and that part's unseen ones compete."""
        unseen = self.val_pairs if part == "val" else self.test_pairs
        return self.space.with_pairs(self.space.seen, self.space.seen | unseen)

    @property
    def summary(self) -> str:
        """One sentence on the split: how many states, objects, pairs and photos there are, and where it comes from."""
        states, objects = self.space.shape
        return (
            f"{states} states x {objects} objects, {int(self.space.seen.sum())} seen pairs; {len(self.train)} photos to train on, "
            f"{len(self.val_seen)} of seen and {len(self.val_unseen)} of {int(self.val_pairs.sum())} unseen pairs to validate on, "
            f"{len(self.test_seen)} of seen and {len(self.test_unseen)} of {int(self.test_pairs.sum())} unseen pairs to test on; "
            f"{self.note}."
        )


def load_compositional(name: str, folder: str | Path, words: WordSource) -> CompositionalDataset:
    """Reads a data set from its folder: a built-in one by its name, any other name as one's own `photos.csv`.

    words: where the vectors of states and objects come from. Raises DataError.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise DataError(f"The data folder '{folder}' does not exist.")
    if name not in READERS:
        rows = read_photo_list(folder / LIST)
        return from_rows(name, rows, words, terms=OWN_TERMS, note=f"the split is that of '{LIST}'")
    reader: Any = importlib.import_module(READERS[name])
    dataset: CompositionalDataset = reader.load(name, folder, words)
    return dataset


def load_compositional_argument(argument: str, words: WordSource) -> CompositionalDataset:
    """`load_compositional` of the command line's `NAME=DIR`. Raises DataError."""
    name, folder = parse_data_argument(argument)
    return load_compositional(name, folder, words)


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
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            missing = [c for c in ("image", "state", "object", "split") if c not in (reader.fieldnames or ())]
            if missing:
                raise DataError(f"'{path}' needs the columns image,state,object,split; '{missing[0]}' is not there.")
            cells = [(reader.line_num, row) for row in reader]
    except (UnicodeDecodeError, csv.Error):
        raise DataError(f"'{path}' is not a CSV file.") from None
    except OSError:
        raise DataError(f"'{path}' is missing; it must list image,state,object,split of every photo.") from None
    return [_checked_row(root, cell, f"line {line} of '{path}'") for line, cell in cells]


def _checked_row(root: Path, cells: Mapping[str, Any], where: str) -> Row:
    """A row from its four cells. Raises DataError, which says `where`."""
    image, state, object_, split = (str(cells.get(n) or "").strip() for n in ("image", "state", "object", "split"))
    if not (image and state and object_):
        raise DataError(f"An image, a state or an object is missing in {where}.")
    if split not in (*PARTS, "val", "test"):
        raise DataError(f"'{split}' in {where} is no part of a split; write {', '.join(PARTS)}, or train, val, test.")
    file = root / image
    if not file.is_file():
        raise DataError(f"The photo '{file}', named in {where}, does not exist.")
    return Row(file, state, object_, split)


def _full_part(row: Row, seen: bool) -> str:
    """`val` and `test` with the kind of the photo's pair."""
    return f"{row.split}_{'seen' if seen else 'unseen'}" if row.split in ("val", "test") else row.split
