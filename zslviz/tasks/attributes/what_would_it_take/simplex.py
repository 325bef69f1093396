"""A small linear program: the cheapest t with rows t >= needs and 0 <= t <= tops, by the dual simplex method for bounded variables.

There are few rows and many columns, rows come one after the other (those that are short of their need), and costs are not negative:
so t = 0 is dual feasible, and every added row goes on from where the last ones ended. The ratio test passes breakpoints as long as
the row stays short (bound flipping; Koberstein 2005, chapter 3.3), so variables that only change their end cost no pivot.

Equals are decided by number, after rounding, so that the page's twin (`zslviz/ui/twin`) takes the same pivots.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]
_SHORT = 1e-9  # of a row, next to the largest number in it: not short
_PIVOT = 1e-9
_MOST = 500  # pivots


class Rows(Protocol):
    """A matrix [R, N], of which only some rows are looked at."""

    def __getitem__(self, row: int, /) -> Doubles: ...

    def __matmul__(self, t: Doubles, /) -> Doubles: ...


class LinearProgram:
    """min costs t over 0 <= t <= tops. costs, tops: float64 [N]."""

    def __init__(self, costs: Doubles, tops: Doubles) -> None:
        n = len(costs)
        self.count, self._tops = n, tops.astype(np.float64)
        self._dictionary = np.zeros((0, n))  # basic = constant + dictionary @ outside
        self._reduced = costs.astype(np.float64).copy()
        self._outside, self._basic = np.arange(n), np.zeros(0, np.intp)
        self._at_top, self._values = np.zeros(n, bool), np.zeros(0)

    def add(self, row: Doubles, need: float) -> None:
        """One more row: row [N] t >= need."""
        size = max(float(np.abs(row).max(initial=0)), 1e-12)
        row, need = row / size, need / size
        new = np.where(self._outside < self.count, row[np.minimum(self._outside, self.count - 1)], 0.0)
        for i in np.flatnonzero(self._basic < self.count):
            new = new + row[self._basic[i]] * self._dictionary[i]
        value = float(row @ self._all()) - need
        self._dictionary = np.vstack([self._dictionary, new])
        self._basic = np.append(self._basic, self.count + len(self._basic))
        self._tops, self._values = np.append(self._tops, np.inf), np.append(self._values, value)

    def solve(self) -> bool:
        """Whether there is such a t; `solution` is the cheapest one then."""
        for _ in range(_MOST):
            below, above = -self._values, self._values - self._tops[self._basic]
            short = np.maximum(below, above)
            if not len(short) or short.max() <= _SHORT:
                return True
            i = int(np.argmax(short.astype(np.float32)))
            if not self._mend(i, bool(below[i] >= above[i]), float(short[i])):
                return False
        return False

    def _mend(self, i: int, rises: bool, gap: float) -> bool:
        """Takes the basic variable of row i to the end that it is beyond. False if nothing outside can."""
        row = self._dictionary[i] if rises else -self._dictionary[i]
        helps = np.where(self._at_top, -row, row)
        able = np.flatnonzero(helps > _PIVOT)
        ratios = (np.abs(self._reduced[able]) / helps[able]).astype(np.float32)
        able = able[np.lexsort((self._outside[able], ratios))]
        left = gap - np.cumsum(helps[able] * self._tops[self._outside[able]])
        enough = np.flatnonzero(left <= _SHORT)
        if not len(enough):
            return False
        for j in able[: enough[0]]:
            way = -self._tops[self._outside[j]] if self._at_top[j] else self._tops[self._outside[j]]
            self._values = self._values + self._dictionary[:, j] * way
            self._at_top[j] = not self._at_top[j]
        self._pivot(i, int(able[enough[0]]), rises)
        return True

    def _pivot(self, i: int, j: int, rises: bool) -> None:
        pivot, column = float(self._dictionary[i, j]), self._dictionary[:, j].copy()
        end = 0.0 if rises else float(self._tops[self._basic[i]])
        step = (end - float(self._values[i])) / pivot
        start = float(self._tops[self._outside[j]]) if self._at_top[j] else 0.0
        self._values = self._values + column * step
        self._values[i] = start + step
        new = -self._dictionary[i] / pivot
        new[j] = 1 / pivot
        self._dictionary[:, j] = 0
        self._dictionary = self._dictionary + column[:, None] * new
        self._dictionary[i] = new
        price = float(self._reduced[j])
        self._reduced[j] = 0
        self._reduced = self._reduced + price * new
        self._basic[i], self._outside[j] = self._outside[j], self._basic[i]
        self._at_top[j] = not rises

    def solution(self) -> Doubles:
        """t [N]."""
        return np.clip(self._all(), 0, self._tops[: self.count])

    def _all(self) -> Doubles:
        t = np.zeros(self.count)
        outside = self._outside < self.count
        t[self._outside[outside]] = np.where(self._at_top[outside], self._tops[self._outside[outside]], 0.0)
        inside = self._basic < self.count
        t[self._basic[inside]] = self._values[inside]
        return t

    def prices(self) -> Doubles:
        """What one more of each row's need, scaled as `add` scales rows, would cost: float64 [rows]; not negative."""
        found = np.zeros(len(self._basic))
        slack = self._outside >= self.count
        found[self._outside[slack] - self.count] = np.maximum(self._reduced[slack], 0)
        return found


def cheapest(
    gains: Rows, needs: Doubles, costs: Doubles, tops: Doubles, shared: list[NDArray[np.intp]]
) -> tuple[Doubles | None, dict[int, float], list[int]]:
    """The cheapest t [N] with gains [R, N] t >= needs [R], 0 <= t <= tops, and at most 1 in all of every `shared` set; or None.

    Rows join as they are short of their need. Also the price of every row of `gains` that joined, in its own units, and these rows.
    """
    program, joined, scales, sets = LinearProgram(costs, tops), [], {}, set()
    order: list[int] = []
    found = True
    while True:
        t = program.solution()
        lacking = needs - gains @ t
        new = [int(r) for r in np.argsort(-lacking.astype(np.float32), kind="stable")[:3] if lacking[r] > 1e-7]
        new = [r for r in new if r not in scales]
        crowded = [i for i, members in enumerate(shared) if i not in sets and t[members].sum() > 1 + 1e-9]
        if not new and not crowded:
            break
        for r in new:
            row = gains[r]
            scales[r] = max(float(np.abs(row).max(initial=0)), 1e-12)
            program.add(row, float(needs[r]))
            order.append(r)
            joined.append(r)
        for i in crowded:
            sets.add(i)
            row = np.zeros(len(costs))
            row[shared[i]] = -1
            program.add(row, -1.0)
            order.append(-1)
        found = program.solve()
        if not found:
            break
    prices = program.prices()
    told = {r: float(prices[place]) / scales[r] for place, r in enumerate(order) if r >= 0}
    return (program.solution() if found else None), told, joined
