"""What each of a model's answers would say alone: its granularities or branches, one beside the other, and where they disagree.

An answer alone is the rule with all weight on one granularity, so that with weights w of sum W a dot rule's scores are
sum_g (w_g / W) times what each says alone. The handicap stays what it is: it was chosen for all together.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.attributes.requests import RankRequest
from zslviz.tasks.attributes.scoring import ClassRanking, ScoringRule, contributions, rank_classes
from zslviz.tasks.base.insights import as_bundled

SHOWN_CLASSES = 5
SHOWN_TERMS = 6
TRUST = "trust"  # the word of `ui.terms` for what a model tells of how far each of its answers counts in a photo


def alone(rule: ScoringRule, granularity: int) -> ScoringRule:
    """The rule with all weight on one granularity."""
    whole = sum(abs(weight) for weight in rule.weights) or 1.0
    return replace(rule, weights=tuple(whole if g == granularity else 0.0 for g in range(len(rule.weights))))


def apart_answer(explanation: Explanation, request: RankRequest) -> dict[str, Any]:
    """Each granularity's best classes, and what tells two of them apart by each. Empty of a model with but one granularity.

    answers: of each, its name, its share of the ranking (`_shares`; 0: the model ranks without it), and its best classes with their
    scores.
    agree: whether all that the ranking counts have its first class. pair: that class, and the first one of the first that
    disagrees, else the next one of the ranking. terms: the attributes about whose part in the lead of the one over the other they
    disagree most, with the part by each. leads: the leads. Raises ConfigError if nothing competes.
    """
    names = explanation.granularities
    if len(names) < 2:
        return {"answers": [], "agree": True, "pair": [0, 0], "terms": [], "leads": []}
    space, scores = request.space(explanation), explanation.edited_scores(request.image_edits)
    rules = [alone(explanation.rule, g) for g in range(len(names))]
    together = request.rank(explanation)
    rankings = [
        rank_classes(scores, space, rule, together.gamma, request.unseen_only, request.without) for rule in rules
    ]
    first = int(together.order[0])
    shares = _shares(explanation)
    counted = [int(ranking.order[0]) for ranking, share in zip(rankings, shares, strict=True) if share]
    others = [best for best in counted if best != first]
    rival = others[0] if others else int(together.order[1]) if len(together) > 1 else first
    each = [contributions(scores, space, rule, first, rival, together.gamma) for rule in rules]
    terms = np.stack([one.terms for one in each])
    spread = terms.max(axis=0).astype(np.float64) - terms.min(axis=0)
    most = [int(a) for a in np.argsort(-spread, kind="stable")[:SHOWN_TERMS] if spread[a] > 0]
    return {
        "answers": [
            {"name": name, "share": share, "classes": _best(ranking)}
            for name, share, ranking in zip(names, shares, rankings, strict=True)
        ],
        "agree": not others,
        "pair": [first, rival],
        "terms": [{"attribute": a, "values": terms[:, a].tolist()} for a in most],
        "leads": [one.margin for one in each],
    }


def _shares(explanation: Explanation) -> list[float]:
    """What part of the ranking each granularity makes: by the rule, and as far as the model says it trusts it in this photo."""
    shares = explanation.rule.shares.astype(np.float64)
    for one in explanation.insights:
        if one.told.term == TRUST and one.told.names == tuple(explanation.granularities):
            shares = shares * as_bundled(one)
    found: list[float] = (shares / (shares.sum() or 1.0)).tolist()
    return found


def _best(ranking: ClassRanking) -> list[dict[str, Any]]:
    return [
        {"index": line.index, "name": line.name, "seen": line.seen, "score": line.score}
        for line in ranking.lines(SHOWN_CLASSES)
    ]
