"""What if one attribute were another: the edits of one attribute that move the ranking most.

One attribute of the photo moves, all others stay as they are, edited ones at their edits. Its *box* is what classes of the
model's own table have of it: from the least to the most of its column, within 0 and 1. Groups of attributes of which a thing
has only one (a bill has one shape) are not known here, so the others of a group stay.

All attributes are tried at both ends at once: a class score is linear in the value for `dot`, `binary` and `table`; for
`cosine` the length of every granularity's scores moves with it, and is worked out anew for each edit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from zslviz.tasks.attributes.requests import RankRequest
from zslviz.tasks.attributes.scoring import ClassRanking
from zslviz.tasks.base.wording import change_text

if TYPE_CHECKING:
    from zslviz.tasks.attributes.explanation import Explanation

Doubles = NDArray[np.float64]
Move = Literal["without", "with less", "with more", "with"]
COUNT = 3
_LITTLE, _MUCH = 0.1, 0.5  # up to this much of an attribute a thing is "without" it, from this much on "with" it
LEAST_NORM = 1e-12  # as in `ScoringRule.factors`


@dataclass(frozen=True)
class WhatIf:
    """One edit and what comes of it: `attribute` is set to `value`, which is `before` now.

    move: the edit in words: "with" the attribute where it was absent and is there afterwards, "without" it where it is absent
    only afterwards, else with less or more of it. amounts: of less and more, from where to where ("0.52 → 0.80"), else "". steps:
    from `before` to `value` in standard deviations of the table. winner: the class that is first afterwards. lead: its lead over
    the next one. changes: whether another class is first now.
    """

    attribute: int
    value: float
    before: float
    move: Move
    amounts: str
    steps: float
    winner: int
    lead: float
    changes: bool


def what_ifs(
    explanation: Explanation, request: RankRequest | None = None, count: int = COUNT, truth: int | None = None
) -> list[WhatIf]:
    """The single edits that move the ranking most, of different attributes, at most `count`; none where one class alone competes.

    Each moves an attribute to an end of its box. First come edits after which another class is first, the smaller the step in
    standard deviations the earlier; then those that change the lead of the first class over the next one, the larger the change
    the earlier. Of equals the attribute listed first, and less before more. Edits that change nothing of this are none.

    truth: the index of the true class, where it is known; of a wrong answer edits that put it right come before all others. Raises
    ConfigError.
    """
    request = request or RankRequest()
    ranking = request.rank(explanation)
    if len(ranking) < 2:
        return []
    ends = box(explanation)
    after = _calibrated_at_ends(explanation, request, ranking, ends)
    first, now = int(ranking.order[0]), values_now(explanation, request)
    lead = float(ranking.calibrated[first]) - float(ranking.calibrated[ranking.order[1]])
    winners = after.argmax(axis=-1)
    best_two = np.partition(after, -2, axis=-1)[..., -2:].astype(np.float64)
    leads = best_two[..., 1] - best_two[..., 0]
    steps = ((ends - now[:, None]) / explanation.scale.table_std.astype(np.float64)[:, None]).astype(np.float32)
    changes, moved = winners != first, np.abs(leads - lead).astype(np.float32)
    some = (changes | (moved > 0)) & (np.sign(steps) == (-1, 1))
    rights = changes & (winners == truth)
    order = np.lexsort((np.where(changes, np.abs(steps), -moved).ravel(), ~changes.ravel(), ~rights.ravel()))  # stable
    chosen: dict[int, WhatIf] = {}
    for attribute, end in zip(*np.unravel_index(order[some.ravel()[order]], some.shape), strict=True):
        if len(chosen) == count:
            break
        a, e, value = int(attribute), int(end), float(ends[attribute, end])
        before, step, winner = float(now[a]), float(steps[a, e]), int(winners[a, e])
        words = _in_words(before, value)
        chosen.setdefault(a, WhatIf(a, value, before, *words, step, winner, float(leads[a, e]), bool(changes[a, e])))
    return list(chosen.values())


def box(explanation: Explanation) -> NDArray[np.float32]:
    """The least and the most of every attribute in the model's own table, within 0 and 1: float32 [A, 2]."""
    table = explanation.space.table
    return np.clip(np.stack([table.min(axis=0), table.max(axis=0)], axis=1), 0, 1)


def values_now(explanation: Explanation, request: RankRequest) -> Doubles:
    """The values with the edits: float64 [A]."""
    values = explanation.values.astype(np.float64)
    for attribute, value in request.image_edits.items():
        values[attribute] = value
    return values


def _in_words(before: float, value: float) -> tuple[Move, str]:
    """The move, and its amounts where the word alone would not say what is done."""
    if value > before:
        if before <= _LITTLE and value >= _MUCH:
            return "with", ""
        return "with more", change_text(before, value)
    if before > _LITTLE >= value:
        return "without", ""
    return "with less", change_text(before, value)


def _calibrated_at_ends(
    explanation: Explanation, request: RankRequest, ranking: ClassRanking, ends: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Calibrated scores after each single edit, -inf where a class does not compete: float32 [A, 2, K]."""
    rule, space = explanation.rule, ranking.space
    rows, scores = rule.exact_rows(space), explanation.edited_scores(request.image_edits).astype(np.float64)
    moved = np.stack([explanation.edited_scores(dict(enumerate(ends[:, end].tolist()))) for end in (0, 1)], axis=-1)
    moved = moved.astype(np.float64)  # [G, A, 2]
    factors = np.broadcast_to(np.asarray(rule.weights)[:, None, None], moved.shape)
    if rule.kind == "cosine":
        factors = factors / np.maximum(np.sqrt(_squares_of_others(scores)[:, :, None] + moved**2), LEAST_NORM)
    steps = np.einsum("gae,gae->ae", factors, moved - scores[:, :, None])
    raw = np.einsum("gae,gk->aek", factors, scores @ rows.T) + steps[:, :, None] * rows.T[:, None, :]
    after = raw.astype(np.float32) - np.float32(ranking.gamma) * space.seen.astype(np.float32)
    return np.where(ranking.competing, after, np.float32(-np.inf)).astype(np.float32)


def _squares_of_others(scores: Doubles) -> Doubles:
    """The sum of squares over all attributes but one, for each: [G, A]; added from both ends, so that nothing cancels."""
    squares, zero = scores**2, np.zeros((len(scores), 1))
    before = np.cumsum(np.concatenate([zero, squares[:, :-1]], axis=1), axis=1)
    after = np.cumsum(np.concatenate([zero, squares[:, :0:-1]], axis=1), axis=1)[:, ::-1]
    return np.asarray(before + after)
