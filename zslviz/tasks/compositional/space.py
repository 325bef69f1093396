"""CompositionSpace: states, objects and their pairs, for compositional zero-shot learning. Immutable."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from zslviz.errors import TableError
from zslviz.tasks.base.space import Names, freeze, readable_words
from zslviz.tasks.compositional.feasibility import NEVER_SEEN, feasibility_table


@dataclass(frozen=True, eq=False)
class CompositionSpace:
    """S states x O objects.

    states, objects: names, unique within each, the data set's own. seen: bool [S, O], pairs trained on. candidates: bool [S, O],
    pairs that compete in the closed world (seen ones among them); in the open world all S x O do. state_vectors: float32 [S, D],
    object_vectors: float32 [O, D], the word vectors of the names. words: the name of those vectors' source
    (`zslviz.words.source.word_source`). own: how many states and objects are the data set's, None if all; those after them were
    typed.
    """

    states: tuple[str, ...]
    objects: tuple[str, ...]
    seen: NDArray[np.bool_]
    candidates: NDArray[np.bool_]
    state_vectors: NDArray[np.float32]
    object_vectors: NDArray[np.float32]
    words: str
    name: str = field(default="", kw_only=True)
    own: tuple[int, int] | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        s, o = len(self.states), len(self.objects)
        if not s or not o:
            raise TableError("There must be at least one state and one object.")
        Names.check("state", self.states)
        Names.check("object", self.objects)
        if self.seen.shape != (s, o) or self.candidates.shape != (s, o):
            raise TableError(f"Pairs must be marked in tables of {s} states x {o} objects.")
        if (self.seen & ~self.candidates).any():
            raise TableError("Every pair that was trained on must be among the candidates.")
        if len(self.state_vectors) != s or len(self.object_vectors) != o:
            raise TableError("Every state and every object needs a word vector.")
        freeze(self, seen=np.bool_, candidates=np.bool_, state_vectors=np.float32, object_vectors=np.float32)

    @property
    def shape(self) -> tuple[int, int]:
        """(S, O)."""
        return len(self.states), len(self.objects)

    @property
    def _own(self) -> tuple[int, int]:
        return self.shape if self.own is None else self.own

    @cached_property
    def state_names(self) -> tuple[str, ...]:
        """Readable names of the states; no two are alike."""
        return readable_words(self.name, self.states, self._own[0])

    @cached_property
    def object_names(self) -> tuple[str, ...]:
        """Readable names: `tshirts` of the shop is "T-shirts"; no two are alike."""
        return readable_words(self.name, self.objects, self._own[1])

    @cached_property
    def named_states(self) -> Names:
        """The states by their own and their readable names."""
        return Names("state", self.states, self.state_names)

    @cached_property
    def named_objects(self) -> Names:
        """The objects by their own and their readable names."""
        return Names("object", self.objects, self.object_names)

    def state_index(self, name: str) -> int:
        """Index of a state by its own or its readable name, in any case. Raises UnknownNameError with the nearest."""
        return self.named_states.index(name)

    def object_index(self, name: str) -> int:
        """Index of an object by its own or its readable name, in any case. Raises UnknownNameError with the nearest."""
        return self.named_objects.index(name)

    def pair_name(self, state: int, object_: int) -> str:
        """As people read it: "navy blue track pants", "red T-shirts"."""
        return f"{self.state_names[state]} {self.object_names[object_]}"

    @cached_property
    def pairs(self) -> NDArray[np.int64]:
        """The closed world's pairs (state, object), state by state: int64 [P, 2]."""
        return np.argwhere(self.candidates)

    @cached_property
    def feasibility(self) -> NDArray[np.float32]:
        """Feasibility of every pair by the word vectors, -1 to 1, 1 for seen pairs: float32 [S, O].

        A state or object that was added has no seen pair to be judged by; the other word's half counts alone then.
        """
        table = feasibility_table(self.state_vectors, self.object_vectors, self.seen, seen_value=1.0)
        new_state, new_object = ~self.seen.any(axis=1), ~self.seen.any(axis=0)
        one_new = np.logical_xor.outer(new_state, new_object)
        return np.where(one_new, 2 * table - np.float32(NEVER_SEEN), table).astype(np.float32)

    @property
    def derived_size(self) -> int:
        """Bytes of the arrays that come on demand."""
        pairs = 2 * int(self.candidates.sum()) * np.dtype(np.int64).itemsize
        return pairs + self.seen.size * np.dtype(np.float32).itemsize

    def with_state(self, name: str, vector: NDArray[np.float32]) -> CompositionSpace:
        """A space with one more state, no pair of which was trained on; all its pairs compete. Raises TableError."""
        self.named_states.check_new(name)
        _check_vector(vector, self.state_vectors)
        row = np.ones((1, len(self.objects)), dtype=bool)
        return replace(
            self,
            states=(*self.states, name),
            seen=np.concatenate([self.seen, ~row]),
            candidates=np.concatenate([self.candidates, row]),
            state_vectors=np.concatenate([self.state_vectors, vector[None]]),
            own=self._own,
        )

    def with_object(self, name: str, vector: NDArray[np.float32]) -> CompositionSpace:
        """A space with one more object, no pair of which was trained on; all its pairs compete. Raises TableError."""
        self.named_objects.check_new(name)
        _check_vector(vector, self.object_vectors)
        column = np.ones((len(self.states), 1), dtype=bool)
        return replace(
            self,
            objects=(*self.objects, name),
            seen=np.concatenate([self.seen, ~column], axis=1),
            candidates=np.concatenate([self.candidates, column], axis=1),
            object_vectors=np.concatenate([self.object_vectors, vector[None]]),
            own=self._own,
        )

    def with_pairs(self, seen: NDArray[np.bool_], candidates: NDArray[np.bool_]) -> CompositionSpace:
        """The same states and objects with other pairs trained on or competing."""
        return replace(self, seen=seen, candidates=candidates)


def _check_vector(vector: NDArray[np.float32], vectors: NDArray[np.float32]) -> None:
    if vector.shape != vectors.shape[1:]:
        raise TableError(f"A word vector here has {vectors.shape[1]} numbers, not {vector.shape}.")
