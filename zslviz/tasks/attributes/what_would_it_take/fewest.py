"""The fewest moves that make a class win against all rivals at once: branch and bound.

A choice of k moves can only win if against every rival the k largest gains cover what is needed; so with any weighted mean of
rivals, and the prices of the linear relaxation make the one that is hardest to cover with few. Branching takes the rival with the
fewest moves that gain at least their share of what is needed: one of these must be among the chosen (pigeonhole). Leaves are judged
exactly (`leaves.py`).

For cosine rules the gains hold for given inverse norms. k moves confine these to a box, in which the most that choices can gain is
at a corner: a rival counts as covered if it is at one corner at least.

`proved` is said if every smaller number of moves has been ruled out whole. Of answers of one size the least change in standard
steps is taken, among those that were met.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zslviz.tasks.attributes.what_would_it_take.frame import Frame, tops_of
from zslviz.tasks.attributes.what_would_it_take.leaves import CORNERS, Leaves
from zslviz.tasks.attributes.what_would_it_take.moves import Doubles, Indices
from zslviz.tasks.attributes.what_would_it_take.simplex import cheapest
from zslviz.tasks.attributes.what_would_it_take.singles import winning_singles

_RIVALS, _HARD = 20, 6  # that branches are judged by; of cosine rules
_NODES, _LEAVES = 160, 80  # of one number of moves
_LESS = 8  # times less where no proof is left
_MORE = 4  # leaves after the first that wins, for a cheaper one
_TURNS = 4  # of the relaxation, over the norms
_TOGETHER = 24  # moves that are looked at together as the last one
_TIGHTER = 2  # times that the largest gains are looked for again
_LARGEST, _LARGEST_BY_NORMS = 14, 8  # moves that are searched through; of cosine rules


@dataclass(frozen=True, eq=False)
class Choice:
    """Moves with their amounts; proved: that no smaller number of moves wins; no_single: that one alone does not.

    change: float64 [A], where values change otherwise than by the moves; these are then those of the attributes that change.
    """

    chosen: tuple[int, ...]
    amounts: Doubles
    proved: bool
    no_single: bool = False
    change: Doubles | None = None


@dataclass(frozen=True)
class Blocked:
    """Nothing was found. rival: the place of one that stays ahead; proved: that nothing can beat it with the others."""

    rival: int
    proved: bool
    no_single: bool = False


class FewestSearch:
    """The search for one way. earlier: groups of the ways before, of which at most one may be shared with each."""

    def __init__(self, leaves: Leaves, allowed: Indices, earlier: Sequence[frozenset[int]] = ()) -> None:
        self.leaves, self.moves, self.problem = leaves, leaves.moves, leaves.problem
        self.allowed, self.earlier = allowed, earlier
        self._best: tuple[float, tuple[int, ...], Doubles] | None = None
        self._failed: list[list[int]] = []

    def run(self) -> Choice | Blocked:
        """The fewest moves, or who is in the way."""
        self.leaves.mix_with(None)  # of a search before, with other moves
        singles = winning_singles(self.leaves, self.allowed)
        if len(singles.which):
            return Choice((int(singles.which[0]),), singles.amounts[:1], True)
        no_single = self.leaves.impossible(singles.doubtful[:, None])
        two, no_two = self._of_size(2, 1) if self.problem.cosine and no_single else (None, False)
        if two is not None:  # often that is all; then nothing is relaxed
            return Choice(*two, no_single, no_single)
        relaxed = self._relaxed()
        if isinstance(relaxed, Blocked):
            return self._blocked() or relaxed
        lowest, rough = relaxed
        if rough is None and (blocked := self._blocked()):
            return blocked
        proved, lowest = no_single, lowest + no_two
        units = len(np.unique(self.moves.units[self.allowed]))
        largest = _LARGEST_BY_NORMS if self.problem.cosine else _LARGEST
        most = min(largest, units if rough is None else len(rough.chosen))
        for k in range(lowest, most + 1):
            found, whole = self._of_size(k, 1 if proved else _LESS)
            if found is not None:
                return Choice(*found, proved, no_single)
            if rough is None or k < len(rough.chosen):
                proved = proved and whole
        if rough is not None:
            return Choice(rough.chosen, rough.amounts, proved and len(rough.chosen) <= max(lowest, most + 1), no_single)
        return Blocked(int(self.leaves.hardest[0]), False, no_single)

    # -- bounds -----------------------------------------------------------------------------------------------------------

    def _blocked(self) -> Blocked | None:
        """A rival that all moves together cannot beat, of the hardest ones; what others block, linear programs say."""
        rivals = self.leaves.hardest[: _HARD if self.problem.cosine else _RIVALS]
        frame = self._frame(len(np.unique(self.moves.units[self.allowed])), rivals, mixed=False)
        short = (frame.needs - frame.by_unit.sum(axis=2)).min(axis=1)
        worst = int(np.argmax(short.astype(np.float32)))
        return Blocked(int(self.leaves.hardest[worst]), True) if short[worst] > 0 else None

    def _relaxed(self) -> tuple[int, Choice | None] | Blocked:
        """A lower bound of the number of moves from the relaxation (of linear rules), and the moves that it takes, if they win."""
        problem, every = self.problem, len(self.allowed) == len(self.moves)
        moves = self.moves if every else self.moves.take(self.allowed)
        x, ones, shared = np.zeros_like(problem.values), np.ones(len(self.allowed)), moves.shared
        rough, chosen = None, list[int]()
        for _ in range(_TURNS if problem.cosine else 1):
            leads, gains = problem.linear(problem.inverse_norms(x), moves)
            t, prices, joined = cheapest(gains, problem.least - leads, ones, ones, shared)
            if t is None:
                if problem.cosine or rough is not None:
                    break
                return Blocked(self._most_priced(prices, joined), True)
            if sum(prices.values()) > 0:
                mixture = np.zeros(len(leads))
                for rival, price in prices.items():
                    mixture[rival] = price / sum(prices.values())
                self.leaves.mix_with(mixture)
            on = np.flatnonzero(t > 1e-9)
            on = on[np.lexsort((on, -t[on].astype(np.float32)))]
            _, first = np.unique(moves.units[on], return_index=True)  # of every unit the move that is made most
            before, chosen = chosen, sorted(int(j) for j in self.allowed[on[first]])
            if chosen == before:
                break
            if rough is None or len(chosen) < len(rough.chosen):
                rough = self._judged(chosen) or rough
            x = moves.change(on, t[on])
        if rough is None:
            rough = self._greedy()
        bound = 2 if problem.cosine or t is None else max(2, int(np.ceil(float(t.sum()) - 1e-6)))
        return bound, rough

    def _judged(self, chosen: list[int]) -> Choice | None:
        amounts = self.leaves.amounts(chosen) if self._apart(chosen) else None
        return None if amounts is None else Choice(tuple(chosen), amounts, False)

    def _greedy(self) -> Choice | None:
        """One move after the other, whole, that takes the least lead furthest; then without those that are not needed."""
        chosen: list[int] = []
        left, lead = self.allowed, -np.inf
        while len(left):
            (best,), (ahead,) = self.leaves.furthest_singles(left, 1, chosen)
            if ahead <= lead + 1e-9:
                return None
            lead = float(ahead)
            chosen.append(int(best))
            left = left[self.moves.units[left] != self.moves.units[best]]
            if self.earlier:
                left = np.array([j for j in left if self._apart([*chosen, j])], np.intp)
            if lead >= self.problem.least:
                break
        found = self._judged(sorted(chosen))
        for j in reversed(chosen):
            if found is not None and len(found.chosen) > 1:
                found = self._judged([i for i in found.chosen if i != j]) or found
        return found

    def _most_priced(self, prices: dict[int, float], joined: Sequence[int]) -> int:
        """Of the rivals that cannot be beaten together the one that is furthest ahead."""
        return (
            min(joined, key=lambda r: (-np.float32(self.leaves.needs[r]), r)) if joined else int(self.leaves.hardest[0])
        )

    def _frame(self, most: int, rivals: Indices, mixed: bool = True) -> Frame:
        """What at most so many moves can gain over these rivals, and, if it is to be `mixed`, over the mixture of all."""
        problem, moves, mixture = self.problem, self.moves, self.leaves.mixture if mixed else None
        if not problem.cosine:
            gains, needs = self.leaves.gains[rivals][:, None], self.leaves.needs[rivals][:, None]
            if mixture is not None:
                gains = np.concatenate([gains, (mixture @ self.leaves.gains)[None, None]])
                needs = np.concatenate([needs, [[mixture @ self.leaves.needs]]])
        else:
            falls, rises = (reach[:, :most].sum(axis=1) for reach in self.leaves.norms.reach)
            ends = 1 / np.sqrt(np.maximum(np.stack([problem.squares + rises, problem.squares - falls]), 1e-24))
            added, fixed, base = self.leaves.rows(rivals), problem.fixed[rivals], problem.base[:, rivals]
            mix = self.leaves.mixed if mixed else None
            if mix is not None:
                added = np.concatenate([added, mix.added[:, None]], axis=1)
                fixed, base = np.append(fixed, mix.fixed), np.column_stack([base, mix.base])
            by = problem.weights * ends[CORNERS[len(ends[0])], np.arange(len(ends[0]))]  # [C, G]
            gains = np.einsum("cg,gqj->qcj", by, added)
            needs = problem.least - fixed[:, None] - (by @ base).T
        outside = np.ones(len(moves), bool)
        outside[self.allowed] = False
        gains = np.maximum(gains, 0)
        gains[:, :, outside] = 0
        return Frame(gains, needs, shared=moves.shared, most=most)

    # -- branch and bound -------------------------------------------------------------------------------------------------

    def _apart(self, chosen: Sequence[int]) -> bool:
        if not self.earlier:
            return True
        groups = {int(self.moves.groups[j]) for j in chosen}
        return all(len(groups & one) <= 1 for one in self.earlier)

    def _of_size(self, k: int, less: int) -> tuple[tuple[tuple[int, ...], Doubles] | None, bool]:
        """The cheapest winning choice of k moves that is met, and whether all were ruled out where there is none.

        less: times less is looked at, where nothing would be proved by it.
        """
        hard = self.leaves.hardest[: min(self.leaves.ahead, _HARD if self.problem.cosine else _RIVALS)]
        if self.leaves.mixture is not None:
            priced = np.flatnonzero(self.leaves.mixture)
            hard = np.unique(np.append(hard, priced[self.leaves.needs[priced] > 0]))
        if self.problem.cosine:  # the mixture alone, or the hardest rival, often says that these are too few
            one = self._frame(k, hard[: 0 if self.leaves.mixed else 1])
            if (one.tops[k] < one.needs - 1e-9).all():
                return None, True
        self._frame_now = self._frame(k, hard)
        self._nodes, self._left, self._whole, self._failed = _NODES // less, _LEAVES // less, True, []
        self._best = None
        nothing = np.zeros_like(self._frame_now.needs)
        self._visit([], nothing, nothing, self.allowed, self._frame_now.tops, k)
        best: tuple[float, tuple[int, ...], Doubles] | None = self._best
        if best is None and self._whole and self._failed:
            self._whole = self.leaves.impossible(np.array(self._failed))
        return (None if best is None else best[1:]), self._whole

    def _visit(
        self, chosen: list[int], got: Doubles, rate: Doubles, allowed: Indices, tops: Doubles, left: int
    ) -> None:
        """got: what the chosen moves gain. rate: the most that one of them gains for its cost. Both [Q, C]."""
        if self._nodes <= 0 or self._left <= 0:
            self._whole = False
            return
        self._nodes -= 1
        frame = self._frame_now
        short = (frame.needs - got)[:, :, None]  # [Q, C, 1]
        least = (short[:, :, 0] - tops[left - 1]).min(axis=1)  # at the best corner: that says enough of most moves
        allowed = allowed[(frame.most_gains[:, allowed] >= least[:, None] - 1e-9).all(axis=0)]
        gains = frame.gains[:, :, allowed]
        for _ in range(_TIGHTER):  # what fits neither fits below, nor counts among the largest
            fit = np.asarray((gains + tops[left - 1][:, :, None] >= short - 1e-9).any(axis=1).all(axis=0))
            if fit.all():
                break
            allowed, gains = allowed[fit], gains[:, :, fit]
            if left > 1:
                tops = tops_of(gains, left)
        if not len(allowed):
            return
        share = np.asarray((gains >= short / left - 1e-9).any(axis=1))  # [Q, N]
        rival = int(np.argmin(share.sum(axis=1)))
        branches = allowed[share[rival]]
        weight = gains[rival][:, share[rival]].max(axis=0).astype(np.float32)
        branches = branches[np.lexsort((branches, -weight))]
        if left == 1:
            self._end(chosen, rate, branches[self._cheap_enough(rate, branches)])
            return
        for j in branches.tolist():
            if self._nodes <= 0 or self._left <= 0:
                self._whole = False
                return
            chosen.append(j)
            if self._apart(chosen):
                others, gained = allowed[self.moves.units[allowed] != self.moves.units[j]], frame.gains[:, :, j]
                best = np.maximum(rate, gained / self.moves.costs[j])
                self._visit(chosen, got + gained, best, others, tops, left - 1)
            chosen.pop()
            allowed = allowed[allowed != j]

    def _end(self, chosen: list[int], rate: Doubles, branches: Indices) -> None:
        """Judges the choices that have one of these moves as the last one."""
        for start in range(0, len(branches), _TOGETHER):
            part = branches[start : start + _TOGETHER]
            for j in part[self._able(chosen, part)].tolist():
                now = [*chosen, j]
                if not self._apart(now):
                    continue
                if self._left <= 0:
                    self._whole = False
                    return
                if self._cheap_enough(rate, np.array([j]))[0]:
                    self._judge(now)

    def _cheap_enough(self, rate: Doubles, last: Indices) -> NDArray[np.bool_]:
        """With which of these moves as the last one less could be changed in all than by the best choice so far: [N]."""
        if self._best is None:
            return np.ones(len(last), bool)
        frame = self._frame_now
        best = np.maximum(rate[:, :, None], frame.gains[:, :, last] / self.moves.costs[last])
        costs = (np.maximum(frame.needs, 0)[:, :, None] / np.maximum(best, 1e-300)).min(axis=1).max(axis=0)
        return np.asarray(costs.astype(np.float32) <= self._best[0])

    def _able(self, chosen: list[int], last: Indices) -> NDArray[np.bool_]:
        """Which of these moves could win as the last one: [N]."""
        if self.problem.cosine:
            return self.leaves.possible(
                np.array([[*chosen, j] for j in last], np.intp).reshape(len(last), len(chosen) + 1)
            )
        most = np.maximum(self.leaves.gains[:, chosen], 0).sum(axis=1)
        return np.asarray(
            ((np.maximum(self.leaves.gains[:, last], 0) + most[:, None]) >= self.leaves.needs[:, None]).all(axis=0)
        )

    def _judge(self, chosen: list[int]) -> None:
        self._left -= 1
        ordered = sorted(chosen)
        amounts = self.leaves.amounts(ordered)
        if amounts is None:
            if self.problem.cosine:  # that nothing was found proves nothing there
                self._failed.append(ordered)
            return
        cost = float(np.float32(self.moves.costs[ordered] @ amounts))
        if self._best is None:
            self._left = min(self._left, _MORE)
        if self._best is None or (cost, tuple(ordered)) < self._best[:2]:
            self._best = cost, tuple(ordered), amounts
