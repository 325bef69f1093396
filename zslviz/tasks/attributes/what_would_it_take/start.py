"""What is the same for all classes that are asked for in one state: worked out once, since one asks for several."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary, ref

import numpy as np

from zslviz.tasks.attributes.requests import RankRequest
from zslviz.tasks.attributes.scoring import ScoringRule
from zslviz.tasks.attributes.space import SemanticSpace
from zslviz.tasks.attributes.what_would_it_take.moves import Doubles, Indices, Limits, Moves
from zslviz.tasks.attributes.whatifs import values_now

if TYPE_CHECKING:
    from zslviz.tasks.attributes.explanation import Explanation

LEAST_LEAD = 1e-4
"""The lead that counts as one; float32 scores of some 10 are told apart to 1e-6."""

_known: WeakKeyDictionary[SemanticSpace, tuple[ScoringRule, Doubles]] = WeakKeyDictionary()


def _rows_of(rule: ScoringRule, space: SemanticSpace) -> Doubles:
    """What stands for every class: float64 [K, A]."""
    if space not in _known or _known[space][0] is not rule:
        _known[space] = rule, rule.exact_rows(space)
    return _known[space][1]


class Start:
    """A photo after a request. scores, pace: float64 [G, A]. rows: [K, A]. products: of the scores with the rows, [G, K]."""

    def __init__(self, explanation: Explanation, request: RankRequest) -> None:
        ranking, rule, scale = request.rank(explanation), explanation.rule, explanation.scale
        self.ranking, self.rows = ranking, _rows_of(rule, ranking.space)
        self.scores = explanation.edited_scores(request.image_edits).astype(np.float64)
        self.pace = scale.std.astype(np.float64) / scale.table_std.astype(np.float64)
        self.spread, self.weights = scale.table_std.astype(np.float64), np.asarray(rule.weights, np.float64)
        self.values = values_now(explanation, request)
        self.squares = (self.scores**2).sum(axis=1)  # [G]
        self.products = self.scores @ self.rows.T
        self.handicap = float(np.float32(ranking.gamma)) * ranking.space.seen.astype(np.float64)  # [K]
        self.least = LEAST_LEAD + 2e-6 * float(np.abs(ranking.scores[ranking.order]).max())
        self._kept: dict[object, Moved] = {}

    def moved(self, limits: Limits, made: Callable[[], Moves]) -> Moved:
        """The moves of single attributes within these limits, which are the same for every class: `made` the first time."""
        key = limits.locked, tuple(sorted((limits.ranges or {}).items()))
        if key not in self._kept:
            self._kept[key] = Moved(self, made())
        return self._kept[key]


_last: tuple[ref[Explanation], RankRequest, Start] | None = None


def start_of(explanation: Explanation, request: RankRequest) -> Start:
    """Where a request starts; the last one is kept, for the next class. Raises ConfigError."""
    global _last
    kept = _last
    if kept is not None and kept[0]() is explanation and kept[1] == request:
        return kept[2]
    start = Start(explanation, request)
    own = replace(
        request, image_edits=dict(request.image_edits), class_edits=dict(request.class_edits)
    )  # may be changed
    _last = ref(explanation), own, start
    return start


class Moved:
    """What moves do: to squared norms 2 t linear + t^2 square, which adds up since units share no attribute; and to products."""

    def __init__(self, start: Start, moves: Moves) -> None:
        self.moves, self._scores, self._pace, self._rows = moves, start.scores, start.pace, start.rows
        self._weights = start.weights
        self._known = np.zeros(len(moves), bool)
        self._added = np.empty((len(moves), len(start.pace), len(start.rows)))  # of what is known

    @cached_property
    def linear(self) -> Doubles:
        """Float64 [G, J]."""
        moves = self.moves
        return moves.sums(self._scores[:, moves.attributes] * self._pace[:, moves.attributes] * moves.steps)

    @cached_property
    def square(self) -> Doubles:
        """Float64 [G, J]."""
        return self.moves.sums((self._pace[:, self.moves.attributes] * self.moves.steps) ** 2)

    def added(self, which: Indices) -> Doubles:
        """What these moves [n], made whole, add to the products of each granularity's scores with every class's row: [n, G, K].

        Few of all moves are ever asked for, but the same ones for many classes; so each is worked out once.
        """
        moves = self.moves
        for j in which[~self._known[which]].tolist():
            at = slice(moves.starts[j], moves.starts[j + 1])
            members = moves.attributes[at]
            self._added[j] = (self._pace[:, members] * moves.steps[at]) @ self._columns[members]
            self._known[j] = True
        return self._added[which]

    @cached_property
    def _columns(self) -> Doubles:
        """The rows of all classes, attribute by attribute: float64 [A, K]."""
        return np.ascontiguousarray(self._rows.T)

    @cached_property
    def gains(self) -> Doubles:
        """Of rules without norms what whole moves add to every class's score: float64 [K, J]."""
        return self.moves.gains(self._rows * (self._weights @ self._pace))

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
