"""The least sum of squares that makes a class win: of standard steps (*squares*), or by how attributes go together (*natural*).

With z the changes in standard steps, both are a convex program with a strictly convex objective,

    min 1/2 <z, S^-1 z>   with   slopes_r z >= need_r for every rival,   low <= z <= high,

S = I (least L2) or a correlation of attributes, so that what goes together in classes is changed together (Mahalanobis). It is
solved by the dual active set method of Goldfarb and Idnani (1983): z = S (sum of active rows times their multipliers), so that S is
never inverted, and rows join as they are violated. In exclusive groups changes add up to nothing: S is replaced by its part within.

The correlation is that of the class table, shrunk towards none by Schaefer and Strimmer (2005): checkpoints keep means and spreads
of the training photos' readings, not their correlation.

Rules with norms are solved by their tangents at the last answer, which is followed only as far as the exact leads bear it out.
"""

from __future__ import annotations

from typing import Literal
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from zslviz.tasks.attributes.space import SemanticSpace
from zslviz.tasks.attributes.what_would_it_take.fewest import Blocked, Choice
from zslviz.tasks.attributes.what_would_it_take.least import least_change
from zslviz.tasks.attributes.what_would_it_take.leaves import Leaves
from zslviz.tasks.attributes.what_would_it_take.moves import Doubles, Indices, exclusive_groups

_PIVOTS = 600
_VIOLATED = 1e-9
_FLAT = 1e-10  # what is no curvature
_TURNS = 12
_PARTS, _STEPS = (1.0, 0.5, 0.2), (1.0, 0.5, 0.25, 0.1)
_PRICES = (2.0, 30.0)  # of what is short, next to what the first tangents say
_FURTHER = (1.001, 1.01, 1.05, 1.2)
_NEAR = 1e-4  # standard steps
_SOME = 1e-6  # standard steps
_HALVINGS = 20


def least_squares(leaves: Leaves, allowed: Indices, character: Literal["squares", "natural"]) -> Choice | Blocked:
    """The change, by attributes that the allowed moves change; proved: of linear rules."""
    problem, moves, space = leaves.problem, leaves.moves, leaves.problem.explanation.space
    made = moves.take(allowed)
    # Of an exclusive group only that rises which has a move of its own; the others fall along.
    falls, rises = np.zeros((2, len(problem.spread)), bool)
    falls[made.attributes[made.steps < 0]] = True
    rises[made.attributes[made.steps > 0]] = True
    low, high = np.where(falls, moves.lowest, 0) / problem.spread, np.where(rises, moves.highest, 0) / problem.spread
    related = _correlation(space) if character == "natural" else np.eye(len(rises))
    along = _within(related, space, problem.spread, falls | rises)
    z = _turned(leaves, along, low, high) if problem.cosine else _straight(leaves, along, low, high)
    if z is None:  # with groups that keep their sum there is none: the least change knows who is in the way
        other = least_change(leaves, allowed, "least")
        return other if isinstance(other, Blocked) else Choice(other.chosen, other.amounts, False)
    return _as_choice(leaves, allowed, np.where(np.abs(z) > _SOME, z, 0) * problem.spread)


def _as_choice(leaves: Leaves, allowed: Indices, change: Doubles) -> Choice:
    moves = leaves.moves
    steps = moves.steps[moves.starts[:-1]]
    parts = change[moves.main] / steps
    chosen = [int(j) for j in allowed if parts[j] > 0]
    return Choice(tuple(chosen), parts[chosen], not leaves.problem.cosine, change=change)


def _straight(leaves: Leaves, along: Doubles, low: Doubles, high: Doubles) -> Doubles | None:
    slopes = leaves.problem.tangent(np.zeros_like(low))[1] * leaves.problem.spread
    found = nearest(along, slopes, leaves.needs, low, high)
    return None if found is None else found[0]


def _turned(leaves: Leaves, along: Doubles, low: Doubles, high: Doubles) -> Doubles | None:
    """By tangents, the better one of two ways there: with little and with much care for the leads on the way."""
    found = [_followed(leaves, along, low, high, price) for price in _PRICES]
    worths = [np.inf if one is None else one[1] for one in found]
    best = found[int(np.argmin(worths))]
    return None if best is None else best[0]


def _followed(leaves: Leaves, along: Doubles, low: Doubles, high: Doubles, dear: float) -> tuple[Doubles, float] | None:
    """Each answer is gone to as far as worth and shortness together become less. dear: shortness, next to the first tangents."""
    problem, spread = leaves.problem, leaves.problem.spread
    z, worth, short, price = np.zeros_like(low), 0.0, float(leaves.needs.max()), 0.0
    start, best, least = short, None, np.inf
    for _ in range(_TURNS):
        leads, slopes = problem.tangent(z * spread)
        slopes = slopes * spread
        ahead, near = slopes @ z - leads, None
        for part in _PARTS:  # of what is short, where tangents have no answer for all of it
            near = nearest(along, slopes, ahead + problem.least - (1 - part) * max(short, 0), low, high)
            if near is not None:
                break
        if near is None:
            break
        price = max(price, dear * near[1] / start)
        for step in _STEPS:
            there = z + step * (near[0] - z)
            cost = (1 - step) * worth + step * near[1]  # at least what it is, since worth is convex
            lacks = float((problem.least - problem.leads(there * spread)).max())
            if cost + price * max(lacks, 0) < worth + price * max(short, 0) or step == _STEPS[-1]:
                break
        moved = float(np.abs(there - z).max())
        z, worth, short = there, cost, lacks
        if short <= 0 and worth < least:
            best, least = z, worth
        if moved < _NEAR:
            break
    if best is None:
        best, least = _reached(leaves, z, low, high), worth
    if best is None:
        return None
    part = _less(leaves, best)
    return part * best, part**2 * least


def _reached(leaves: Leaves, z: Doubles, low: Doubles, high: Doubles) -> Doubles | None:
    """Somewhat further the same way, where that wins."""
    for factor in _FURTHER:
        there = np.clip(factor * z, low, high)
        if leaves.problem.leads(there * leaves.problem.spread).min() >= leaves.problem.least:
            return there
    return None


def _less(leaves: Leaves, z: Doubles) -> float:
    """The least part of it that still wins."""
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        wins = leaves.problem.leads(middle * z * leaves.problem.spread).min() >= leaves.problem.least
        low, high = (low, middle) if wins else (middle, high)
    return high


def nearest(
    along: Doubles, slopes: Doubles, needs: Doubles, low: Doubles, high: Doubles
) -> tuple[Doubles, float] | None:
    """min <z, along^-1 z> with slopes [R, A] z >= needs [R] and low <= z <= high [A]: z [A] and that; None if there is none."""
    sizes = np.maximum(np.abs(slopes).max(axis=1, initial=0), 1e-12)[:, None]
    rows = np.vstack([slopes / sizes, np.eye(len(low)), -np.eye(len(low))])
    ends = np.concatenate([needs / sizes[:, 0], low, -high])
    z, active, prices = np.zeros(len(low)), np.zeros(0, np.intp), np.zeros(0)
    reached = rows @ along  # S times each row
    new = None
    price = 0.0
    for _ in range(_PIVOTS):
        if new is None:
            left = rows @ z - ends
            left[active] = 0
            new, price = int(np.argmin(left)), 0.0
            if left[new] >= -_VIOLATED:
                return np.clip(z, low, high), float(prices @ (rows[active] @ z))
        inner = reached[active] @ rows[active].T
        give = np.linalg.solve(inner, reached[active] @ rows[new]) if len(active) else np.zeros(0)
        way = reached[new] - give @ reached[active]
        bend = float(rows[new] @ way)
        falls = np.flatnonzero(give > _FLAT)
        drop = falls[np.argmin(prices[falls] / give[falls])] if len(falls) else -1
        most = float(prices[drop] / give[drop]) if drop >= 0 else np.inf
        full = float((ends[new] - rows[new] @ z) / bend) if bend > _FLAT else np.inf
        step = min(most, full)
        if not np.isfinite(step):
            return None
        if np.isfinite(full):
            z = z + step * way
        prices, price = prices - step * give, price + step
        if step == full:
            active, prices, new = np.append(active, new), np.append(prices, price), None
        else:
            active, prices = np.delete(active, drop), np.delete(prices, drop)
    return None


def _within(along: Doubles, space: SemanticSpace, spread: Doubles, free: NDArray[np.bool_]) -> Doubles:
    """The part of S in which what is not free stays, and changes of every exclusive group add up to nothing."""
    stays = np.flatnonzero(~free)
    groups = [members for members in exclusive_groups(space) if free[members].any()]
    sums = np.zeros((len(stays) + len(groups), len(spread)))
    sums[np.arange(len(stays)), stays] = 1
    for row, members in zip(sums[len(stays) :], groups, strict=True):
        row[members] = spread[members] * free[members]
    if not len(sums):
        return along
    reached = along @ sums.T
    found = along - reached @ np.linalg.solve(sums @ reached, reached.T)
    found[stays] = found[:, stays] = 0
    return np.asarray(found)


_known: WeakKeyDictionary[SemanticSpace, Doubles] = WeakKeyDictionary()


def _correlation(space: SemanticSpace) -> Doubles:
    """The shrunk correlation of attributes over a table's own classes: float64 [A, A]."""
    if space not in _known:
        rows = space.own_table.astype(np.float64)
        rows = (rows - rows.mean(axis=0)) / np.maximum(rows.std(axis=0, ddof=1), 1e-9)
        k = len(rows)
        together = rows.T @ rows / max(k - 1, 1)
        squares = (rows**2).T @ (rows**2)
        doubt = k / max(k - 1, 1) ** 3 * np.maximum(squares - (rows.T @ rows) ** 2 / k, 0)
        off = ~np.eye(len(together), dtype=bool)
        total = float((together[off] ** 2).sum())
        share = min(1.0, max(0.05, float(doubt[off].sum()) / total)) if total > 0 else 1.0
        found = (1 - share) * together
        np.fill_diagonal(found, 1.0)
        _known[space] = found
    return _known[space]
