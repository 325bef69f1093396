"""CompositionSpace: states, objects and their pairs, for compositional zero-shot learning. Immutable."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from zslviz.errors import TableError, UnknownNameError
from zslviz.tasks.base.arrays import frozen


@dataclass(frozen=True, eq=False)
class CompositionSpace:
    """S states x O objects.

    states, objects: names, unique within each. seen: bool [S, O], pairs trained on. candidates: bool [S, O], pairs that compete in
    the closed world (seen ones among them); in the open world all S x O do. state_vectors: float32 [S, D], object_vectors:
    float32 [O, D], the word vectors of the names. words: the name of those vectors' source (`zslviz.words.source.word_source`).
    """

    states: tuple[str, ...]
    objects: tuple[str, ...]
    seen: NDArray[np.bool_]
    candidates: NDArray[np.bool_]
    state_vectors: NDArray[np.float32]
    object_vectors: NDArray[np.float32]
    words: str
    name: str = field(default="", kw_only=True)

    def __post_init__(self) -> None:
        s, o = len(self.states), len(self.objects)
        if not s or not o:
            raise TableError("There must be at least one state and one object.")
        for kind, names in (("state", self.states), ("object", self.objects)):
            twice = [name for i, name in enumerate(names) if name in names[:i]]
            if twice:
                raise TableError(f"The {kind} '{twice[0]}' is listed twice; every {kind} needs its own name.")
        if self.seen.shape != (s, o) or self.candidates.shape != (s, o):
            raise TableError(f"Pairs must be marked in tables of {s} states x {o} objects.")
        if (self.seen & ~self.candidates).any():
            raise TableError("Every pair that was trained on must be among the candidates.")
        if len(self.state_vectors) != s or len(self.object_vectors) != o:
            raise TableError("Every state and every object needs a word vector.")
        for name, dtype in (
            ("seen", np.bool_), ("candidates", np.bool_), ("state_vectors", np.float32), ("object_vectors", np.float32),
        ):  # fmt: skip
            object.__setattr__(self, name, frozen(getattr(self, name), dtype))

    @property
    def shape(self) -> tuple[int, int]:
        """(S, O)."""
        return len(self.states), len(self.objects)

    def state_index(self, name: str) -> int:
        """Index of a state by its name in any case. Raises UnknownNameError with the nearest."""
        return _find("state", name, self.states)

    def object_index(self, name: str) -> int:
        """Index of an object by its name in any case. Raises UnknownNameError with the nearest."""
        return _find("object", name, self.objects)

    @cached_property
    def pairs(self) -> NDArray[np.int64]:
        """The closed world's pairs (state, object), state by state: int64 [P, 2]."""
        return np.argwhere(self.candidates)

    def with_state(self, name: str, vector: NDArray[np.float32]) -> CompositionSpace:
        """A space with one more state, no pair of which was trained on; all its pairs compete. Raises TableError."""
        self._check_new("state", name, self.states, vector, self.state_vectors)
        row = np.ones((1, len(self.objects)), dtype=bool)
        return replace(
            self,
            states=(*self.states, name),
            seen=np.concatenate([self.seen, ~row]),
            candidates=np.concatenate([self.candidates, row]),
            state_vectors=np.concatenate([self.state_vectors, vector[None]]),
        )

    def with_object(self, name: str, vector: NDArray[np.float32]) -> CompositionSpace:
        """A space with one more object, no pair of which was trained on; all its pairs compete. Raises TableError."""
        self._check_new("object", name, self.objects, vector, self.object_vectors)
        column = np.ones((len(self.states), 1), dtype=bool)
        return replace(
            self,
            objects=(*self.objects, name),
            seen=np.concatenate([self.seen, ~column], axis=1),
            candidates=np.concatenate([self.candidates, column], axis=1),
            object_vectors=np.concatenate([self.object_vectors, vector[None]]),
        )

    def with_pairs(self, seen: NDArray[np.bool_], candidates: NDArray[np.bool_]) -> CompositionSpace:
        """The same states and objects with other pairs trained on or competing."""
        return replace(self, seen=seen, candidates=candidates)

    @staticmethod
    def _check_new(
        kind: str, name: str, names: tuple[str, ...], vector: NDArray[np.float32], vectors: NDArray[np.float32]
    ) -> None:
        if name.casefold().strip() in (n.casefold() for n in names):
            raise TableError(f"There is {'an' if kind == 'object' else 'a'} {kind} '{name}' already.")
        if vector.shape != vectors.shape[1:]:
            raise TableError(f"A word vector here has {vectors.shape[1]} numbers, not {vector.shape}.")


def _find(kind: str, name: str, names: tuple[str, ...]) -> int:
    wanted = name.casefold().strip()
    for index, known in enumerate(names):
        if known.casefold() == wanted:
            return index
    raise UnknownNameError(kind, name, names)
