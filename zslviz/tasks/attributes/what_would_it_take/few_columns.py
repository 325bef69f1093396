"""The small linear program of `simplex.py` for few columns, with the same pivots, name by name, in plain numbers.

Of so little the calls of numpy cost more than the arithmetic.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from zslviz.tasks.attributes.what_would_it_take.moves import Doubles

_SHORT = 1e-9  # of a row, next to the largest number in it: not short
_PIVOT = 1e-9
_MOST = 500  # pivots
_LACKING, _AT_ONCE = 1e-7, 3  # of a need; rows that join together
Numbers = list[float]


def _rounded(value: float) -> float:
    return float(np.float32(value))


class FewColumns:
    """min costs t over 0 <= t <= tops, of N numbers each; rows come one after the other."""

    def __init__(self, costs: Sequence[float], tops: Sequence[float]) -> None:
        n = len(costs)
        self.count, self._tops = n, list(tops)
        self._dictionary: list[Numbers] = []  # basic = constant + dictionary @ outside
        self._reduced = list(costs)
        self._outside, self._basic = list(range(n)), list[int]()
        self._at_top, self._values = [False] * n, Numbers()

    def add(self, row: Sequence[float], need: float) -> None:
        """One more row: row t >= need."""
        size = max(max(map(abs, row), default=0.0), 1e-12)
        row = [one / size for one in row]
        new = [row[o] if o < self.count else 0.0 for o in self._outside]
        for b, known in zip(self._basic, self._dictionary, strict=True):
            if b < self.count and row[b]:
                new = [one + row[b] * other for one, other in zip(new, known, strict=True)]
        value = sum(one * t for one, t in zip(row, self._all(), strict=True)) - need / size
        self._basic.append(self.count + len(self._basic))
        self._dictionary.append(new)
        self._tops.append(math.inf)
        self._values.append(value)

    def solve(self) -> bool:
        """Whether there is such a t; `solution` is the cheapest one then."""
        for _ in range(_MOST):
            short = [max(-v, v - self._tops[b]) for v, b in zip(self._values, self._basic, strict=True)]
            if max(short, default=0.0) <= _SHORT:
                return True
            i = max(range(len(short)), key=lambda row: (_rounded(short[row]), -row))
            if not self._mend(i, -self._values[i] >= self._values[i] - self._tops[self._basic[i]], short[i]):
                return False
        return False

    def _mend(self, i: int, rises: bool, gap: float) -> bool:
        """Takes the basic variable of row i to the end that it is beyond. False if nothing outside can."""
        helps = [-one if rises == top else one for one, top in zip(self._dictionary[i], self._at_top, strict=True)]
        able = [j for j, one in enumerate(helps) if one > _PIVOT]
        able.sort(key=lambda j: (_rounded(abs(self._reduced[j]) / helps[j]), self._outside[j]))
        for place, j in enumerate(able):
            gap -= helps[j] * self._tops[self._outside[j]]
            if gap <= _SHORT:
                for other in able[:place]:
                    self._flip(other)
                self._pivot(i, j, rises)
                return True
        return False

    def _flip(self, j: int) -> None:
        """To its other end."""
        way = self._tops[self._outside[j]] * (-1 if self._at_top[j] else 1)
        for k, row in enumerate(self._dictionary):
            self._values[k] += row[j] * way
        self._at_top[j] = not self._at_top[j]

    def _pivot(self, i: int, j: int, rises: bool) -> None:
        pivot = self._dictionary[i][j]
        end = 0.0 if rises else self._tops[self._basic[i]]
        step = (end - self._values[i]) / pivot
        start = self._tops[self._outside[j]] if self._at_top[j] else 0.0
        new = [-one / pivot for one in self._dictionary[i]]
        new[j] = 1 / pivot
        for k, row in enumerate(self._dictionary):
            by = row[j]
            self._values[k] += by * step
            if k != i and by:
                row[j] = 0.0
                self._dictionary[k] = [one + by * other for one, other in zip(row, new, strict=True)]
        self._dictionary[i], self._values[i] = new, start + step
        price = self._reduced[j]
        self._reduced[j] = 0.0
        self._reduced = [one + price * other for one, other in zip(self._reduced, new, strict=True)]
        self._basic[i], self._outside[j] = self._outside[j], self._basic[i]
        self._at_top[j] = not rises

    def solution(self) -> Numbers:
        """t [N]."""
        return [min(max(one, 0.0), top) for one, top in zip(self._all(), self._tops, strict=False)]

    def _all(self) -> Numbers:
        t = [0.0] * self.count
        for o, top in zip(self._outside, self._at_top, strict=True):
            if top and o < self.count:
                t[o] = self._tops[o]
        for b, value in zip(self._basic, self._values, strict=True):
            if b < self.count:
                t[b] = value
        return t


def cheapest_of_few(gains: Doubles, needs: Doubles, costs: Doubles) -> Doubles | None:
    """The cheapest t [N] with gains [R, N] t >= needs [R] and 0 <= t <= 1, or None. Rows join as they are short of their need."""
    program, joined = FewColumns(costs.tolist(), [1.0] * len(costs)), set[int]()
    while True:
        t = np.array(program.solution())
        lacking = needs - gains @ t
        short = [r for r in np.flatnonzero(lacking > _LACKING).tolist() if r not in joined]
        if not short:
            return t
        if len(short) > _AT_ONCE:
            size = lacking[short].astype(np.float32)
            short = [short[place] for place in np.argsort(-size, kind="stable")[:_AT_ONCE].tolist()]
        elif len(short) > 1:
            short.sort(key=lambda r: -_rounded(lacking[r]))
        for r in short:
            joined.add(r)
            program.add(gains[r].tolist(), float(needs[r]))
        if not program.solve():
            return None
