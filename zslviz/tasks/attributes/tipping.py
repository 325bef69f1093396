"""Where on its way a value tips the answer: one attribute of the photo moves in its box, all others stay as they are.

For `dot`, `binary` and `table` a class score is linear in the value v, for `cosine` a sum of one quotient a granularity,

    score_c(v) = sum_g w_g (A_gc + t_g(v) p_ca) / sqrt(R_g^2 + t_g(v)^2),   t_g(v) = the raw score that makes the value v,

where A_gc and R_g are what the other attributes bring to the product and to the length.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.attributes.requests import RankRequest
from zslviz.tasks.attributes.scoring import ClassRanking
from zslviz.tasks.attributes.whatifs import LEAST_NORM, box, values_now

Doubles = NDArray[np.float64]
_NEAR = 1e-9  # between two values that are told apart
_NOTHING = 1e-12  # of the sum of weights: a lead that is lost by less is not lost


@dataclass(frozen=True)
class TippingPoint:
    """Beyond `value` the class `rival` is first. bound: the value in words, cut towards the side where that is so."""

    value: float
    rival: int
    bound: str


@dataclass(frozen=True)
class TippingPoints:
    """Where the first class is overtaken as a value sinks below, or rises above, what it is now; None: nowhere in the box."""

    below: TippingPoint | None
    above: TippingPoint | None


def tipping_points(explanation: Explanation, attribute: int, request: RankRequest | None = None) -> TippingPoints:
    """Where the class that is first now loses as this attribute alone moves in its box (which a value outside of it widens).

    The nearest value on each side, to 1e-9, against all classes that compete. For cosine rules it is found by halving the way; a
    stretch is passed over only if each quotient's least value on it proves that no class overtakes there. Raises ConfigError.
    """
    request = request or RankRequest()
    ranking, now = request.rank(explanation), float(values_now(explanation, request)[attribute])
    low, high = (float(end) for end in box(explanation)[attribute])
    if len(ranking) < 2:
        return TippingPoints(None, None)
    way = _Way(explanation, request, ranking, attribute, now)
    return TippingPoints(way.tipping_point(low) if low < now else None, way.tipping_point(high) if high > now else None)


class _Way:
    """The leads of the first class over all others while one attribute moves."""

    def __init__(
        self, explanation: Explanation, request: RankRequest, ranking: ClassRanking, attribute: int, now: float
    ) -> None:
        rule, space = explanation.rule, ranking.space
        scores = explanation.edited_scores(request.image_edits).astype(np.float64)
        first, self.now = int(ranking.order[0]), now
        self.rivals = np.sort(ranking.order[1:])
        rows, row = rule.exact_rows(space, self.rivals.tolist()), rule.exact_rows(space, [first])
        apart = row - rows  # [J, A]
        self.at = scores[:, attribute].copy()
        std, table_std = explanation.scale.std[:, attribute], explanation.scale.table_std[attribute]
        self.pace = std.astype(np.float64) / float(table_std)  # of the raw scores, for one more of the value
        scores[:, attribute] = 0
        self.weights = np.asarray(rule.weights, dtype=np.float64)
        self.others, self.own = scores @ apart.T, apart[:, attribute]  # [G, J], [J]
        self.lengths = np.sqrt((scores**2).sum(axis=1)) if rule.kind == "cosine" else None
        seen = space.seen.astype(np.float64)
        self.fixed = float(np.float32(ranking.gamma)) * (seen[self.rivals] - seen[first])
        self.fixed = self.fixed + np.maximum(-self.leads(now), 0)  # float32 may have found equal what is not quite

    def leads(self, value: float) -> Doubles:
        """Over every rival: [J]."""
        return np.asarray(self._terms(value, slice(None)).sum(axis=0) + self.fixed)

    def _terms(self, value: float, which: Any) -> Doubles:
        """What each granularity brings to the leads over some rivals: [G, J]."""
        raw = (self.at + (value - self.now) * self.pace)[:, None]
        terms = self.weights[:, None] * (self.others[:, which] + raw * self.own[which])
        if self.lengths is None:
            return np.asarray(terms)
        return np.asarray(terms / np.maximum(np.sqrt(self.lengths[:, None] ** 2 + raw**2), LEAST_NORM))

    def _least(self, one: float, other: float, which: NDArray[np.intp]) -> Doubles:
        """What the leads are at least between two values: each granularity's least, added: [J]."""
        least = np.minimum(self._terms(one, which), self._terms(other, which))
        if self.lengths is not None:  # a quotient's one stationary point is at t = p R^2 / A
            lengths, others, own = self.lengths[:, None], self.others[:, which], self.own[which]
            ends = [(self.at + (value - self.now) * self.pace)[:, None] for value in (one, other)]
            turning = own * lengths**2 / np.where(others == 0, 1.0, others)
            within = (others != 0) & (turning > np.minimum(*ends)) & (turning < np.maximum(*ends)) & (lengths > 0)
            norm = np.maximum(np.sqrt(lengths**2 + turning**2), LEAST_NORM)
            there = self.weights[:, None] * (others + turning * own) / norm
            least = np.where(within, np.minimum(least, there), least)
        return np.asarray(least.sum(axis=0) + self.fixed[which])

    def tipping_point(self, end: float) -> TippingPoint | None:
        """The nearest one on the way to a value."""
        found = self._nearest(end) if self.lengths is not None else self._crossing(end)
        if found is None:
            return None
        value, rival = found
        return TippingPoint(value, int(self.rivals[rival]), _bound(value, end))

    def _crossing(self, end: float) -> tuple[float, int] | None:
        """Of leads that are linear: where the first of them is zero."""
        slopes = float(self.weights @ self.pace) * self.own * np.sign(end - self.now)
        leads, ways = self.leads(self.now), np.full(len(slopes), np.inf)
        ways[slopes < 0] = leads[slopes < 0] / -slopes[slopes < 0]
        steepness, distance = slopes.astype(np.float32), ways.astype(np.float32)
        rival = int(np.lexsort((steepness, distance))[0])  # of those at one place the steepest
        if not ways[rival] < abs(end - self.now):
            return None
        return self.now + float(np.sign(end - self.now)) * float(ways[rival]), rival

    def _nearest(self, end: float) -> tuple[float, int] | None:
        """Where the first lead is lost: halves the way, the near half first, and passes over what is proved to be kept."""
        lost = -_NOTHING * float(np.abs(self.weights).sum())
        stretches = [(self.now, end, np.arange(len(self.rivals)))]
        while stretches:
            near, far, which = stretches.pop()
            which = which[self._least(near, far, which) < lost]
            if not len(which):
                continue
            if abs(far - near) > _NEAR:
                middle = (near + far) / 2
                stretches += [(middle, far, which), (near, middle, which)]
                continue
            leads = self.leads(far)[which]
            if leads.min() < lost:  # of those that are alike the one listed first
                return far, int(which[np.flatnonzero(leads <= leads.min() - lost)[0]])
        return None


def _bound(value: float, end: float) -> str:
    """With two decimals or as many as are needed to stay between the value and the end."""
    for decimals in (2, 3, 4, 5, 6):
        scale = 10**decimals
        cut = (math.floor(value * scale) if end < value else math.ceil(value * scale)) / scale
        if min(value, end) < cut < max(value, end) or cut == value:
            return f"{cut + 0.0:.{decimals}f}"
    return f"{value:.6f}"
