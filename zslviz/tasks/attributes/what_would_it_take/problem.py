"""The leads of one class over all rivals, when the values that a model saw in a photo are changed by x [A].

All granularities of a raw score move by the same standard score (`AttributeScale.edit`): s_ga -> s_ga + b_ga x_a with
b_ga = std_ga / table_std_a. With d_r = p_c - p_r, the rows of the class and of a rival, and the handicaps h of trained classes,

    lead_r(x) = h_r - h_c + sum_g w_g n_g(x) <s_g + b_g x, d_r>,   n_g = 1 (dot, binary, table),   n_g = 1 / |s_g + b_g x| (cosine)

so *given the inverse norms n* every lead is linear in x.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from zslviz.errors import ConfigError
from zslviz.tasks.attributes.requests import RankRequest
from zslviz.tasks.attributes.what_would_it_take.moves import Doubles, Indices, Moves
from zslviz.tasks.attributes.what_would_it_take.start import Moved, start_of
from zslviz.tasks.attributes.whatifs import LEAST_NORM

if TYPE_CHECKING:
    from zslviz.tasks.attributes.explanation import Explanation


class Problem:
    """What the class at `target` would have to lead over: R rivals, by their indices in the order of the table."""

    def __init__(self, explanation: Explanation, request: RankRequest, target: int) -> None:
        start, rule = start_of(explanation, request), explanation.rule
        ranking = start.ranking
        if not ranking.rank_of(target):
            name = ranking.space.class_names[target]
            raise ConfigError(
                f"'{name}' does not compete here, so nothing could make it first; let all classes compete."
            )
        self.explanation, self.request, self.target, self.ranking = explanation, request, target, ranking
        self.cosine, self.weights = rule.kind == "cosine", np.asarray(rule.weights, np.float64)
        self.start, self.scores, self.pace, self.spread = start, start.scores, start.pace, start.spread
        self.values, self.rows, self.squares, self.least = start.values, start.rows, start.squares, start.least
        self.rivals = np.sort(np.delete(ranking.order, ranking.rank_of(target) - 1))
        self.apart = self.rows[target] - self.rows[self.rivals]  # d: [R, A]
        self.fixed = start.handicap[self.rivals] - start.handicap[target]  # [R]
        self.base = start.products[:, [target]] - start.products[:, self.rivals]  # [G, R]

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

    def linear(self, norms: Doubles, moves: Moves) -> tuple[Doubles, LeadGains]:
        """Leads at x = 0 [R] and what whole moves add to them [R, J], for given inverse norms."""
        by = self.weights * norms
        return self.fixed + by @ self.base, LeadGains(self.apart, by @ self.pace, moves)

    def added(self, moved: Moved, which: Indices) -> Doubles:
        """What these moves [n], made whole, add to the products of a granularity's scores with d: float64 [G, R, n]."""
        found = moved.added(which)
        return np.moveaxis(found[:, :, [self.target]] - found[:, :, self.rivals], 0, 2)

    def tangent(self, x: Doubles) -> tuple[Doubles, Doubles]:
        """Leads at x [R] and their exact derivatives there [R, A]."""
        norms = self.inverse_norms(x)
        by, moved = self.weights * norms, self.scores + self.pace * x
        products = moved @ self.apart.T  # [G, R]
        slopes = self.apart * (by @ self.pace)
        if self.cosine:
            slopes = slopes - np.einsum("gr,ga->ra", (by * norms**2)[:, None] * products, moved * self.pace)
        return self.fixed + by @ products, slopes


@dataclass(frozen=True, eq=False)
class LeadGains:
    """What whole moves add to leads, [R, J], of which a search sees few rows; apart: d [R, A]; pace: [A], what a value counts."""

    apart: Doubles
    pace: Doubles
    moves: Moves

    def __getitem__(self, rivals: Any) -> Doubles:
        return self.moves.gains(self.apart[rivals] * self.pace)

    def __matmul__(self, amounts: Doubles) -> Doubles:
        return np.asarray(self.apart @ (self.pace * self.moves.sum(amounts)))
