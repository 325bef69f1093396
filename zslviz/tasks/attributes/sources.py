"""Where a lead comes from: places in the photo, what comes from no place, and the visitor's edits.

A raw score is what places add and a rest that comes from none (exact maps alone tell them apart), and a lead is linear in the
scores. So with f_g the rule's factors and d_a the difference of two classes' rows

    lead without the handicap = sum f d (score - rest) + sum f d rest + sum f d (edited score - score)

The page says the same (`zslviz/ui/twin/sources.js`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.attributes.requests import RankRequest
from zslviz.tasks.base.wording import single


@dataclass(frozen=True)
class Sources:
    """Of the lead of one class over another, without the handicap. called: what the rest is called, "" if it has no name."""

    places: float
    rest: float
    edits: float
    called: str


def exact_bias(explanation: Explanation) -> tuple[NDArray[np.float32], str] | None:
    """What of the raw scores comes from no place [G, A], and what it is called; None of a model whose maps do not tell."""
    for offer in explanation.offers():
        if offer.of == "attribute" and offer.exact and (bias := explanation.shown(offer.name).own.bias) is not None:
            return bias, offer.rest
    return None


def sources_of_lead(
    explanation: Explanation, request: RankRequest, class_index: int, rival_index: int
) -> Sources | None:
    """Where the lead of a class over a rival comes from; None of a model whose maps do not tell."""
    if (found := exact_bias(explanation)) is None:
        return None
    bias, scores = found[0].astype(np.float64), explanation.scores.astype(np.float64)
    edited = explanation.edited_scores(request.image_edits).astype(np.float64)
    row, rival = explanation.rule.exact_rows(request.space(explanation), [class_index, rival_index])
    weights = explanation.rule.factors(edited)[:, None] * (row - rival)
    places, rest, edits = (single((weights * part).sum()) for part in (scores - bias, bias, edited - scores))
    return Sources(places, rest, edits, found[1])
