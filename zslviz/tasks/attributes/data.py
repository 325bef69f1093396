"""Photos of classes that are described by attributes: what a reader gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from zslviz.errors import DataError
from zslviz.photos.loading import load_photo
from zslviz.tasks.attributes.remarks import table_remarks
from zslviz.tasks.attributes.space import SemanticSpace
from zslviz.words.names import GLOVE
from zslviz.words.source import word_source

PARTS = ("trainval", "test_seen", "test_unseen")


@dataclass(frozen=True, eq=False)
class ZeroShotDataset:
    """N photos of the classes of a SemanticSpace, parted by the proposed split (Xian et al. 2017).

    files: N paths. labels: int64 [N], index of the class. trainval, test_seen, test_unseen: photo indices.
    terms: one sentence on whose the photos are and what may be done with them. note: where the split comes from, in a few words.
    left_out: one sentence that counts and names what of the folder is no photo of it, "" if there is nothing.
    """

    name: str
    files: tuple[Path, ...]
    labels: NDArray[np.int64]
    space: SemanticSpace
    trainval: NDArray[np.int64]
    test_seen: NDArray[np.int64]
    test_unseen: NDArray[np.int64]
    terms: str
    note: str
    left_out: str = field(default="", kw_only=True)

    def __post_init__(self) -> None:
        if len(self.files) != len(self.labels):
            raise DataError(f"There are {len(self.files)} photos but {len(self.labels)} labels.")
        for part, seen in (("trainval", True), ("test_seen", True), ("test_unseen", False)):
            classes = np.unique(self.labels[getattr(self, part)])
            wrong = [c for c in classes if bool(self.space.seen[c]) is not seen]
            if wrong:
                raise DataError(
                    f"The split's part '{part}' holds photos of '{self.space.classes[wrong[0]]}', a class it must not "
                    "hold: the split belongs to another order of the photos."
                )

    def photo(self, index: int) -> Image.Image:
        """The photo, upright RGB. Raises ImageError."""
        return load_photo(self.files[index])

    def with_word_vectors(self) -> ZeroShotDataset:
        """With word vectors of its attributes: those it brings, or packaged GloVe's.

        Raises DataError that names an attribute whose words have none, ConfigError if the package is not installed.
        """
        if self.space.word_vectors is not None:
            return self
        vectors = word_source(GLOVE).phrases(self.space.attribute_names)
        return replace(self, space=replace(self.space, word_vectors=vectors))

    @property
    def training_photos(self) -> NDArray[np.int64]:
        """The photos that a final training may see."""
        return self.trainval

    @property
    def used_photos(self) -> NDArray[np.int64]:
        """The photos of any part of the split."""
        return np.unique(np.concatenate([self.trainval, self.test_seen, self.test_unseen]))

    @property
    def remarks(self) -> tuple[str, ...]:
        """What the class table cannot do, in sentences."""
        return table_remarks(self.space)

    @property
    def summary(self) -> str:
        """One sentence on the split: how many classes and photos of each kind there are, and where it comes from."""
        seen, unseen = int(self.space.seen.sum()), int((~self.space.seen).sum())
        return (
            f"{seen} seen and {unseen} unseen classes; {len(self.trainval)} photos to train on, {len(self.test_seen)} of seen and "
            f"{len(self.test_unseen)} of unseen classes to test on; {self.note}.{self.left_out and f' {self.left_out}'}"
        )


@dataclass(frozen=True, eq=False)
class PartLocations:
    """The marked parts of N photos, in the order of the data set's `files`; all places as fractions of width and height.

    parts: P names. points: float32 [N, P, 2], x and y. visible: bool [N, P].
    boxes: float32 [N, 4], left, top, right and bottom of what the photo shows. groups: the parts that attributes of a group speak
    of, by group; groups of the whole have no entry.
    """

    parts: tuple[str, ...]
    points: NDArray[np.float32]
    visible: NDArray[np.bool_]
    boxes: NDArray[np.float32]
    groups: Mapping[str, tuple[str, ...]]

    def of_group(self, photo: int, group: str) -> NDArray[np.float32]:
        """The visible parts [V, 2] of a photo that attributes of a group speak of; none for a group of the whole."""
        wanted = [self.parts.index(part) for part in self.groups.get(group, ())]
        return self.points[photo, [part for part in wanted if self.visible[photo, part]]]
