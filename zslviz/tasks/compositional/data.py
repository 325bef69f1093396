"""Photos of state-object pairs: what a reader gives."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from zslviz.errors import DataError
from zslviz.photos.loading import load_photo
from zslviz.tasks.compositional.space import CompositionSpace

PARTS = ("train", "val_seen", "val_unseen", "test_seen", "test_unseen")


Part = Literal["val", "test"]


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
    def training_photos(self) -> NDArray[np.int64]:
        """The photos that a final training may see."""
        return self.train

    @property
    def used_photos(self) -> NDArray[np.int64]:
        """The photos of any part of the split."""
        return np.unique(np.concatenate([self.train, self.photos_of("val"), self.photos_of("test")]))

    @property
    def remarks(self) -> tuple[str, ...]:
        """None of such data."""
        return ()

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
