"""What the data of every task have, whatever photos are labelled with."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from zslviz.features.photo_set import PhotoSet


class TaskData(PhotoSet, Protocol):
    """Photos with their truth and a split. terms: whose the photos are and what may be done with them, in one sentence."""

    terms: str

    @property
    def space(self) -> Any:
        """What there is to predict."""

    @property
    def summary(self) -> str:
        """One sentence on the split, and one on what is left out of the folder, if anything is."""

    @property
    def remarks(self) -> tuple[str, ...]:
        """Sentences on what cannot be learned from these data, if there is anything to say."""

    @property
    def training_photos(self) -> NDArray[np.int64]:
        """The photos that a final training may see, whose mirrored features are worth caching."""

    @property
    def used_photos(self) -> NDArray[np.int64]:
        """All photos that training, validation or measurement take: those of any part of the split."""
