"""Ranking: what competes in a photo, best first, worked out once a request; its lines are made when they are read."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

LineT = TypeVar("LineT")


@dataclass(frozen=True, eq=False)
class Ranking(Sequence[LineT], Generic[LineT]):
    """Things in order, as a sequence of lines: `ranking[0]`, `ranking[:5]`, `for line in ranking`.

    scores: float32 [K] (pairs: [S, O]), each thing's own. competing: bool of that shape. order: int [N], which of them stand in
    the ranking, best first, as flat indices of `scores`.
    """

    scores: NDArray[np.float32]
    competing: NDArray[np.bool_]
    order: NDArray[np.intp]

    @property
    @abstractmethod
    def names(self) -> Sequence[str]:
        """The readable name of every thing, in the (flat) order of `scores`."""

    @property
    @abstractmethod
    def seen(self) -> NDArray[np.bool_]:
        """Which things were trained on: bool, as `scores`."""

    @abstractmethod
    def _lines(self, indices: NDArray[np.intp], ranks: Sequence[int]) -> list[LineT]:
        """The lines of things by flat index, each with its rank."""

    def lines(self, top: int | None = None) -> list[LineT]:
        """The first `top` lines, or all."""
        chosen = self.order[:top]
        return self._lines(chosen, range(1, len(chosen) + 1))

    def line(self, index: Any) -> LineT:
        """The line of one thing, whatever its place; its rank is 0 if it does not stand in the ranking.

        index: as for `scores`: a number, or (state, object).
        """
        flat = np.ravel_multi_index(index if isinstance(index, tuple) else (index,), self.scores.shape)
        return self._lines(np.array([flat]), [self.rank_of(index)])[0]

    @cached_property
    def ranks(self) -> NDArray[np.int64]:
        """The rank of every thing, 1 for the best, 0 for those that do not stand in the ranking: int64, as `scores`."""
        ranks = np.zeros(self.scores.size, dtype=np.int64)
        ranks[self.order] = np.arange(1, len(self.order) + 1)
        return ranks.reshape(self.scores.shape)

    def rank_of(self, index: Any) -> int:
        """The rank of one thing; 0 if it does not stand in the ranking."""
        return int(self.ranks[index])

    @property
    def best(self) -> LineT:
        """The first line. Raises IndexError if nothing competes."""
        return self[0]

    # -- a sequence of lines ----------------------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self.order)

    @overload
    def __getitem__(self, at: int) -> LineT: ...
    @overload
    def __getitem__(self, at: slice) -> list[LineT]: ...
    def __getitem__(self, at: int | slice) -> LineT | list[LineT]:
        if isinstance(at, slice):
            return self._lines(self.order[at], range(1, len(self.order) + 1)[at])
        place = range(len(self.order))[at]  # counts from the end too, and says what is out of range
        return self._lines(self.order[place : place + 1], [place + 1])[0]

    def __iter__(self) -> Iterator[LineT]:
        return iter(self.lines())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Ranking | list):
            return NotImplemented
        return len(self) == len(other) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]


def best_first(
    values: NDArray[np.floating[Any]], competing: NDArray[np.bool_], count: int | None = None
) -> NDArray[np.intp]:
    """Flat indices of what competes by falling value, all or the first `count`; of equals the one listed first comes first."""
    flat = None if competing.all() else np.flatnonzero(competing)
    falling = -values.ravel() if flat is None else -values.ravel()[flat]
    if count is not None and 0 < count < len(falling):  # only those that reach the last one wanted need to be sorted
        within = np.flatnonzero(falling <= np.partition(falling, count - 1)[count - 1])
        falling, flat = falling[within], within if flat is None else flat[within]
    order = np.argsort(falling, kind="stable")[:count]
    return order if flat is None else flat[order]
