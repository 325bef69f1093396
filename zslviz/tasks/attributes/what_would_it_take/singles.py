"""One move alone: which win, at what cost, and what the strongest gets that does not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zslviz.tasks.attributes.what_would_it_take.leaves import Leaves
from zslviz.tasks.attributes.what_would_it_take.moves import Doubles, Indices

_WAYS = (1.0, 0.5, 0.25, 0.75)  # parts of a move that are tried where norms move with it
_INSIDE, _FINER = np.arange(1, 8) / 8, 6  # where the least amount is looked for between two others, and how often
_HARD = 4  # rivals that are asked first
_PARTS = (0.875, 0.75, 0.625, 0.5, 0.375, 0.25, 0.125)
_CLOSEST = 12  # moves whose best part is looked for


@dataclass(frozen=True, eq=False)
class Singles:
    """Moves that win alone: which [n], with the least amounts that do [n], cheapest first. doubtful: others, not ruled out."""

    which: Indices
    amounts: Doubles
    doubtful: Indices


def winning_singles(leaves: Leaves, allowed: Indices) -> Singles:
    """Those among the allowed moves. Of linear rules all there are, and none is doubtful."""
    able = _able(leaves, allowed)
    which, amounts = (_turned if leaves.problem.cosine else _straight)(leaves, able)
    costs = (amounts * leaves.moves.costs[which]).astype(np.float32)
    order = np.lexsort((which, costs))
    return Singles(which[order], amounts[order], np.setdiff1d(able, which) if leaves.problem.cosine else allowed[:0])


def _able(leaves: Leaves, allowed: Indices) -> Indices:
    """Those that could win by what the hardest rivals say (of cosine rules all rivals, over whole boxes)."""
    if leaves.problem.cosine:
        return allowed[leaves.possible(allowed[:, None])]
    hard = leaves.hardest[:_HARD]
    hard = hard[leaves.needs[hard] > 0]
    return allowed[(leaves.gains[hard][:, allowed] >= leaves.needs[hard][:, None]).all(axis=0)]


def _straight(leaves: Leaves, able: Indices) -> tuple[Indices, Doubles]:
    gains, needs = leaves.gains[:, able], leaves.needs[:, None]
    if leaves.moves.whole:
        won = (gains >= needs).all(axis=0)
        return able[won], np.ones(int(won.sum()))
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = needs / gains
    least = np.where(needs <= 0, 0.0, np.where(gains > 0, parts, np.inf)).max(axis=0)
    most = np.where((gains < 0) & (needs <= 0), parts, np.inf).min(axis=0)
    won = least <= np.minimum(most, 1.0)
    return able[won], least[won]


def _turned(leaves: Leaves, able: Indices) -> tuple[Indices, Doubles]:
    costs = leaves.moves.costs[able]
    parts = np.array(_WAYS[:1] if leaves.moves.whole else _WAYS)[:, None]
    wins = leaves.winning_singles(able, np.tile(parts, len(able)))
    high = np.where(wins, parts, np.inf).min(axis=0)
    lost = np.where(~wins & (parts < high), parts, 0.0).max(axis=0)  # the largest part below that does not win
    won = np.isfinite(high)
    which, high, lost, costs = able[won], high[won], lost[won], costs[won]
    if leaves.moves.whole or not len(which):
        return which, high
    near = (lost * costs) <= (high * costs).min() + 1e-12  # others cannot be the cheapest
    least, low, top = leaves.alone(which[near]), lost[near], high[near].copy()
    for _ in range(_FINER):
        between = low + (top - low) * _INSIDE[:, None]  # [inside, n]
        ends = np.vstack([low, between, top])
        some = np.vstack([least(between) >= leaves.least, np.ones((1, len(low)), bool)])
        first = np.argmax(some, axis=0)  # the least part that wins
        low, top = np.take_along_axis(ends, np.stack([first, first + 1]), axis=0)
    high = high.copy()
    high[near] = top
    return which, high


def strongest_single(leaves: Leaves, allowed: Indices) -> tuple[int, float, float] | None:
    """The move that alone takes the least lead furthest: (move, amount, that lead); None where none takes it any further."""
    if not len(allowed):
        return None
    which, leads = leaves.furthest_singles(allowed, _CLOSEST)
    amounts, parts = np.ones(len(which)), () if leaves.moves.whole else _PARTS
    for part, now in zip(parts, leaves.alone(which)(np.tile(np.array(parts)[:, None], len(which))), strict=True):
        more = now > leads + 1e-9
        amounts, leads = np.where(more, part, amounts), np.where(more, now, leads)
    first = int(np.lexsort((which, -leads.astype(np.float32)))[0])
    if leads[first] <= float(leaves.leads.min()) + 1e-9:
        return None
    return int(which[first]), float(amounts[first]), float(leads[first])
