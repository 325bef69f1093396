"""What some chosen moves can do: whether they win, at what least cost, and a proof where they cannot.

Of linear rules a linear program in the amounts of the chosen moves says both. Of cosine rules the program is solved for the norms
at the last answer, again and again, and each answer is judged by the exact leads. The proof halves boxes of amounts: within one,
the squared norms, which add up move by move, lie between two ends; for given norms a lead is linear in the amounts, and in the
inverse norms it is linear as well, so its most is at a corner of both.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zslviz.tasks.attributes.what_would_it_take.few_columns import cheapest_of_few
from zslviz.tasks.attributes.what_would_it_take.moves import Doubles, Indices, Moves
from zslviz.tasks.attributes.what_would_it_take.problem import Problem
from zslviz.tasks.attributes.what_would_it_take.start import Moved

_TURNS = 4  # of a fixed point over the norms
_TRIED = 12  # hardest rivals that a move alone is tried on first
_LEAST_SQUARE = 1e-24
_SOME = 24  # moves that are looked at together
_HARD, _FIRST = 4, 2  # rivals that a box is judged by first; turns, of ever more rivals, that a first look takes
_TURN_ENDS = (0, *(_HARD * 4**turn for turn in range(8)))
CORNERS = {g: np.array(list(itertools.product((0, 1), repeat=g))) for g in range(1, 9)}
"""Of a box of so many inverse norms, by granularities: [2^G, G]; 0 is the low end."""
_BOXES = 640
_PAIRS = 2048  # of a box and a rival, that are looked at together
_HALVINGS = 12


@dataclass(frozen=True, eq=False)
class _Mixed:
    """What `added` [G, J], `fixed` and `base` [G] are of a weighted mean of rivals."""

    added: Doubles
    fixed: float
    base: Doubles


class Leaves:
    """Chosen moves, judged one by one or many at once."""

    def __init__(self, problem: Problem, moves: Moves, moved: Moved | None = None) -> None:
        self.problem, self.moves = problem, moves
        self.norms = moved or Moved(problem.start, moves)  # how moves change the norms
        self._rows: dict[int, Doubles] = {}
        self.mixture: Doubles | None = None
        self.mixed: _Mixed | None = None
        self.least = problem.least
        self.leads = problem.leads(np.zeros_like(problem.values))
        self.needs = problem.least - self.leads
        self.hardest = np.argsort(self.leads.astype(np.float32), kind="stable")
        self.ahead = int((self.needs > 0).sum())  # rivals; the first of the hardest

    def added(self, which: Indices | Sequence[int]) -> Doubles:
        """What these moves [n], made whole, add to the products of each granularity's scores with d: float64 [G, R, n]."""
        return self.problem.added(self.norms, np.asarray(which, np.intp))

    def rows(self, rivals: Indices) -> Doubles:
        """The same of all moves, over these rivals [q]: float64 [G, q, J]."""
        new = [r for r in rivals.tolist() if r not in self._rows]
        if new:
            found = self.moves.gains_by(self.problem.apart[new], self.problem.pace)
            self._rows.update(zip(new, np.moveaxis(found, 1, 0), strict=True))
        none = np.empty((len(self.problem.pace), 0, len(self.moves)))
        return np.stack([self._rows[r] for r in rivals.tolist()], axis=1) if len(rivals) else none

    @cached_property
    def _near(self) -> Doubles:
        """The same over the hardest rivals, hardest first: of most moves these say that they do not win."""
        return self.rows(self.hardest[: _TURN_ENDS[_FIRST]])

    @cached_property
    def gains(self) -> Doubles:
        """What whole moves add to the leads: float64 [R, J]; exact of linear rules, and of these alone."""
        gains = self.norms.gains
        return np.asarray(gains[self.problem.target] - gains[self.problem.rivals])

    def mix_with(self, mixture: Doubles | None) -> None:
        """A weighted mean of rivals, [R] adding up to 1, is one more that must be beaten; None: no longer."""
        self.mixture, self.mixed = mixture, None
        if mixture is not None and self.problem.cosine:
            on = np.flatnonzero(mixture)
            share = mixture[on]
            base = self.problem.base[:, on] @ share
            added = self.moves.gains_by(share @ self.problem.apart[on], self.problem.pace)
            self.mixed = _Mixed(added, float(share @ self.problem.fixed[on]), base)

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
        return cheapest_of_few(gains[close], needs[close], self.moves.costs[chosen])

    def _wins(self, chosen: list[int], t: Doubles) -> bool:
        return bool(self._led(chosen, t).min() >= self.problem.least)

    def _led(self, chosen: Sequence[int], t: Doubles) -> Doubles:
        """The exact leads when so much of the chosen moves is made, which share no unit: [R]."""
        if not self.problem.cosine:
            return np.asarray(self.leads + self.gains[:, chosen] @ t)
        by = self.problem.weights * self._inverse_norms(chosen, t)
        return np.asarray(self.problem.fixed + by @ (self.problem.base + self.added(chosen) @ t))

    def _inverse_norms(self, chosen: Sequence[int], t: Doubles) -> Doubles:
        squares = self.problem.squares + 2 * self.norms.linear[:, chosen] @ t + self.norms.square[:, chosen] @ t**2
        return np.asarray(1 / np.sqrt(np.maximum(squares, _LEAST_SQUARE)))

    def _turned(self, chosen: list[int]) -> Doubles | None:
        """The fixed point over the norms; the cheapest answer on the way that wins."""
        problem, costs, least = self.problem, self.moves.costs[chosen], self.problem.least
        products = np.concatenate([problem.base[:, :, None], self.added(chosen)], axis=2)  # [G, R, 1 + k]
        linear, square = 2 * self.norms.linear[:, chosen], self.norms.square[:, chosen]

        def linear_at(t: Doubles) -> tuple[Doubles, Doubles]:
            """Leads [R] and what moves add to them [R, k], for the inverse norms at t."""
            squares = problem.squares + linear @ t + square @ (t * t)
            by = problem.weights / np.sqrt(np.maximum(squares, _LEAST_SQUARE))
            rows = (by @ products.reshape(len(by), -1)).reshape(products.shape[1:])
            return problem.fixed + rows[:, 0], rows[:, 1:]

        t, best, asked = np.ones(len(chosen)), None, least
        leads, gains = linear_at(t)
        if (leads + gains.sum(axis=1)).min() >= least:
            best = t
        for _ in range(_TURNS):
            found = self._program(gains, asked - leads, chosen)
            if found is None:
                return best
            leads, gains = linear_at(found)
            lead, moved = float((leads + gains @ found).min()), float(np.abs(found - t).max())
            if lead >= least:
                if best is None or costs @ found < costs @ best - 1e-9:
                    best = found
                if moved < 1e-6:
                    return best
            elif moved < 1e-4:
                asked += 1.5 * (least - lead)
            t = found
        return best

    # -- many at once -----------------------------------------------------------------------------------------------------

    def alone(
        self, which: Indices, rivals: Indices | None = None, chosen: Sequence[int] = ()
    ) -> Callable[[Doubles], Doubles]:
        """How far each of these moves [n] gets alone, or besides chosen ones made whole: t [..., n] -> least lead [..., n].

        rivals: over which; all if None.
        """
        problem, chosen = self.problem, list(chosen)  # no unit of a single is among them, so what they change adds up
        rows: Any = slice(None) if rivals is None else rivals
        if not problem.cosine:
            gains = self.gains[rows]
            base, gains = self.leads[rows] + gains[:, chosen].sum(axis=1), gains[:, which]
            return lambda t: np.asarray((gains * t[..., None, :] + base[:, None]).min(axis=-2))
        base, norms, fixed = problem.base[:, rows], self.norms, problem.fixed[rows][:, None]
        if rivals is not None and not chosen and np.array_equal(rivals, self.hardest[: len(rivals)]):
            own = self._near[:, : len(rivals)][:, :, which]
        else:
            own = self.added(which) if rivals is None else self.rows(rivals)[:, :, which]
        squares = problem.squares + (2 * norms.linear[:, chosen] + norms.square[:, chosen]).sum(axis=1)
        if chosen:
            base = base + self.added(chosen)[:, rows].sum(axis=2)
        linear, square, weights = norms.linear[:, which], norms.square[:, which], problem.weights[:, None]

        def least(t: Doubles) -> Doubles:
            one = t.reshape(math.prod(t.shape[:-1]), len(which))  # [m, n]
            lengths = squares[:, None, None] + one * (2 * linear[:, None] + one * square[:, None])
            by = weights[:, None] / np.sqrt(np.maximum(lengths, _LEAST_SQUARE))  # [G, m, n]
            leads = (base.T @ by.reshape(len(by), -1)).reshape(len(fixed), *one.shape) + fixed[:, None]
            for added, paced in zip(own, by * one, strict=True):
                leads += added[:, None] * paced
            return np.asarray(leads.min(axis=0).reshape(t.shape))

        return least

    def winning_singles(self, which: Indices, t: Doubles) -> NDArray[np.bool_]:
        """With which of these moves [n], made t [..., n] times, the class is ahead of all. Few win over the hardest already."""
        won = self.alone(which, self.hardest[:_TRIED])(t) >= self.least
        some = np.flatnonzero(won.any(axis=tuple(range(won.ndim - 1))))
        if len(some):
            won[..., some] = self.alone(which[some])(t[..., some]) >= self.least
        return won

    def furthest_singles(self, which: Indices, count: int, chosen: Sequence[int] = ()) -> tuple[Indices, Doubles]:
        """Of these moves, made whole, alone or besides the chosen ones, those that take the least lead furthest, and that lead.

        The lead over the hardest rivals is never less than over all, so moves that get less far there need no further look.
        """
        leads = self._led(list(chosen), np.ones(len(chosen))) if chosen else self.leads
        hard = np.argsort(leads.astype(np.float32), kind="stable")[:_HARD]
        most = self.alone(which, hard, chosen)(np.ones(len(which))).astype(np.float32)
        order = np.lexsort((which, -most))
        found, least = which[:0], np.zeros(0)
        for start in range(0, len(order), max(_SOME, count)):
            part = order[start : start + max(_SOME, count)]
            if len(found) >= count and least[count - 1].astype(np.float32) > most[part[0]]:
                break
            found = np.append(found, which[part])
            least = np.append(least, self.alone(which[part], None, chosen)(np.ones(len(part))))
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
        turns, number = self._turns[:_FIRST], members.shape[1]
        if number > 1 and not self.moves.whole:  # of few, which are left by a bound, all that are ahead at once
            turns = [self.hardest[: min(self.ahead, _TURN_ENDS[_FIRST])]]
        return self._open(members, *self._whole_boxes(members), turns)

    def _whole_boxes(self, members: Indices) -> tuple[Doubles, Doubles]:
        return np.full(members.shape, 1.0 if self.moves.whole else 0.0), np.ones(members.shape)

    @cached_property
    def _turns(self) -> list[Indices]:
        """The rivals, some hard ones at a time."""
        ends = [*(end for end in _TURN_ENDS if end < len(self.hardest)), len(self.hardest)]
        return [self.hardest[start:end] for start, end in itertools.pairwise(ends)]

    def _open(self, members: Indices, low: Doubles, high: Doubles, turns: Sequence[Indices]) -> NDArray[np.bool_]:
        """In which boxes no rival, nor the mixture, is known to stay ahead: the hardest rivals first.

        Where nothing need be changed (low is 0), only rivals that are ahead now can stay ahead of all there is.
        """
        open_, left, met = np.zeros(len(members), bool), np.arange(len(members)), 0
        for turn, rivals in enumerate(turns):
            if turn > 0 and met >= self.ahead:
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
        problem, mix = self.problem, self.mixed if turn == 0 else None
        fixed, base = problem.fixed[rivals], problem.base[:, rivals]
        if turn < _FIRST:
            start = _TURN_ENDS[turn]
            own = self._near[:, start : start + len(rivals)][:, :, members]  # [G, R, n, k]
        else:
            own = self.added(members.ravel())[:, rivals].reshape(len(base), len(rivals), *members.shape)
        if mix is not None:
            own = np.concatenate([own, mix.added[:, None, members]], axis=1)
            fixed, base = np.append(fixed, mix.fixed), np.column_stack([base, mix.base])
        least, most = self.norms.span(members, low, high)  # [G, n, k]
        squares = np.stack([most.sum(axis=2), least.sum(axis=2)]) + problem.squares[:, None]
        ends = problem.weights[:, None] / np.sqrt(np.maximum(squares, _LEAST_SQUARE))  # [2, G, n]
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
