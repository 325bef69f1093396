"""What some chosen moves can do: whether they win, at what least cost, and a proof where they cannot.

Of linear rules a linear program in the amounts of the chosen moves says both. Of cosine rules the program is solved for the norms
at the last answer, again and again, and each answer is judged by the exact leads. The proof halves boxes of amounts: within one,
the squared norms, which add up move by move, lie between two ends; for given norms a lead is linear in the amounts, and in the
inverse norms it is linear as well, so its most is at a corner of both.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from zslviz.tasks.attributes.what_would_it_take.moves import Doubles, Indices, Moves
from zslviz.tasks.attributes.what_would_it_take.problem import MovedNorms, Problem
from zslviz.tasks.attributes.what_would_it_take.simplex import cheapest

_TURNS = 4  # of a fixed point over the norms
_TRIED = 12  # hardest rivals that a move alone is tried on first
_LEAST_SQUARE = 1e-24
_SOME = 24  # moves that are looked at together
_HARD, _FIRST = 4, 2  # rivals that a box is judged by first; turns, of ever more rivals, that a first look takes
CORNERS = {g: np.array(list(itertools.product((0, 1), repeat=g))) for g in range(1, 9)}
"""Of a box of so many inverse norms, by granularities: [2^G, G]; 0 is the low end."""
_BOXES = 640
_HALVINGS = 12


@dataclass(frozen=True, eq=False)
class _Mixed:
    """What `added` [G, J], `fixed` and `base` [G] are of a weighted mean of rivals."""

    added: Doubles
    fixed: float
    base: Doubles


class Leaves:
    """Chosen moves, judged one by one or many at once."""

    def __init__(self, problem: Problem, moves: Moves) -> None:
        self.problem, self.moves = problem, moves
        self.mixture: Doubles | None = None
        self.mixed: _Mixed | None = None
        self.least = problem.least
        self.leads = problem.leads(np.zeros_like(problem.values))
        self.needs = problem.least - self.leads
        self.hardest = np.argsort(self.leads.astype(np.float32), kind="stable")

    @cached_property
    def norms(self) -> MovedNorms:
        """How moves change the norms."""
        return MovedNorms(self.problem, self.moves)

    @cached_property
    def added(self) -> Doubles:
        """What whole moves add to the products of each granularity's scores with d: float64 [G, R, J]."""
        return self.problem.added(self.moves)

    @cached_property
    def gains(self) -> Doubles:
        """What whole moves add to the leads: float64 [R, J]; exact of linear rules, and of these alone."""
        return self.linear(self.problem.inverse_norms())[1]

    def linear(self, norms: Doubles) -> tuple[Doubles, Doubles]:
        """Leads before any move [R] and what whole moves add to them [R, J], for given inverse norms."""
        if not self.problem.cosine:
            return self.problem.linear(norms, self.moves)
        by = self.problem.weights * norms
        gains = by @ self.added.reshape(len(by), -1)
        return self.problem.fixed + by @ self.problem.base, gains.reshape(self.added.shape[1:])

    def mix_with(self, mixture: Doubles | None) -> None:
        """A weighted mean of rivals, [R] adding up to 1, is one more that must be beaten; None: no longer."""
        self.mixture, self.mixed = mixture, None
        if mixture is not None and self.problem.cosine:
            on = np.flatnonzero(mixture)
            share = mixture[on]
            base = self.problem.base[:, on] @ share
            self.mixed = _Mixed(share @ self.added[:, on], float(share @ self.problem.fixed[on]), base)

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
        close = np.minimum(gains, 0).sum(axis=1) < needs  # others are beaten anyway
        return cheapest(gains[close], needs[close], self.moves.costs[chosen], np.ones(len(chosen)), [])[0]

    def _wins(self, chosen: list[int], t: Doubles) -> bool:
        return bool(self._led(chosen, t).min() >= self.problem.least)

    def _led(self, chosen: Sequence[int], t: Doubles) -> Doubles:
        """The exact leads when so much of the chosen moves is made, which share no unit: [R]."""
        if not self.problem.cosine:
            return np.asarray(self.leads + self.gains[:, chosen] @ t)
        by = self.problem.weights * self._inverse_norms(chosen, t)
        return np.asarray(self.problem.fixed + by @ (self.problem.base + self.added[:, :, chosen] @ t))

    def _inverse_norms(self, chosen: Sequence[int], t: Doubles) -> Doubles:
        squares = self.problem.squares + 2 * self.norms.linear[:, chosen] @ t + self.norms.square[:, chosen] @ t**2
        return np.asarray(1 / np.sqrt(np.maximum(squares, _LEAST_SQUARE)))

    def _turned(self, chosen: list[int]) -> Doubles | None:
        """The fixed point over the norms; the cheapest answer on the way that wins."""
        problem, costs, least = self.problem, self.moves.costs[chosen], self.problem.least
        added, t, best, asked = self.added[:, :, chosen], np.ones(len(chosen)), None, least
        by = problem.weights * self._inverse_norms(chosen, t)
        if (problem.fixed + by @ (problem.base + added @ t)).min() >= least:
            best = t
        for _ in range(_TURNS):
            found = self._program(np.tensordot(by, added, 1), asked - problem.fixed - by @ problem.base, chosen)
            if found is None:
                return best
            by = problem.weights * self._inverse_norms(chosen, found)
            lead = float((problem.fixed + by @ (problem.base + added @ found)).min())
            if lead >= least:
                if best is None or costs @ found < costs @ best - 1e-9:
                    best = found
                if np.abs(found - t).max() < 1e-6:
                    return best
            elif np.abs(found - t).max() < 1e-4:
                asked += 1.5 * (least - lead)
            t = found
        return best

    # -- many at once -----------------------------------------------------------------------------------------------------

    def least_of_singles(
        self, which: Indices, t: Doubles, rivals: Indices | slice = slice(None), chosen: Sequence[int] = ()
    ) -> Doubles:
        """The least lead over these rivals when one move is made, alone or besides chosen ones (whole): which, t [n] -> [n]."""
        problem, chosen = self.problem, list(chosen)  # no unit of a single is among them, so what they change adds up
        if not problem.cosine:
            base = self.leads[rivals] + self.gains[rivals][:, chosen].sum(axis=1)
            return np.asarray((self.gains[rivals][:, which] * t + base[:, None]).min(axis=0))
        added, norms = self.added[:, rivals], self.norms
        squares = problem.squares + (2 * norms.linear[:, chosen] + norms.square[:, chosen]).sum(axis=1)
        base = problem.base[:, rivals] + added[:, :, chosen].sum(axis=2)
        by = problem.weights[:, None] / np.sqrt(
            np.maximum(squares[:, None] + 2 * t * norms.linear[:, which] + t**2 * norms.square[:, which], _LEAST_SQUARE)
        )
        leads = base.T @ by + np.einsum("gn,grn->rn", by * t, added[:, :, which])
        return np.asarray((leads + problem.fixed[rivals][:, None]).min(axis=0))

    def winning_singles(self, which: Indices, t: Doubles) -> NDArray[np.bool_]:
        """With which of these moves, made t times [n], the class is ahead of all: [n]. Few win over the hardest already."""
        won = self.least_of_singles(which, t, self.hardest[:_TRIED]) >= self.least
        won[won] = self.least_of_singles(which[won], t[won]) >= self.least
        return won

    def furthest_singles(self, which: Indices, count: int, chosen: Sequence[int] = ()) -> tuple[Indices, Doubles]:
        """Of these moves, made whole, alone or besides the chosen ones, those that take the least lead furthest, and that lead.

        The lead over the hardest rivals is never less than over all, so moves that get less far there need no further look.
        """
        leads = self._led(list(chosen), np.ones(len(chosen))) if chosen else self.leads
        hard = np.argsort(leads.astype(np.float32), kind="stable")[:_HARD]
        most = self.least_of_singles(which, np.ones(len(which)), hard, chosen).astype(np.float32)
        order = np.lexsort((which, -most))
        found, least = which[:0], np.zeros(0)
        for start in range(0, len(order), _SOME + count):
            part = order[start : start + _SOME + count]
            if len(found) >= count and least[count - 1].astype(np.float32) > most[part[0]]:
                break
            found = np.append(found, which[part])
            least = np.append(least, self.least_of_singles(which[part], np.ones(len(part)), chosen=chosen))
            best = np.lexsort((found, -least.astype(np.float32)))
            found, least = found[best], least[best]
        return found[:count], least[:count]

    def impossible(self, members: Indices) -> bool:
        """Whether it is proved that none of these choices of k moves [n, k] wins, whatever their amounts. For cosine rules."""
        low, high = self._whole_boxes(members)
        for _ in range(_HALVINGS):
            open_ = self._open(members, low, high, self._turns)
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
        """Which of these choices [n, k] a look at their whole boxes and some rivals does not rule out: [n]. For cosine rules."""
        return self._open(members, *self._whole_boxes(members), self._turns[:_FIRST])

    def _whole_boxes(self, members: Indices) -> tuple[Doubles, Doubles]:
        return np.full(members.shape, 1.0 if self.moves.whole else 0.0), np.ones(members.shape)

    @cached_property
    def _turns(self) -> list[Indices]:
        """The rivals, some hard ones at a time."""
        ends = [0, *(_HARD * 4**turn for turn in range(8) if _HARD * 4**turn < len(self.hardest)), len(self.hardest)]
        return [self.hardest[start:end] for start, end in itertools.pairwise(ends)]

    def _open(self, members: Indices, low: Doubles, high: Doubles, turns: Sequence[Indices]) -> NDArray[np.bool_]:
        """In which boxes no rival, nor the mixture, is known to stay ahead: the hardest rivals first."""
        left = np.arange(len(members))
        for turn, rivals in enumerate(turns):
            if len(left):
                left = left[~self._beaten(members[left], low[left], high[left], rivals, turn == 0)]
        open_ = np.zeros(len(members), bool)
        open_[left] = True
        return open_

    def _beaten(self, members: Indices, low: Doubles, high: Doubles, rivals: Indices, mixed: bool) -> NDArray[np.bool_]:
        """Whether some of these rivals, or (mixed) the mixture of all, stays ahead all over each box: [n]."""
        problem, mix = self.problem, self.mixed if mixed else None
        added, fixed, base = self.added[:, rivals], problem.fixed[rivals], problem.base[:, rivals]
        if mix is not None:
            added = np.concatenate([added, mix.added[:, None]], axis=1)
            fixed, base = np.append(fixed, mix.fixed), np.column_stack([base, mix.base])
        least, most = self.norms.span(members, low, high)  # [G, n, k]
        squares = np.stack([most.sum(axis=2), least.sum(axis=2)]) + problem.squares[:, None]
        ends = problem.weights[:, None] / np.sqrt(np.maximum(squares, _LEAST_SQUARE))  # [2, G, n]
        own, (granularities, count) = added[:, :, members], (len(ends[0]), members.shape[1])
        if count < granularities:  # fewer corners of the amounts; at each, every norm takes the end that helps
            leads = np.full((len(fixed), len(members)), -np.inf)
            for corner in itertools.product((low, high), repeat=count):
                amounts = np.stack([one[:, i] for i, one in enumerate(corner)], axis=1)
                products = base[:, :, None] + np.einsum("grnk,nk->grn", own, amounts)
                np.maximum(leads, np.maximum(products * ends[0, :, None], products * ends[1, :, None]).sum(axis=0), leads)
            return np.asarray((leads + fixed[:, None] < problem.least).any(axis=0))
        by = ends[CORNERS[granularities], np.arange(granularities)]  # [C, G, n]
        leads = np.einsum("cgn,gr->crn", by, base) + fixed[:, None]
        slopes = np.einsum("cgn,grnk->crnk", by, own)
        leads = (leads + np.maximum(slopes * low, slopes * high).sum(axis=3)).max(axis=0)
        return np.asarray((leads < problem.least).any(axis=0))
