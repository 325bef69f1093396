"""What some chosen moves can do: whether they win, and at what least cost.

Of linear rules a linear program in the amounts of the chosen moves says both. Of cosine rules the program is solved for the norms
at the last answer, again and again, and each answer is judged by the exact leads; that they cannot win, `boxes` proves.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zslviz.tasks.attributes.what_would_it_take.boxes import LEAST_SQUARE, NEAREST, Boxes
from zslviz.tasks.attributes.what_would_it_take.few_columns import cheapest_of_few
from zslviz.tasks.attributes.what_would_it_take.moves import Doubles, Indices, Moves
from zslviz.tasks.attributes.what_would_it_take.problem import Problem
from zslviz.tasks.attributes.what_would_it_take.start import Moved

_TURNS = 4  # of a fixed point over the norms
_TRIED = 12  # hardest rivals that a move alone is tried on first
_SOME = 24  # moves that are looked at together
_HARD = 4  # rivals that are asked first


@dataclass(frozen=True, eq=False)
class Mixed:
    """What `added` [G, J], `fixed` and `base` [G] are of a weighted mean of rivals."""

    added: Doubles
    fixed: float
    base: Doubles


class Leaves:
    """Chosen moves, judged one by one or many at once."""

    def __init__(self, problem: Problem, moves: Moves, moved: Moved | None = None) -> None:
        self.problem, self.moves = problem, moves
        self.norms = moved or Moved(problem.start, moves)  # how moves change the norms
        self.boxes = Boxes(self)
        self.mixture: Doubles | None = None
        self.mixed: Mixed | None = None
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
        classes = np.append(self.problem.rivals[rivals], self.problem.target)
        found = self.norms.by_class(classes)
        return np.ascontiguousarray(np.moveaxis(found[-1] - found[:-1], 0, 1))

    @cached_property
    def near(self) -> Doubles:
        """The same over the hardest rivals, hardest first: of most moves these say that they do not win."""
        return self.rows(self.hardest[:NEAREST])

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
            self.mixed = Mixed(added, float(share @ self.problem.fixed[on]), base)

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
        return np.asarray(1 / np.sqrt(np.maximum(squares, LEAST_SQUARE)))

    def _turned(self, chosen: list[int]) -> Doubles | None:
        """The fixed point over the norms; the cheapest answer on the way that wins."""
        problem, costs, least = self.problem, self.moves.costs[chosen], self.problem.least
        products = np.concatenate([problem.base[:, :, None], self.added(chosen)], axis=2)  # [G, R, 1 + k]
        linear, square = 2 * self.norms.linear[:, chosen], self.norms.square[:, chosen]

        def linear_at(t: Doubles) -> tuple[Doubles, Doubles]:
            """Leads [R] and what moves add to them [R, k], for the inverse norms at t."""
            squares = problem.squares + linear @ t + square @ (t * t)
            by = problem.weights / np.sqrt(np.maximum(squares, LEAST_SQUARE))
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

    def hopeless(self, members: Indices) -> NDArray[np.bool_]:
        """Of which of these choices [n, k] `amounts` finds none, since at its first norms some hard rival stays ahead: [n]."""
        problem, norms = self.problem, self.norms
        if not problem.cosine or self.moves.whole or not len(members):
            return np.zeros(len(members), bool)
        hard = self.hardest[:NEAREST]
        squares = problem.squares[:, None] + (2 * norms.linear[:, members] + norms.square[:, members]).sum(axis=2)
        by = problem.weights[:, None] / np.sqrt(np.maximum(squares, LEAST_SQUARE))  # [G, n]
        gains = np.maximum(np.einsum("gn,grnk->rnk", by, self.near[:, :, members]), 0).sum(axis=2)
        return np.asarray(
            (problem.fixed[hard][:, None] + problem.base[:, hard].T @ by + gains < self.least).any(axis=0)
        )

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
            own = self.near[:, : len(rivals)][:, :, which]
        else:
            own = self.added(which) if rivals is None else self.rows(rivals)[:, :, which]
        squares = problem.squares + (2 * norms.linear[:, chosen] + norms.square[:, chosen]).sum(axis=1)
        if chosen:
            base = base + self.added(chosen)[:, rows].sum(axis=2)
        linear, square, weights = norms.linear[:, which], norms.square[:, which], problem.weights[:, None]

        def least(t: Doubles) -> Doubles:
            one = t.reshape(math.prod(t.shape[:-1]), len(which))  # [m, n]
            lengths = squares[:, None, None] + one * (2 * linear[:, None] + one * square[:, None])
            by = weights[:, None] / np.sqrt(np.maximum(lengths, LEAST_SQUARE))  # [G, m, n]
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
