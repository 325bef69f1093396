"""The leads of one class over all rivals, when the values that a model saw in a photo are changed by x [A].

All granularities of a raw score move by the same standard score (`AttributeScale.edit`): s_ga -> s_ga + b_ga x_a with
b_ga = std_ga / table_std_a. With d_r = p_c - p_r, the rows of the class and of a rival, and the handicaps h of trained classes,

    lead_r(x) = h_r - h_c + sum_g w_g n_g(x) <s_g + b_g x, d_r>,   n_g = 1 (dot, binary, table),   n_g = 1 / |s_g + b_g x| (cosine)

so *given the inverse norms n* every lead is linear in x.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np

from zslviz.errors import ConfigError
from zslviz.tasks.attributes.requests import RankRequest
from zslviz.tasks.attributes.scoring import ScoringRule
from zslviz.tasks.attributes.space import SemanticSpace
from zslviz.tasks.attributes.what_would_it_take.moves import Doubles, Moves
from zslviz.tasks.attributes.whatifs import LEAST_NORM, values_now

if TYPE_CHECKING:
    from zslviz.tasks.attributes.explanation import Explanation

LEAST_LEAD = 1e-4
"""The lead that counts as one; float32 scores of some 10 are told apart to 1e-6."""


_known: WeakKeyDictionary[SemanticSpace, tuple[ScoringRule, Doubles]] = WeakKeyDictionary()


def _rows_of(rule: ScoringRule, space: SemanticSpace) -> Doubles:
    """What stands for every class: float64 [K, A]; kept, since of one space many are asked for."""
    if space not in _known or _known[space][0] is not rule:
        _known[space] = rule, rule.exact_rows(space)
    return _known[space][1]


class Problem:
    """What the class at `target` would have to lead over: R rivals, by their indices in the order of the table."""

    def __init__(self, explanation: Explanation, request: RankRequest, target: int) -> None:
        ranking, rule, scale = request.rank(explanation), explanation.rule, explanation.scale
        if not ranking.rank_of(target):
            name = ranking.space.class_names[target]
            raise ConfigError(
                f"'{name}' does not compete here, so nothing could make it first; let all classes compete."
            )
        self.explanation, self.request, self.target, self.ranking = explanation, request, target, ranking
        self.cosine, self.weights = rule.kind == "cosine", np.asarray(rule.weights, np.float64)
        self.scores = explanation.edited_scores(request.image_edits).astype(np.float64)
        self.pace = scale.std.astype(np.float64) / scale.table_std.astype(np.float64)
        self.spread = scale.table_std.astype(np.float64)
        self.values = values_now(explanation, request)
        self.rivals = np.sort(np.delete(ranking.order, ranking.rank_of(target) - 1))
        rows = _rows_of(rule, ranking.space)
        self.rows = rows
        self.apart = rows[target] - rows[self.rivals]  # d: [R, A]
        handicap = float(np.float32(ranking.gamma)) * ranking.space.seen.astype(np.float64)
        self.fixed = handicap[self.rivals] - handicap[target]  # [R]
        self.squares = (self.scores**2).sum(axis=1)  # [G]
        self.base = self.scores @ self.apart.T  # [G, R]
        size = float(np.abs(ranking.scores[ranking.order]).max())
        self.least = LEAST_LEAD + 2e-6 * size

    def inverse_norms(self, x: Doubles | None = None) -> Doubles:
        """n: float64 [G]."""
        if not self.cosine:
            return np.ones(len(self.weights))
        moved = self.scores if x is None else self.scores + self.pace * x
        return np.asarray(1 / np.maximum(np.sqrt((moved**2).sum(axis=1)), LEAST_NORM))

    def leads(self, x: Doubles) -> Doubles:
        """Over all rivals, exact: float64 [R]."""
        on = np.flatnonzero(x)
        products = self.base + (self.pace[:, on] * x[on]) @ self.apart[:, on].T
        return np.asarray(self.fixed + (self.weights * self.inverse_norms(x)) @ products)

    def linear(self, norms: Doubles, moves: Moves) -> tuple[Doubles, Doubles]:
        """Leads at x = 0 [R] and what whole moves add to them [R, J], for given inverse norms."""
        by = self.weights * norms
        return self.fixed + by @ self.base, moves.gains(self.apart * (by @ self.pace))

    def added(self, moves: Moves) -> Doubles:
        """What whole moves add to the products of a granularity's scores with d: float64 [G, R, J]."""
        return moves.gains_by(self.apart, self.pace)

    def tangent(self, x: Doubles) -> tuple[Doubles, Doubles]:
        """Leads at x [R] and their exact derivatives there [R, A]."""
        norms = self.inverse_norms(x)
        by, moved = self.weights * norms, self.scores + self.pace * x
        products = moved @ self.apart.T  # [G, R]
        slopes = self.apart * (by @ self.pace)
        if self.cosine:
            slopes = slopes - np.einsum("gr,ga->ra", (by * norms**2)[:, None] * products, moved * self.pace)
        return self.fixed + by @ products, slopes


class MovedNorms:
    """How moves change the squared norms of a problem: by 2 t linear + t^2 square; units share no attribute, so moves add up."""

    def __init__(self, problem: Problem, moves: Moves) -> None:
        paced = problem.pace[:, moves.attributes] * moves.steps
        self.linear = moves.sums(problem.scores[:, moves.attributes] * paced)  # [G, J]
        self.square = moves.sums(paced**2)
        self.problem, self.moves = problem, moves

    def span(self, moves: Any, low: Doubles, high: Doubles) -> tuple[Doubles, Doubles]:
        """The least and the most that some moves add to the squares while t is between low and high [..., k]: [G, ..., k]."""
        linear, square = self.linear[:, moves], self.square[:, moves]
        turning = np.clip(-linear / np.maximum(square, 1e-300), low, high)
        ends = [2 * t * linear + t**2 * square for t in (low, high, turning)]
        return np.minimum(ends[2], np.minimum(ends[0], ends[1])), np.maximum(ends[0], ends[1])

    @cached_property
    def reach(self) -> tuple[Doubles, Doubles]:
        """How far the squares can sink and rise at most by whole units, largest first: two of [G, units]."""
        least, most = self.span(slice(None), np.zeros(len(self.moves)), np.ones(len(self.moves)))
        _, unit = np.unique(self.moves.units, return_inverse=True)
        falls, rises = (np.zeros((len(least), int(unit.max(initial=-1)) + 1)) for _ in range(2))
        for g in range(len(least)):
            np.maximum.at(falls[g], unit, -least[g])
            np.maximum.at(rises[g], unit, most[g])
        return -np.sort(-falls, axis=1), -np.sort(-rises, axis=1)
