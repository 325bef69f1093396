"""The fewest moves that make a class win against all rivals at once: branch and bound.

One move alone is looked for first, then few, then what the linear relaxation of all says: its prices make the weighted mean of
rivals that is hardest to cover with few, and its answer, if it wins, bounds the number from above. Every number of moves in between
is searched through (`branching`), by bounds (`frame`) and by what choices can do (`leaves`, `boxes`).

`proved` is said if every smaller number of moves has been ruled out whole. Of answers of one size the least change in standard
steps is taken, among those that were met.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from zslviz.tasks.attributes.what_would_it_take.branching import Branching, hardest_rivals
from zslviz.tasks.attributes.what_would_it_take.frame import Frame
from zslviz.tasks.attributes.what_would_it_take.leaves import Leaves
from zslviz.tasks.attributes.what_would_it_take.moves import Doubles, Indices
from zslviz.tasks.attributes.what_would_it_take.simplex import cheapest
from zslviz.tasks.attributes.what_would_it_take.singles import winning_singles

_LESS = 8  # times less where no proof is left
_EARLY = {2: 1, 3: 2}  # moves that are tried before anything is relaxed; how many times less is looked at
_TURNS = 4  # of the relaxation, over the norms
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

    def run(self) -> Choice | Blocked:
        """The fewest moves, or who is in the way."""
        self.leaves.mix_with(None)  # of a search before, with other moves
        singles = winning_singles(self.leaves, self.allowed)
        if len(singles.which):
            return Choice((int(singles.which[0]),), singles.amounts[:1], True)
        no_single = self.leaves.boxes.impossible(singles.doubtful[:, None])
        too_few = 1  # of so many moves none wins
        if self.problem.cosine and no_single:  # often so few are all it takes; then nothing is relaxed
            branching = Branching(self.leaves, self._apart)
            for k, less in _EARLY.items():
                found, whole = branching.of_size(k, self.allowed, less)
                if found is not None:
                    return Choice(*found, True, True)
                if not whole:
                    break
                too_few = k
        relaxed = self._relaxed()
        if isinstance(relaxed, Blocked):
            return self._blocked() or relaxed
        lowest, rough = relaxed
        if rough is None and (blocked := self._blocked()):
            return blocked
        proved, lowest = no_single, max(lowest, too_few + 1)
        units = len(np.unique(self.moves.units[self.allowed]))
        largest = _LARGEST_BY_NORMS if self.problem.cosine else _LARGEST
        most = min(largest, units if rough is None else len(rough.chosen))
        branching = Branching(self.leaves, self._apart)
        for k in range(lowest, most + 1):
            found, whole = branching.of_size(k, self.allowed, 1 if proved else _LESS)
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
        units = len(np.unique(self.moves.units[self.allowed]))
        bound = Frame(self.leaves, hardest_rivals(self.leaves), mixed=False).bound([], self.allowed, units)
        short = (bound.short - bound.most()).min(axis=0)
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

    def _apart(self, chosen: Sequence[int]) -> bool:
        if not self.earlier:
            return True
        groups = {int(self.moves.groups[j]) for j in chosen}
        return all(len(groups & one) <= 1 for one in self.earlier)
