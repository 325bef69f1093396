"""What so many moves can gain at most over some rivals: the bound by which choices are ruled out.

For given inverse norms what moves add to a lead is linear. The chosen moves with so many more of the allowed ones confine the
inverse norms to a box; the fewer moves are left to choose from, the smaller it is. The most that moves can do, for a rival, is at
one of its corners: the lead is linear in the inverse norms as well. Without norms there is one corner.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from zslviz.tasks.attributes.what_would_it_take.boxes import CORNERS, LEAST_SQUARE
from zslviz.tasks.attributes.what_would_it_take.leaves import Leaves
from zslviz.tasks.attributes.what_would_it_take.moves import Doubles, Indices

_NEAR = 1e-9
_ONE = np.ones((1, 1))


class Frame:
    """Rivals, and, if it is to be `mixed`, the weighted mean of all, over which moves gain."""

    def __init__(self, leaves: Leaves, rivals: Indices, mixed: bool = True) -> None:
        problem = leaves.problem
        self.leaves, self.moves, self.cosine = leaves, leaves.moves, problem.cosine
        if not problem.cosine:
            added, leads = leaves.gains[rivals], leaves.leads[rivals]
            if mixed and leaves.mixture is not None:
                added = np.vstack([added, leaves.mixture @ leaves.gains])
                leads = np.append(leads, leaves.mixture @ leaves.leads)
            self.added, self.base, self.needs = added[None], leads[None], np.full(len(leads), problem.least)
            return
        added, fixed, base = leaves.rows(rivals), problem.fixed[rivals], problem.base[:, rivals]
        if mixed and leaves.mixed is not None:
            mix = leaves.mixed
            added = np.concatenate([added, mix.added[:, None]], axis=1)
            fixed, base = np.append(fixed, mix.fixed), np.column_stack([base, mix.base])
        self.added, self.base, self.needs = added, base, problem.least - fixed

    def bound(self, chosen: Sequence[int], allowed: Indices, left: int) -> Bound:
        """By the chosen moves and so many (left) more of the allowed ones [N]."""
        count = len(allowed)
        which = np.concatenate([allowed, np.array(chosen, np.intp)]) if chosen else allowed
        units = self.moves.units[allowed]
        runs = np.flatnonzero(np.diff(units, prepend=units[0] - 1)) if count else allowed
        by = self._factors(which, count, runs, left)  # [C, G]
        granularities, rivals = self.base.shape
        gains = (by @ self.added[:, :, which].reshape(granularities, -1)).reshape(len(by), rivals, len(which))
        np.maximum(gains, 0, out=gains)
        short = self.needs - by @ self.base - gains[:, :, count:].sum(axis=2)
        return Bound(gains, short, runs, count, left)

    def _factors(self, which: Indices, count: int, runs: Indices, left: int) -> Doubles:
        """How often each granularity's products count, at every corner: [C, G]. runs: where units begin among the allowed."""
        if not self.cosine:
            return _ONE
        problem, (least, most) = self.leaves.problem, self.leaves.norms.swings
        least, most = least[:, which], most[:, which]
        falls = most_of_units(-least[:, :count], runs, left) - least[:, count:].sum(axis=1)
        rises = most_of_units(most[:, :count], runs, left) + most[:, count:].sum(axis=1)
        squares = np.stack([problem.squares + rises, problem.squares - falls])
        ends = problem.weights / np.sqrt(np.maximum(squares, LEAST_SQUARE))  # [2, G]
        granularities = len(problem.weights)
        return np.asarray(ends[CORNERS[granularities], np.arange(granularities)])


@dataclass
class Bound:
    """gains: [C, Q, N + chosen], not negative, of the allowed moves and then of the chosen ones. short: [C, Q], what is needed
    besides what the chosen gain. runs: where units begin among the allowed.
    """

    gains: Doubles
    short: Doubles
    runs: Indices
    count: int
    left: int

    @cached_property
    def own(self) -> Doubles:
        """Of the allowed moves: [C, Q, N]."""
        return self.gains[:, :, : self.count]

    def fits(self) -> NDArray[np.bool_]:
        """With which of the allowed moves every rival could be beaten, at one corner at least: [N]."""
        above = most_of_units(self.own, self.runs, self.left - 1)
        return np.asarray((self.own >= (self.short - above - _NEAR)[:, :, None]).any(axis=0).all(axis=0))

    def most(self) -> Doubles:
        """What as many moves as are left gain at most: [C, Q]."""
        return most_of_units(self.own, self.runs, self.left)


def most_of_units(gains: Doubles, runs: Indices, count: int) -> Doubles:
    """Sums of the `count` largest of gains [..., N], not negative, of every unit one: [...]. runs: where units begin."""
    if not count or not gains.shape[-1]:
        return np.zeros(gains.shape[:-1])
    if len(runs) < gains.shape[-1]:
        gains = np.maximum.reduceat(gains, runs, axis=-1)
    if count == 1:
        return np.asarray(gains.max(axis=-1))
    if count < gains.shape[-1]:
        gains = np.partition(gains, gains.shape[-1] - count, axis=-1)[..., -count:]
    return np.asarray(gains.sum(axis=-1))
