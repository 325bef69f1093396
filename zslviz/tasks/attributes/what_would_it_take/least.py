"""The least change that makes a class win: in all (L1, *least*), or of any one value (L-infinity, *gentlest*); in standard steps.

Of linear rules both are exact: a linear program, and for the second the smallest limit, found by halving, that it can keep to. Of
cosine rules the leads are replaced by their tangents at the last answer, until the answer stays; what is returned is the cheapest
answer on the way that wins by the exact leads.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from zslviz.tasks.attributes.what_would_it_take.fewest import Blocked, Choice
from zslviz.tasks.attributes.what_would_it_take.leaves import Leaves
from zslviz.tasks.attributes.what_would_it_take.moves import Doubles, Indices, Moves
from zslviz.tasks.attributes.what_would_it_take.problem import LeadGains
from zslviz.tasks.attributes.what_would_it_take.simplex import cheapest

_TURNS = 12
_HALVINGS = 16
_SOME = 1e-9


def least_change(leaves: Leaves, allowed: Indices, character: Literal["least", "gentlest"]) -> Choice | Blocked:
    """The moves with their amounts, of the allowed ones; proved: of linear rules."""
    moves = leaves.moves.take(allowed)
    found = _turned(leaves, moves, character) if leaves.problem.cosine else _straight(leaves, allowed, moves, character)
    if not isinstance(found, np.ndarray):
        return Blocked(found, not leaves.problem.cosine)
    on = np.flatnonzero(found > _SOME)
    return Choice(tuple(int(j) for j in allowed[on]), found[on], not leaves.problem.cosine)


def _straight(leaves: Leaves, allowed: Indices, moves: Moves, character: str) -> Doubles | int:
    return _answer(leaves.gains[:, allowed], leaves.needs, moves, character)


def _answer(gains: Doubles | LeadGains, needs: Doubles, moves: Moves, character: str) -> Doubles | int:
    """The amounts, or the place of a rival that stays ahead."""
    t, _, joined = cheapest(gains, needs, moves.costs, np.ones(len(moves)), moves.shared)
    if t is None:
        return min(joined, key=lambda r: (-np.float32(needs[r]), r)) if joined else int(np.argmax(needs))
    if character == "least" or not len(moves):
        return t
    whole = gains if isinstance(gains, np.ndarray) else gains[:]
    low, high = 0.0, float((t * moves.strides).max(initial=0))
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        tops = np.minimum(1.0, middle / np.maximum(moves.strides, 1e-12))
        if (np.maximum(whole, 0) @ tops < needs).any():
            low = middle
            continue
        now = cheapest(gains, needs, moves.costs, tops, moves.shared)[0]
        if now is None:
            low = middle
        else:
            high, t = middle, now
    return t


def _turned(leaves: Leaves, moves: Moves, character: str) -> Doubles | int:
    problem = leaves.problem
    everything = np.arange(len(moves))
    t, best, worth, asked = np.zeros(len(moves)), None, np.inf, problem.least
    for turn in range(_TURNS):
        x = moves.change(everything, t)
        leads, slopes = problem.tangent(x)
        found = _answer(moves.gains(slopes), asked - leads + slopes @ x, moves, character)
        if not isinstance(found, np.ndarray):
            leads, gains = problem.linear(problem.inverse_norms(x), moves)
            found = _answer(gains, asked - leads, moves, character)
        if not isinstance(found, np.ndarray):
            return found if best is None else _less(leaves, moves, best)
        lead = float(problem.leads(moves.change(everything, found)).min())
        cost = float(moves.costs @ found if character == "least" else (moves.strides * found).max(initial=0))
        if lead >= problem.least and cost < worth - 1e-6:
            best, worth = found, cost
        elif lead >= problem.least and turn > 1:
            break
        elif lead < problem.least and turn > 1:
            asked += 1.2 * (problem.least - lead)
        t = found
    return int(leaves.hardest[0]) if best is None else _less(leaves, moves, best)


def _less(leaves: Leaves, moves: Moves, t: Doubles) -> Doubles:
    """As little of all amounts, by one factor, as still wins."""
    everything, low, high = np.arange(len(moves)), 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        wins = leaves.problem.leads(moves.change(everything, middle * t)).min() >= leaves.problem.least
        low, high = (low, middle) if wins else (middle, high)
    return high * t
