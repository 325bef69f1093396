"""All choices of one number of moves that bounds leave, judged one by one: branch and bound.

A choice of k moves can only win if against every rival the k largest gains cover what is needed; so with any weighted mean of
rivals. Branching takes the rival with the fewest moves that gain at least their share of what is needed: one of these must be among
the chosen (pigeonhole). The last two moves are looked for together, so that many choices are ruled out by one look.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from zslviz.tasks.attributes.what_would_it_take.frame import Bound, Frame
from zslviz.tasks.attributes.what_would_it_take.leaves import Leaves
from zslviz.tasks.attributes.what_would_it_take.moves import Doubles, Indices

_RIVALS, _HARD = 20, 6  # that branches are judged by; of cosine rules
_NODES, _LEAVES = 160, 80  # of one number of moves
_MORE = 4  # leaves after the first that wins, for a cheaper one
_TOGETHER = 96  # choices that are looked at together
_NEAR = 1e-9
Found = tuple[tuple[int, ...], Doubles]


def hardest_rivals(leaves: Leaves) -> Indices:
    """Those that bounds go by: of who is ahead the hardest, and those of the mixture."""
    return leaves.hardest[: min(leaves.ahead, _HARD if leaves.problem.cosine else _RIVALS)]


class Branching:
    """apart: whether some moves may go together, by the ways that were found before."""

    def __init__(self, leaves: Leaves, apart: Callable[[Sequence[int]], bool]) -> None:
        self.leaves, self.moves, self.problem, self._apart = leaves, leaves.moves, leaves.problem, apart
        self._best: tuple[float, tuple[int, ...], Doubles] | None = None
        self._failed: list[list[int]] = []
        self._nodes = self._left = 0
        self._whole = True
        hard, mixture = hardest_rivals(leaves), leaves.mixture
        self._one = Frame(leaves, hard[: 0 if mixture is not None else 1])
        if mixture is not None:
            priced = np.flatnonzero(mixture)
            hard = np.unique(np.append(hard, priced[leaves.needs[priced] > 0]))
        self._frame = Frame(leaves, hard)

    def of_size(self, k: int, allowed: Indices, less: int) -> tuple[Found | None, bool]:
        """The cheapest winning choice of k moves, two at least, that is met, and whether all were ruled out where there is none.

        less: times less is looked at, where nothing would be proved by it.
        """
        # the mixture alone, or the hardest rival, often says that these are too few
        allowed = allowed[self._one.bound([], allowed, k).fits()]
        self._nodes, self._left, self._whole, self._failed = _NODES // less, _LEAVES // less, True, []
        self._best = None
        if len(allowed):
            self._visit([], allowed, k)
        best: tuple[float, tuple[int, ...], Doubles] | None = self._best
        if best is None and self._whole and self._failed:
            self._whole = self.leaves.boxes.impossible(np.array(self._failed))
        return (None if best is None else best[1:]), self._whole

    def _visit(self, chosen: list[int], allowed: Indices, left: int) -> None:
        if self._nodes <= 0 or self._left <= 0:
            self._whole = False
            return
        self._nodes -= 1
        bound = self._frame.bound(chosen, allowed, left)
        fits = bound.fits()
        if not fits.all():  # what does not fit fits nowhere below, nor counts among the largest
            allowed = allowed[fits]
            if not len(allowed):
                return
            bound = self._frame.bound(chosen, allowed, left)
        share = np.asarray((bound.own >= (bound.short / left - _NEAR)[:, :, None]).any(axis=0))  # [Q, N]
        rival = int(np.argmin(share.sum(axis=1)))
        branches = np.flatnonzero(share[rival])
        weight = bound.own[:, rival, branches].max(axis=0).astype(np.float32)
        branches = branches[np.lexsort((branches, -weight))]
        if left == 2:
            self._end(chosen, allowed, bound, branches)
            return
        later = np.ones(len(allowed), bool)
        for place in branches.tolist():
            if self._nodes <= 0 or self._left <= 0:
                self._whole = False
                return
            j = int(allowed[place])
            if self._apart([*chosen, j]):
                others = allowed[later & (self.moves.units[allowed] != self.moves.units[j])]
                self._visit([*chosen, j], others, left - 1)
            later[place] = False

    # -- the last two moves -----------------------------------------------------------------------------------------------

    def _end(self, chosen: list[int], allowed: Indices, bound: Bound, branches: Indices) -> None:
        """Judges the choices of which one of these branches and another allowed move are the last two."""
        if len(branches) > self._nodes:
            branches, self._whole = branches[: self._nodes], False
        self._nodes -= len(branches)
        pairs = self._pairs(allowed, bound, branches)
        which = np.append(allowed, np.array(chosen, np.intp))
        for start in range(0, len(pairs), _TOGETHER):
            if self._left <= 0:
                self._whole = False
                return
            some = pairs[start : start + _TOGETHER]
            places = np.column_stack([np.tile(np.arange(len(allowed), len(which)), (len(some), 1)), some])
            least = self._least_costs(bound, which, places)
            able = least <= (np.inf if self._best is None else self._best[0])
            able[able] = self.leaves.boxes.possible(which[places[able]])
            order = np.flatnonzero(able)[np.argsort(least[able], kind="stable")]
            hopeless = self.leaves.hopeless(which[places[order]])
            for place, none in zip(order.tolist(), hopeless.tolist(), strict=True):
                now = which[places[place]].tolist()
                if not self._apart(now):
                    continue
                if self._left <= 0:
                    self._whole = False
                    return
                if self._best is None or least[place] <= self._best[0]:
                    self._judge(now, none)

    def _least_costs(self, bound: Bound, which: Indices, places: Indices) -> NDArray[np.float32]:
        """The least that these choices [P, k] cost if they win: the dearest rival's, at the corner where it is cheapest.

        Of one rival alone, amounts would have to cover its need: the dual of that program is tried at all its corners.
        """
        costs, needs = self.moves.costs[which], bound.short + bound.gains[:, :, bound.count :].sum(axis=2)
        gains = [bound.gains[:, :, column] for column in places.T]  # k of [C, Q, P]
        own = costs[places.T]
        found = np.zeros(gains[0].shape)
        for gain, cost in zip(gains, own, strict=True):
            price = cost / np.maximum(gain, _NEAR)
            worth = price * needs[:, :, None]
            for other, its in zip(gains, own, strict=True):
                if other is not gain:
                    worth -= np.maximum(price * other - its, 0)
            np.maximum(found, worth, out=found)
        return np.asarray(found.min(axis=0).max(axis=0, initial=0)).astype(np.float32)

    def _pairs(self, allowed: Indices, bound: Bound, branches: Indices) -> Indices:
        """The places, among the allowed moves, of the last two that bounds leave, in the order of looking at them: [P, 2]."""
        turn = np.full(len(allowed), len(branches))
        turn[branches] = np.arange(len(branches))
        units = self.moves.units[allowed]
        able = (turn > np.arange(len(branches))[:, None]) & (units[branches][:, None] != units)  # [B, N]
        most, short = (
            bound.own.max(axis=0),
            bound.short.min(axis=0) - _NEAR,
        )  # at the best corner: that says enough of most
        able &= (most[:, branches, None] + most[:, None] >= short[:, None, None]).all(axis=0)
        first, second = np.nonzero(able)
        order = np.lexsort((second, -most[0, second].astype(np.float32), first))
        one, other = branches[first[order]], second[order]
        fits = (
            (bound.own[:, :, one] + bound.own[:, :, other] >= (bound.short - _NEAR)[:, :, None]).any(axis=0).all(axis=0)
        )
        return np.stack([one[fits], other[fits]], axis=1)

    def _judge(self, chosen: list[int], hopeless: bool) -> None:
        self._left -= 1
        ordered = sorted(chosen)
        amounts = None if hopeless else self.leaves.amounts(ordered)
        if amounts is None:
            if self.problem.cosine:  # that nothing was found proves nothing there
                self._failed.append(ordered)
            return
        cost = float(np.float32(self.moves.costs[ordered] @ amounts))
        if self._best is None:
            self._left = min(self._left, _MORE)
        if self._best is None or (cost, tuple(ordered)) < self._best[:2]:
            self._best = cost, tuple(ordered), amounts
