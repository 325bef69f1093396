"""Answers to edits and choices: ranked classes, and why one class and not another, as JSON for the page."""

from __future__ import annotations

from typing import Any

import numpy as np

from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.attributes.requests import RankRequest, edited_space
from zslviz.tasks.attributes.scoring import Ranking
from zslviz.tasks.attributes.space import SemanticSpace

SHOWN_CLASSES = 10
SHOWN_TERMS = 8


def ranking_answer(
    explanation: Explanation, request: RankRequest, why: int | None = None, true_class: int | None = None
) -> dict[str, Any]:
    """The ranking after the edits, each line with the state before them, and the margin of one class over another.

    before: the same calibration and the same competing classes, without any edit. floor, ceiling: the ends of the bars'
    axis, from the middle class of the table before the edits to the best of both states.
    """
    space = edited_space(explanation, request)
    after = explanation.rank(request.gamma, request.unseen_only, request.image_edits, space)
    edited = bool(request.image_edits or request.class_edits)
    before = explanation.rank(request.gamma, request.unseen_only) if edited else after
    shown = [int(i) for i in after.order[:SHOWN_CLASSES]]
    if true_class is not None and true_class not in shown and true_class in after.order:
        shown[-1] = true_class
    top = int(after.order[0])
    if why is None or why not in after.order:
        why = top
    rank_before = {int(index): rank for rank, index in enumerate(before.order, start=1)}
    competing = before.calibrated[before.order]
    return {
        "classes": [
            {
                "index": line.index,
                "name": line.name,
                "seen": line.seen,
                "rank": line.rank,
                "score": line.score,
                "probability": line.probability,
                "before": float(before.calibrated[line.index]),
                "rank_before": rank_before[line.index],
                "true": line.index == true_class,
            }
            for line in (after.ranked(index) for index in shown)
        ],
        "competing": len(after.order),
        "floor": float(np.median(competing)),
        "ceiling": max(float(competing[0]), float(after.calibrated[top])),
        "edited": edited,
        "gamma": after.gamma,
        "why": why_answer(explanation, request, space, after, why),
    }


def why_answer(
    explanation: Explanation, request: RankRequest, space: SemanticSpace, ranking: Ranking, class_index: int
) -> dict[str, Any]:
    """Why this class and not its rival: the runner-up for the first of the ranking, the first for any other.

    `terms`, `others` and `calibration` add up to `margin`; `pull` has the exact term of every attribute.
    """
    first = int(ranking.order[0])
    runner_up = int(ranking.order[1]) if len(ranking.order) > 1 else first
    rival = runner_up if class_index == first else first
    exact = explanation.contributions(class_index, rival, request.gamma, request.image_edits, space)
    strongest = [a for a in exact.strongest(SHOWN_TERMS) if exact.terms[a] != 0]
    named = sum(float(exact.terms[a]) for a in strongest)
    return {
        "class": class_index,
        "rival": rival,
        "class_name": space.class_names[class_index],
        "rival_name": space.class_names[rival],
        "margin": exact.margin,
        "calibration": exact.calibration,
        "terms": [{"attribute": a, "term": float(exact.terms[a])} for a in strongest],
        "others": exact.margin - exact.calibration - named,
        "other_count": len(space.attributes) - len(strongest),
        "pull": [round(float(t), 5) for t in exact.terms],
    }


def class_values(explanation: Explanation, class_index: int) -> list[float]:
    """What a class is said to look like before any edit: [A]."""
    return [round(float(v), 5) for v in explanation.space.table[class_index]]


def strongest_attributes(explanation: Explanation, count: int) -> list[int]:
    """Attributes that speak most for the first class of the ranking, compared with the average class."""
    space = explanation.space
    first = int(explanation.rank().order[0])
    fused = explanation.rule.fuse(explanation.scores)
    rows = explanation.rule.rows(space)
    speaks = fused * (rows[first] - rows.mean(axis=0))
    return [int(a) for a in np.argsort(-speaks, kind="stable")[:count]]
