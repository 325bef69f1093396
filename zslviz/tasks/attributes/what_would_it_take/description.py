"""How a class would have to be described to win: only its own score moves, so all rivals are one number to pass.

With u the fused attribute vector, q the row of the class and T what its score must reach, a win is <u, q> >= T |q| (`dot`,
`cosine`), <u, q> >= T (`table`), or the same with 1 for every q_a above its threshold (`binary`). For T > 0,

    -T |q| = max over n > 0 of -T (|q|^2 / (2 n) + n / 2),

and for given n every move gains by itself: with the best part of each the k largest gains are the most that k moves can do. So k
moves suffice if some n says so. That none does is proved on whole stretches of n: without -T n / 2 all of it rises with n.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zslviz.tasks.attributes.what_would_it_take.fewest import Blocked, Choice
from zslviz.tasks.attributes.what_would_it_take.moves import Doubles, Indices, Moves
from zslviz.tasks.attributes.what_would_it_take.problem import Problem

_GRID = 65  # places of n
_FINER = 40  # steps around the best of them
_STRETCHES = 600
_HALVINGS = 30
_CONVEX = 12  # moves that are added one by one where T is not above 0


@dataclass(frozen=True, eq=False)
class Described:
    """The class at `target` of a problem, described by `row` [A] and changed by moves."""

    problem: Problem
    moves: Moves
    row: Doubles

    @cached_property
    def kind(self) -> str:
        return str(self.problem.explanation.rule.kind)

    @cached_property
    def pull(self) -> Doubles:
        """u: float64 [A]."""
        return np.asarray(self.problem.explanation.rule.fuse(self.problem.scores), dtype=np.float64)

    @cached_property
    def goal(self) -> float:
        """T."""
        return float(self._ahead.max()) + self.problem.least

    @cached_property
    def _ahead(self) -> Doubles:
        """The scores of all rivals, with what the handicaps of both change: float64 [R]."""
        return np.asarray(self.problem.rows[self.problem.rivals] @ self.pull - self.problem.fixed)

    # -- exact ------------------------------------------------------------------------------------------------------------

    def rows_after(self, chosen: Indices, amounts: Doubles) -> Doubles:
        """The row when each of these moves alone is made so much: [n, A]."""
        return np.stack([self.row + self.moves.change([j], [t]) for j, t in zip(chosen, amounts, strict=True)])

    def lead(self, rows: Doubles) -> Doubles:
        """The least lead over all rivals with these rows [..., A]: [...]."""
        goal = self.goal - self.problem.least
        if self.kind == "binary":
            return np.asarray((rows > self._thresholds) @ self.pull - goal)
        if self.kind == "table":
            return np.asarray(rows @ self.pull - goal)
        lengths = np.sqrt((rows**2).sum(axis=-1))
        return np.asarray(rows @ self.pull / np.where(lengths > 0, lengths, 1.0) - goal)

    @cached_property
    def _thresholds(self) -> Doubles:
        return np.asarray(self.problem.explanation.rule.thresholds, dtype=np.float32).astype(np.float64)

    # -- the search -------------------------------------------------------------------------------------------------------

    def fewest(self, allowed: Indices) -> Choice | Blocked:
        """The fewest of the allowed moves that make the class first."""
        first = int(np.argmax(self._ahead.astype(np.float32)))
        if not len(allowed):
            return Blocked(first, True)
        if self.kind in ("dot", "cosine"):
            return (self._curved if self.goal > 0 else self._convex)(allowed, first)
        return self._flat(allowed, first)

    def _flat(self, allowed: Indices, first: int) -> Choice | Blocked:
        """Gains that do not depend on each other: the largest ones."""
        start = float(self.lead(self.row))
        gains = self.lead(self.rows_after(allowed, np.ones(len(allowed)))) - start
        order, total = self._largest(allowed, gains), start
        for count, place in enumerate(order, start=1):
            if gains[place] <= 0:
                break
            total += float(gains[place])
            if total >= self.problem.least:
                chosen = sorted(int(allowed[p]) for p in order[:count])
                return Choice(tuple(chosen), self._shrunk(chosen, np.ones(count)), True)
        return Blocked(first, True)

    def _largest(self, allowed: Indices, gains: Doubles) -> list[int]:
        """Places of `allowed` by falling gain, of every unit the best."""
        order, units, found = np.lexsort((allowed, -gains.astype(np.float32))), set(), []
        for place in order:
            unit = int(self.moves.units[allowed[place]])
            if unit not in units:
                units.add(unit)
                found.append(int(place))
        return found

    def _gains(self, allowed: Indices, n: Doubles) -> tuple[Doubles, Doubles]:
        """For every n [N] what each move gains at its best part, and that part: [N, J] and [N, J]."""
        moves = self.moves.take(allowed)
        pull, along, square = moves.gains(self.pull), moves.gains(self.row), moves.sums(moves.steps**2)
        if moves.whole:
            part = np.ones((len(n), len(allowed)))
        else:
            part = np.clip((n[:, None] * pull / self.goal - along) / np.maximum(square, 1e-300), 0, 1)
        return part * pull - self.goal / (2 * n[:, None]) * (2 * part * along + part**2 * square), part

    def _most(self, allowed: Indices, n: Doubles) -> Doubles:
        """The most that 0, 1, 2, ... moves can reach of <u, q> - T |q|, for every n: [N, units + 1]."""
        gains = np.maximum(self._gains(allowed, n)[0], 0)
        _, units = np.unique(self.moves.units[allowed], return_inverse=True)
        best = np.zeros((len(n), int(units.max()) + 1))
        for place, unit in enumerate(units):
            best[:, unit] = np.maximum(best[:, unit], gains[:, place])
        start = self.row @ self.pull - self.goal * ((self.row**2).sum() / (2 * n) + n / 2)
        falling = -np.sort(-best, axis=1)
        return np.concatenate([start[:, None], start[:, None] + np.cumsum(falling, axis=1)], axis=1)

    def _ends(self) -> tuple[float, float]:
        """The least and the most that |q| can be."""
        low, high = self.row + self.moves.lowest, self.row + self.moves.highest
        least = np.where((low <= 0) & (high >= 0), 0.0, np.minimum(np.abs(low), np.abs(high)))
        most = np.sqrt((np.maximum(np.abs(low), np.abs(high)) ** 2).sum())
        return max(float(np.sqrt((least**2).sum())), 1e-6), max(float(most), 2e-6)

    def _curved(self, allowed: Indices, first: int) -> Choice | Blocked:
        low, high = self._ends()
        grid = np.geomspace(low, high, _GRID)
        table = self._most(allowed, grid)  # rises with the number of moves
        enough = np.flatnonzero((table >= 0).any(axis=0))
        k = max(int(enough[0]) if len(enough) else table.shape[1] - 1, 1)
        while k > 1 and self._best_n(allowed, grid, table[:, k - 1], k - 1)[1] >= 0:
            k -= 1
        for count in range(k, table.shape[1]):
            at, value = self._best_n(allowed, grid, table[:, count], count)
            found = self._at(allowed, at, count) if value >= 0 else None
            if found is not None:
                return Choice(*found, count == 1 or self._never(allowed, count - 1, low, high))
        return Blocked(first, self._never(allowed, table.shape[1] - 1, low, high))

    def _best_n(self, allowed: Indices, grid: Doubles, values: Doubles, k: int) -> tuple[float, float]:
        place = int(np.argmax(values.astype(np.float32)))
        if values[place] >= 0:
            return float(grid[place]), float(values[place])
        low, high = float(grid[max(place - 1, 0)]), float(grid[min(place + 1, len(grid) - 1)])
        for _ in range(_FINER):
            thirds = np.array([(2 * low + high) / 3, (low + 2 * high) / 3])
            one, other = self._most(allowed, thirds)[:, k]
            if max(one, other) >= 0:
                return float(thirds[0 if one >= other else 1]), float(max(one, other))
            low, high = (float(thirds[0]), high) if one < other else (low, float(thirds[1]))
        return low, float(self._most(allowed, np.array([low]))[0, k])

    def _at(self, allowed: Indices, n: float, k: int) -> tuple[tuple[int, ...], Doubles] | None:
        """The k moves that gain most for this n, if they win."""
        gains, parts = (found[0] for found in self._gains(allowed, np.array([n])))
        places = sorted(self._largest(allowed, np.maximum(gains, 0))[:k])
        chosen, amounts = [int(allowed[p]) for p in places], parts[places]
        if float(self.lead(self.row + self.moves.change(chosen, amounts))) < self.problem.least:
            return None
        return tuple(chosen), self._shrunk(chosen, amounts)

    def _never(self, allowed: Indices, k: int, low: float, high: float) -> bool:
        """Whether it is proved that k moves cannot do it, for no n between the ends."""
        stretches, looked = [(low, high)], 0
        while stretches:
            ends = np.array(stretches)
            looked += len(ends)
            if looked > _STRETCHES:
                return False
            most = self._most(allowed, ends[:, 1])[:, k] + self.goal * (ends[:, 1] - ends[:, 0]) / 2
            open_ = ends[most >= 0]
            if len(open_) and float((open_[:, 1] - open_[:, 0]).max()) < 1e-9 * high:
                return False
            middles = open_.mean(axis=1)
            stretches = [*zip(open_[:, 0], middles, strict=True), *zip(middles, open_[:, 1], strict=True)]
        return True

    def _convex(self, allowed: Indices, first: int) -> Choice | Blocked:
        """Where T is not above 0, whole moves do most: one by one. Only that one does not suffice is proved."""
        chosen: list[int] = []
        left = allowed
        while len(left) and len(chosen) < _CONVEX:
            made = self.moves.change(chosen, [1.0] * len(chosen))
            leads = self.lead(self.rows_after(left, np.ones(len(left))) + made)
            best = int(left[int(np.argmax(leads.astype(np.float32)))])
            chosen.append(best)
            if leads.max() >= self.problem.least:
                ordered = sorted(chosen)
                return Choice(tuple(ordered), self._shrunk(ordered, np.ones(len(ordered))), len(ordered) <= 2)
            left = left[self.moves.units[left] != self.moves.units[best]]
        return Blocked(first, False)

    def _shrunk(self, chosen: list[int], amounts: Doubles) -> Doubles:
        """Less of the same moves: all by one factor, then each alone, while the class stays first."""
        if self.moves.whole:
            return amounts
        t = np.asarray(amounts, dtype=np.float64)
        for which in [slice(None), *range(len(chosen))]:
            low, high = 0.0, 1.0
            for _ in range(_HALVINGS):
                middle = (low + high) / 2
                low, high = (low, middle) if self._wins(chosen, _scaled(t, which, middle)) else (middle, high)
            t = _scaled(t, which, high)
        return t

    def _wins(self, chosen: list[int], t: Doubles) -> bool:
        return bool(self.lead(self.row + self.moves.change(chosen, t)) >= self.problem.least)


def _scaled(t: Doubles, which: Any, factor: float) -> NDArray[np.float64]:
    scaled = t.copy()
    scaled[which] *= factor
    return scaled
