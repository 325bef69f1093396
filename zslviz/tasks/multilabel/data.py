"""Photos with several labels each: what a reader gives."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from zslviz.errors import DataError
from zslviz.photos.borders import without_border
from zslviz.photos.loading import load_photo
from zslviz.tasks.multilabel.space import LabelSpace

PARTS = ("train", "val", "test")


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
    def training_photos(self) -> NDArray[np.int64]:
        """The photos that a final training may see."""
        return np.sort(np.concatenate([self.train, self.val]))

    @property
    def used_photos(self) -> NDArray[np.int64]:
        """The photos of any part of the split."""
        return np.unique(np.concatenate([self.train, self.val, self.test]))

    @property
    def remarks(self) -> tuple[str, ...]:
        """None of such data."""
        return ()

    @property
    def summary(self) -> str:
        """One sentence on the split: how many labels and photos of each kind there are."""
        held_out = int(self.val_unseen.sum())
        return (
            f"{int(self.space.seen.sum())} seen and {int(self.unseen.sum())} unseen labels"
            f"{f', {held_out} more held out to choose settings on' if held_out else ''}; {len(self.train)} photos to train on, "
            f"{len(self.val)} to choose on and {len(self.test)} to test on."
        )
