"""One move alone: which win, at what cost, and what the strongest gets that does not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zslviz.tasks.attributes.what_would_it_take.leaves import Leaves
from zslviz.tasks.attributes.what_would_it_take.moves import Doubles, Indices

_WAYS = (1.0, 0.5, 0.25, 0.75)  # parts of a move that are tried where norms move with it
_HALVINGS = 24
_CLOSEST = 12  # moves whose best part is looked for


@dataclass(frozen=True, eq=False)
class Singles:
    """Moves that win alone: which [n], with the least amounts that do [n], cheapest first."""

    which: Indices
    amounts: Doubles


def winning_singles(leaves: Leaves, allowed: Indices) -> Singles:
    """Those among the allowed moves. Of linear rules all there are."""
    which, amounts = (_turned if leaves.problem.cosine else _straight)(leaves, allowed)
    costs = (amounts * leaves.moves.costs[which]).astype(np.float32)
    order = np.lexsort((which, costs))
    return Singles(which[order], amounts[order])


def _straight(leaves: Leaves, allowed: Indices) -> tuple[Indices, Doubles]:
    gains, needs = leaves.gains[:, allowed], leaves.needs[:, None]
    if leaves.moves.whole:
        won = (gains >= needs).all(axis=0)
        return allowed[won], np.ones(int(won.sum()))
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = needs / gains
    least = np.where(needs <= 0, 0.0, np.where(gains > 0, parts, np.inf)).max(axis=0)
    most = np.where((gains < 0) & (needs <= 0), parts, np.inf).min(axis=0)
    won = least <= np.minimum(most, 1.0)
    return allowed[won], least[won]


def _turned(leaves: Leaves, allowed: Indices) -> tuple[Indices, Doubles]:
    least, costs = leaves.problem.least, leaves.moves.costs[allowed]
    parts = _WAYS[:1] if leaves.moves.whole else _WAYS
    high = np.full(len(allowed), np.inf)
    lost = np.zeros(len(allowed))  # the largest part below that does not win
    for part in parts:
        won = leaves.leads_of_singles(allowed, np.full(len(allowed), part)).min(axis=1) >= least
        high = np.where(won, np.minimum(high, part), high)
        if part == 1.0 and not leaves.moves.whole and not won.any() and not _near(leaves, allowed, least):
            return allowed[:0], costs[:0]
        lost = np.where(won, lost, np.where(part < high, np.maximum(lost, part), lost))
    lost = np.where(lost < high, lost, 0.0)
    won = np.isfinite(high)
    which, high, lost, costs = allowed[won], high[won], lost[won], costs[won]
    if leaves.moves.whole or not len(which):
        return which, high
    near = (lost * costs) <= (high * costs).min() + 1e-12  # others cannot be the cheapest
    at, low, top = which[near], lost[near], high[near].copy()
    for _ in range(_HALVINGS):
        middle = (low + top) / 2
        wins = leaves.leads_of_singles(at, middle).min(axis=1) >= least
        low, top = np.where(wins, low, middle), np.where(wins, middle, top)
    high = high.copy()
    high[near] = top
    return which, high


def _near(leaves: Leaves, allowed: Indices, least: float) -> bool:
    """Whether a part of some move could do what the whole of none does: where the hardest rivals are beaten by one of them."""
    hard = leaves.hardest[:2]
    return bool((leaves.leads_of_singles(allowed, np.ones(len(allowed)), hard).min(axis=1) >= least).any())


def strongest_single(leaves: Leaves, allowed: Indices) -> tuple[int, float, float] | None:
    """The move that alone takes the least lead furthest: (move, amount, that lead); None where none takes it any further."""
    if not len(allowed):
        return None
    whole = leaves.leads_of_singles(allowed, np.ones(len(allowed))).min(axis=1)
    best = np.lexsort((allowed, -whole.astype(np.float32)))[:_CLOSEST]
    which, amounts, leads = allowed[best], np.ones(len(best)), whole[best]
    for part in () if leaves.moves.whole else (0.875, 0.75, 0.625, 0.5, 0.375, 0.25, 0.125):
        now = leaves.leads_of_singles(which, np.full(len(which), part)).min(axis=1)
        more = now > leads + 1e-9
        amounts, leads = np.where(more, part, amounts), np.where(more, now, leads)
    first = int(np.lexsort((which, -leads.astype(np.float32)))[0])
    start = float(leaves.problem.leads(np.zeros_like(leaves.problem.values)).min())
    if leads[first] <= start + 1e-9:
        return None
    return int(which[first]), float(amounts[first]), float(leads[first])
