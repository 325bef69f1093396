"""What some chosen moves can do: whether they win, at what least cost, and a proof where they cannot.

Of linear rules a linear program in the amounts of the chosen moves says both. Of cosine rules the program is solved for the norms
at the last answer, again and again, and each answer is judged by the exact leads. The proof halves boxes of amounts: within one,
the squared norms, which add up move by move, lie between two ends; for given norms a lead is linear in the amounts, and in the
inverse norms it is linear as well, so its most is at a corner of both.
"""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from zslviz.tasks.attributes.what_would_it_take.moves import Doubles, Indices, Moves
from zslviz.tasks.attributes.what_would_it_take.problem import MovedNorms, Problem
from zslviz.tasks.attributes.what_would_it_take.simplex import cheapest

_TURNS = 8  # of a fixed point over the norms
_HARD = 4  # rivals that a box is judged by first
CORNERS = {g: np.array(list(itertools.product((0, 1), repeat=g))) for g in range(1, 9)}
"""Of a box of so many inverse norms, by granularities: [2^G, G]; 0 is the low end."""
_BOXES = 192
_HALVINGS = 12


class Leaves:
    """Chosen moves, judged one by one or many at once."""

    def __init__(self, problem: Problem, moves: Moves) -> None:
        self.problem, self.moves = problem, moves
        self.norms = MovedNorms(problem, moves)
        self.mixture: Doubles | None = None  # of rivals, adding up to 1: one more that must be beaten
        leads, self.gains = problem.linear(problem.inverse_norms(), moves)  # [R], [R, J]; exact of linear rules
        self.needs = problem.least - leads
        self.hardest = np.argsort(leads.astype(np.float32), kind="stable")

    # -- one choice -------------------------------------------------------------------------------------------------------

    def amounts(self, chosen: list[int]) -> Doubles | None:
        """The cheapest amounts of these moves that win, exactly so of linear rules; None if none are found."""
        if self.moves.whole:
            full = np.ones(len(chosen))
            return full if self._wins(chosen, full) else None
        if not self.problem.cosine:
            return self._program(self.gains[:, chosen], self.needs, chosen)
        return self._turned(chosen)

    def _program(self, gains: Doubles, needs: Doubles, chosen: list[int]) -> Doubles | None:
        if (np.maximum(gains, 0).sum(axis=1) < needs).any():
            return None
        return cheapest(gains, needs, self.moves.costs[chosen], np.ones(len(chosen)), [])[0]

    def _wins(self, chosen: list[int], t: Doubles) -> bool:
        return bool(self.problem.leads(self.moves.change(chosen, t)).min() >= self.problem.least)

    def _turned(self, chosen: list[int]) -> Doubles | None:
        """The fixed point over the norms; the cheapest answer on the way that wins."""
        own, problem, least = self.moves.take(np.array(chosen)), self.problem, self.problem.least
        t, best, asked = np.ones(len(chosen)), None, least
        if self._wins(chosen, t):
            best = t
        for _ in range(_TURNS):
            leads, gains = problem.linear(problem.inverse_norms(self.moves.change(chosen, t)), own)
            found = self._program(gains, asked - leads, chosen)
            if found is None:
                return best
            lead = float(self.problem.leads(self.moves.change(chosen, found)).min())
            if lead >= least:
                if best is None or own.costs @ found < own.costs @ best - 1e-9:
                    best = found
                if np.abs(found - t).max() < 1e-6:
                    return best
            elif np.abs(found - t).max() < 1e-4:
                asked += 1.5 * (least - lead)
            t = found
        return best

    # -- many at once -----------------------------------------------------------------------------------------------------

    def leads_of_singles(
        self, which: Indices, t: Doubles, rivals: Indices | slice = slice(None), chosen: list[int] | None = None
    ) -> Doubles:
        """Leads when one move alone is made, or one besides the chosen ones, made whole: which, t [n] -> [n, R]."""
        problem, moves = self.problem, self.moves
        squares, base = problem.squares, problem.base[:, rivals]
        if chosen:
            x = moves.change(chosen, np.ones(len(chosen)))
            on = np.flatnonzero(x)
            squares = ((problem.scores + problem.pace * x) ** 2).sum(axis=1)
            base = base + (problem.pace[:, on] * x[on]) @ problem.apart[rivals][:, on].T
        own = moves if np.array_equal(which, np.arange(len(moves))) else moves.take(which)
        linear, square = self.norms.linear[:, which], self.norms.square[:, which]
        by = np.repeat(problem.weights[:, None], len(which), axis=1)
        if problem.cosine:
            by = by / np.sqrt(np.maximum(squares[:, None] + 2 * t * linear + t**2 * square, 1e-24))
        paced = np.einsum("gn,gn->n", by[:, own.owners], problem.pace[:, own.attributes]) * own.steps * t[own.owners]
        apart = problem.apart[rivals].T[own.attributes] * paced[:, None]
        added = own.sums(apart.T).T
        return np.asarray(problem.fixed[rivals] + by.T @ base + added)

    def impossible(self, members: Indices) -> bool:
        """Whether it is proved that none of these choices of k moves [n, k] wins, whatever their amounts. For cosine rules."""
        low, high = self._whole_boxes(members)
        for _ in range(_HALVINGS):
            open_ = self._open(members, low, high)
            members, low, high = members[open_], low[open_], high[open_]
            if not len(members):
                return True
            if len(members) > _BOXES or self.moves.whole:
                return False
            longest = np.argmax(((high - low) * self.moves.costs[members]).astype(np.float32), axis=1)[:, None]
            middle = (np.take_along_axis(low, longest, 1) + np.take_along_axis(high, longest, 1)) / 2
            upper, lower = low.copy(), high.copy()
            np.put_along_axis(upper, longest, middle, 1)
            np.put_along_axis(lower, longest, middle, 1)
            members = np.concatenate([members, members])
            low, high = np.concatenate([low, upper]), np.concatenate([lower, high])
        return False

    def possible(self, members: Indices) -> NDArray[np.bool_]:
        """Which of these choices [n, k] a look at their whole boxes does not rule out: [n]. For cosine rules."""
        return self._open(members, *self._whole_boxes(members))

    def _whole_boxes(self, members: Indices) -> tuple[Doubles, Doubles]:
        return np.full(members.shape, 1.0 if self.moves.whole else 0.0), np.ones(members.shape)

    def _open(self, members: Indices, low: Doubles, high: Doubles) -> NDArray[np.bool_]:
        """In which boxes no rival, nor the mixture, is known to stay ahead: the hardest rivals first."""
        left = np.arange(len(members))
        for rivals in (self.hardest[:_HARD], np.sort(self.hardest[_HARD:])):
            if len(left) and len(rivals):
                left = left[~self._beaten(members[left], low[left], high[left], rivals)]
        open_ = np.zeros(len(members), bool)
        open_[left] = True
        return open_

    def _beaten(self, members: Indices, low: Doubles, high: Doubles, rivals: Indices) -> NDArray[np.bool_]:
        """Whether some rival, or the mixture of all, stays ahead all over each box: [n]."""
        problem = self.problem
        used, place = np.unique(members, return_inverse=True)
        place, own = place.reshape(members.shape), self.moves.take(used)
        apart, fixed, base = problem.apart[rivals][:, own.attributes], problem.fixed[rivals], problem.base[:, rivals]
        if self.mixture is not None:
            apart = np.vstack([apart, self.mixture @ problem.apart[:, own.attributes]])
            fixed, base = (
                np.append(fixed, self.mixture @ problem.fixed),
                np.column_stack([base, problem.base @ self.mixture]),
            )
        least, most = self.norms.span(members, low, high)  # [G, n, k]
        squares = [problem.squares[:, None] + one.sum(axis=2) for one in (most, least)]
        ends = (
            np.stack([1 / np.sqrt(np.maximum(one, 1e-24)) for one in squares]) * problem.weights[:, None]
        )  # [2, G, n]
        added = np.stack(
            [own.sums(apart * (pace[own.attributes] * own.steps)) for pace in problem.pace]
        )  # [G, R, used]
        by = ends[CORNERS[len(problem.weights)], np.arange(len(problem.weights))]  # [C, G, n]
        leads = np.einsum("cgn,gr->crn", by, base) + fixed[:, None]
        slopes = np.einsum("cgn,grnk->crnk", by, added[:, :, place])
        leads = (leads + np.maximum(slopes * low, slopes * high).sum(axis=3)).max(axis=0)
        return np.asarray((leads < problem.least).any(axis=0))
