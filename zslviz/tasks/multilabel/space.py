"""LabelSpace: the labels that a multi-label model can score, each by the vector of its name. Immutable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zslviz.errors import TableError
from zslviz.tasks.base.space import Names, freeze, readable_words


@dataclass(frozen=True, eq=False)
class LabelSpace:
    """K labels with their word vectors.

    labels: unique names, the data set's own. seen: bool [K], whether a label was trained on. vectors: float32 [K, D], of unit
    length. words: the name of the word vectors that they are of (`zslviz.words.source.word_source`). own: how many of the
    labels are the data set's, None if all; those after them were typed.
    """

    labels: tuple[str, ...]
    seen: NDArray[np.bool_]
    vectors: NDArray[np.float32]
    words: str
    name: str = field(default="", kw_only=True)
    own: int | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        k = len(self.labels)
        if k == 0:
            raise TableError("There must be at least one label.")
        Names.check("label", self.labels)
        if self.seen.shape != (k,) or self.vectors.ndim != 2 or len(self.vectors) != k:
            raise TableError(f"There are {k} labels, but {len(self.seen)} marks and {len(self.vectors)} vectors.")
        norms = np.linalg.norm(self.vectors, axis=1, keepdims=True)
        if not np.isfinite(norms).all() or not (norms > 0).all():
            raise TableError(f"The vector of '{self.labels[int(np.argmin(np.nan_to_num(norms)))]}' is empty.")
        unit = np.abs(norms - 1).max() < 1e-5  # left bit for bit as they are, then
        object.__setattr__(self, "vectors", self.vectors if unit else self.vectors / norms)
        freeze(self, seen=np.bool_, vectors=np.float32)

    def __len__(self) -> int:
        return len(self.labels)

    @cached_property
    def label_names(self) -> tuple[str, ...]:
        """Readable names: `scotland` of Corel-5k is "Scotland"; no two are alike."""
        return readable_words(self.name, self.labels, self.own)

    @cached_property
    def named_labels(self) -> Names:
        """The labels by their own and their readable names."""
        return Names("label", self.labels, self.label_names)

    def label_index(self, name: str) -> int:
        """Index of a label by its own or its readable name, in any case. Raises UnknownNameError with the nearest."""
        return self.named_labels.index(name)

    def __contains__(self, name: object) -> bool:
        return name in self.named_labels

    def with_labels(self, names: Sequence[str], vectors: NDArray[np.float32]) -> LabelSpace:
        """A space with more labels at its end, unseen. vectors: [N, D]. Raises TableError if a name is taken."""
        self.named_labels.check_new(*names)
        if vectors.shape != (len(names), self.vectors.shape[1]):
            raise TableError(f"A label's vector here has {self.vectors.shape[1]} numbers, not {vectors.shape[1:]}.")
        return replace(
            self,
            labels=(*self.labels, *names),
            seen=np.concatenate([self.seen, np.zeros(len(names), dtype=bool)]),
            vectors=np.concatenate([self.vectors, vectors]),
            own=len(self) if self.own is None else self.own,
        )

    def with_seen(self, seen: NDArray[np.bool_]) -> LabelSpace:
        """The same labels, others of them trained on: for choosing settings on labels held out."""
        return replace(self, seen=seen)

    def take(self, indices: NDArray[np.integer[Any]]) -> LabelSpace:
        """Some of the labels, in the order given."""
        labels = tuple(self.labels[i] for i in indices)
        return replace(self, labels=labels, seen=self.seen[indices], vectors=self.vectors[indices], own=None)
