"""Photos with several labels each: what a reader of them gives, and readers by name."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from zslviz.errors import DataError, UnknownNameError
from zslviz.images import load_photo
from zslviz.label_space import LabelSpace
from zslviz.words import WordSource, word_source

READERS = {
    "corel5k": "zslviz.datasets.corel5k",
    "nuswide": "zslviz.datasets.nus_wide",
    "openimages": "zslviz.datasets.open_images",
}
PARTS = ("train", "val", "test")

_BLACK = 48  # of 255: a slide's mount is scanned as almost black, with some noise
_MAX_BORDER = 0.12  # of a side; what is black beyond it is the photo
_JUMP = 15  # by how much a photo is lighter than its border; without it a dark photo would be taken for one


@dataclass(frozen=True, eq=False)
class MultiLabelDataset:
    """N photos, each with any number of the K labels of a LabelSpace.

    files: N paths. labels: int8 [N, K]: 1 tagged, -1 not tagged, 0 unknown. space: `seen` are the labels that are trained on.
    train, val, test: photo indices. val_unseen: bool [K], labels that are held out to choose settings on: neither trained on nor
    tested as unseen. terms: one sentence on whose the photos are and what may be done with them. note: what is to be known of the
    tags, in a sentence. bordered: photos may have a black border, which is cut off.
    """

    name: str
    files: tuple[Path, ...]
    space: LabelSpace
    labels: NDArray[np.int8]
    train: NDArray[np.int64]
    val: NDArray[np.int64]
    test: NDArray[np.int64]
    val_unseen: NDArray[np.bool_]
    terms: str
    note: str
    bordered: bool = field(default=False, kw_only=True)

    def __post_init__(self) -> None:
        if self.labels.shape != (len(self.files), len(self.space)):
            raise DataError(
                f"There are {len(self.files)} photos and {len(self.space)} labels, but the tags are {self.labels.shape}."
            )
        if not np.isin(self.labels, (-1, 0, 1)).all():
            raise DataError("A tag is 1 (there), -1 (not there) or 0 (unknown).")
        if self.val_unseen.shape != (len(self.space),):
            raise DataError(f"There are {len(self.space)} labels, but {len(self.val_unseen)} marks of those held out.")
        both = self.val_unseen & self.space.seen
        if both.any():
            raise DataError(f"The label '{self.space.labels[int(both.argmax())]}' is both trained on and held out.")
        counted = np.bincount(np.concatenate([getattr(self, part) for part in PARTS]), minlength=len(self.files))
        if len(counted) > len(self.files) or (counted > 1).any():
            raise DataError("Every photo may belong to one part of the split only.")

    @property
    def unseen(self) -> NDArray[np.bool_]:
        """The labels that are tested as unseen: bool [K]."""
        return ~(self.space.seen | self.val_unseen)

    def photo(self, index: int) -> Image.Image:
        """The photo, upright RGB, without its black border. Raises ImageError."""
        photo = load_photo(self.files[index])
        return without_border(photo) if self.bordered else photo

    @property
    def summary(self) -> str:
        """One sentence on the split: how many labels and photos of each kind there are."""
        held_out = int(self.val_unseen.sum())
        return (
            f"{int(self.space.seen.sum())} seen and {int(self.unseen.sum())} unseen labels"
            f"{f', {held_out} more held out to choose settings on' if held_out else ''}; {len(self.train)} photos to train on, "
            f"{len(self.val)} to choose on and {len(self.test)} to test on."
        )


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


def without_border(photo: Image.Image) -> Image.Image:
    """The photo without the black border that a mounted slide leaves; whole if it has none.

    Black rows and columns at an edge are a border if they end within 12 % of the side and the photo behind them is lighter.
    """
    brightest = np.asarray(photo).max(axis=2)
    top, bottom = (_border(brightest[::step]) for step in (1, -1))
    left, right = (_border(brightest.T[::step]) for step in (1, -1))
    return photo.crop((left, top, photo.width - right, photo.height - bottom))


def _border(lines: NDArray[np.uint8]) -> int:
    """How many lines from the first on are border. lines: [L, any] brightness of an edge's lines, from outside in."""
    reach = int(len(lines) * _MAX_BORDER)
    black = np.percentile(lines[: reach + 1], 98, axis=1) < _BLACK
    width = int(np.argmin(black))
    if black.all() or width == 0:
        return 0
    behind = np.median(lines[width + 1 : width + 4])
    if behind < np.median(lines[:width]) + _JUMP:
        return 0
    mixed = np.median(lines[width]) < 0.7 * behind  # the line in which border and photo share pixels
    return width + int(mixed)
