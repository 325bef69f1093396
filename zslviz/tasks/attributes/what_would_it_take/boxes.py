"""Proofs that choices of moves cannot win: boxes of their amounts, halved as long as nothing stays ahead all over them.

Within a box the squared norms, which add up move by move, lie between two ends; for given norms a lead is linear in the amounts,
and in the inverse norms it is linear as well, so its most is at a corner of both. Of rules without norms the whole box is enough.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from zslviz.tasks.attributes.what_would_it_take.moves import Doubles, Indices

if TYPE_CHECKING:
    from zslviz.tasks.attributes.what_would_it_take.leaves import Leaves

LEAST_SQUARE = 1e-24
_HARD, _FIRST = 4, 2  # rivals that a box is judged by first; turns, of ever more rivals, that a first look takes
_TURN_ENDS = (0, *(_HARD * 4**turn for turn in range(8)))
NEAREST = _TURN_ENDS[_FIRST]
"""Of the hardest rivals, those whose gains are kept at hand."""
_BOXES = 640
_PAIRS = 2048  # of a box and a rival, that are looked at together
_HALVINGS = 12
CORNERS = {g: np.array(list(itertools.product((0, 1), repeat=g))) for g in range(1, 9)}
"""Of a box of so many inverse norms, by granularities: [2^G, G]; 0 is the low end."""


class Boxes:
    """Choices of moves, many at once."""

    def __init__(self, leaves: Leaves) -> None:
        self.leaves = leaves

    def impossible(self, members: Indices) -> bool:
        """Whether it is proved that none of these choices of k moves [n, k] wins, whatever their amounts. For cosine rules."""
        leaves = self.leaves
        low, high = self._whole_boxes(members)
        for _ in range(_HALVINGS):
            open_ = self._open(members, low, high, self._turns)
            members, low, high = members[open_], low[open_], high[open_]
            if not len(members):
                return True
            if len(members) > _BOXES or leaves.moves.whole:
                return False
            longest = np.argmax(((high - low) * leaves.moves.costs[members]).astype(np.float32), axis=1)[:, None]
            middle = (np.take_along_axis(low, longest, 1) + np.take_along_axis(high, longest, 1)) / 2
            upper, lower = low.copy(), high.copy()
            np.put_along_axis(upper, longest, middle, 1)
            np.put_along_axis(lower, longest, middle, 1)
            members = np.concatenate([members, members])
            low, high = np.concatenate([low, upper]), np.concatenate([lower, high])
        return False

    def possible(self, members: Indices) -> NDArray[np.bool_]:
        """Which of these choices [n, k] a look at all there is to them and some rivals does not rule out: [n]."""
        leaves = self.leaves
        if not leaves.problem.cosine:
            rivals = leaves.hardest[: leaves.ahead]
            most = np.maximum(leaves.gains[rivals[:, None, None], members], 0).sum(axis=2)
            return np.asarray((most >= leaves.needs[rivals][:, None]).all(axis=0))
        turns, number = self._turns[:_FIRST], members.shape[1]
        if number > 1 and not leaves.moves.whole:  # of few, which are left by a bound, all that are ahead at once
            turns = [leaves.hardest[: min(leaves.ahead, _TURN_ENDS[_FIRST])]]
        return self._open(members, *self._whole_boxes(members), turns)

    def _whole_boxes(self, members: Indices) -> tuple[Doubles, Doubles]:
        return np.full(members.shape, 1.0 if self.leaves.moves.whole else 0.0), np.ones(members.shape)

    @cached_property
    def _turns(self) -> list[Indices]:
        """The rivals, some hard ones at a time."""
        leaves = self.leaves
        ends = [*(end for end in _TURN_ENDS if end < len(leaves.hardest)), len(leaves.hardest)]
        return [leaves.hardest[start:end] for start, end in itertools.pairwise(ends)]

    def _open(self, members: Indices, low: Doubles, high: Doubles, turns: Sequence[Indices]) -> NDArray[np.bool_]:
        """In which boxes no rival, nor the mixture, is known to stay ahead: the hardest rivals first.

        Where nothing need be changed (low is 0), only rivals that are ahead now can stay ahead of all there is.
        """
        leaves = self.leaves
        open_, left, met = np.zeros(len(members), bool), np.arange(len(members)), 0
        for turn, rivals in enumerate(turns):
            if turn > 0 and met >= leaves.ahead:
                changed = low[left].any(axis=1)
                open_[left[~changed]] = True
                left = left[changed]
            if len(left):
                left = left[~self._beaten(members[left], low[left], high[left], rivals, turn)]
            met += len(rivals)
        open_[left] = True
        return open_

    def _beaten(self, members: Indices, low: Doubles, high: Doubles, rivals: Indices, turn: int) -> NDArray[np.bool_]:
        """Whether some of these rivals, or (in the first turn) the mixture of all, stays ahead all over each box: [n]."""
        leaves = self.leaves
        problem, mix = leaves.problem, leaves.mixed if turn == 0 else None
        fixed, base = problem.fixed[rivals], problem.base[:, rivals]
        if turn < _FIRST:
            start = _TURN_ENDS[turn]
            own = leaves.near[:, start : start + len(rivals)][:, :, members]  # [G, R, n, k]
        else:
            own = leaves.added(members.ravel())[:, rivals].reshape(len(base), len(rivals), *members.shape)
        if mix is not None:
            own = np.concatenate([own, mix.added[:, None, members]], axis=1)
            fixed, base = np.append(fixed, mix.fixed), np.column_stack([base, mix.base])
        if low.any() or not (high == 1).all():
            least, most = leaves.norms.span(members, low, high)  # [G, n, k]
        else:
            least, most = (swing[:, members] for swing in leaves.norms.swings)
        squares = np.stack([most.sum(axis=2), least.sum(axis=2)]) + problem.squares[:, None]
        ends = problem.weights[:, None] / np.sqrt(np.maximum(squares, LEAST_SQUARE))  # [2, G, n]
        products = base[:, :, None] + np.einsum("grnk,nk->grn", own, high)
        leads = np.maximum(products * ends[0, :, None], products * ends[1, :, None]).sum(axis=0) + fixed[:, None]
        rival, box = np.nonzero(leads < problem.least)  # elsewhere whole moves do it
        beaten = np.zeros(len(members), bool)
        most = _most(own[:, rival, box], base[:, rival], ends[:, :, box], low[box], high[box])
        beaten[box[most + fixed[rival] < problem.least]] = True
        return beaten


def _most(own: Doubles, base: Doubles, ends: Doubles, low: Doubles, high: Doubles) -> Doubles:
    """The most of sum_g n_g (base_g + sum_j own_gj t_j): own [G, P, k], base [G, P]; in P boxes of n [2, G, P] and t [P, k]."""
    granularities, count = len(base), low.shape[1]
    most = np.full(len(low), -np.inf)
    if count < granularities:  # fewer corners of the amounts; at each, every norm takes the end that helps
        for corner in itertools.product((low, high), repeat=count):
            products = base.copy()
            for j, amounts in enumerate(corner):
                products += own[:, :, j] * amounts[:, j]
            np.maximum(most, np.maximum(products * ends[0], products * ends[1]).sum(axis=0), out=most)
        return most
    corners = CORNERS[granularities]
    for start in range(0, len(low), _PAIRS):
        at = slice(start, start + _PAIRS)
        by = ends[corners, np.arange(granularities), at]  # [C, G, P]
        slopes = np.einsum("cgp,gpk->cpk", by, own[:, at])
        some = np.einsum("cgp,gp->cp", by, base[:, at]) + np.maximum(slopes * low[at], slopes * high[at]).sum(axis=2)
        most[at] = some.max(axis=0)
    return most
