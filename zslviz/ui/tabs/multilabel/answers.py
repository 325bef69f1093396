"""Answers about several labels in one photo: the ranking, what is found, what a place speaks for, as JSON for the page."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from zslviz.tasks.multilabel.explanation import LabelExplanation
from zslviz.tasks.multilabel.requests import LabelRequest
from zslviz.tasks.multilabel.scales import map_scale

LEADING = 5
SMALL_MAPS = 4  # of labels never trained on, and as many of others
REGION_LABELS = 8


def ranking_answer(explanation: LabelExplanation, request: LabelRequest) -> dict[str, Any]:
    """Every label's line; how many are found; which lead, seen and unseen apart; and whose maps are drawn small, unseen ones first.

    floor, ceiling: the ends of the bars' axis, from the middle label of the ranking to the best. what a label's score is told by is
    how far it stands above that middle.
    """
    ranking = request.rank(explanation)
    lines, own = ranking.lines(), len(explanation.space) - len(request.added)
    competing = ranking.calibrated[ranking.order]
    unseen, seen = ([line.name for line in lines if line.seen == is_seen] for is_seen in (False, True))
    return {
        "labels": [asdict(line) | {"added": line.index >= own} for line in lines],
        "found": sum(line.found for line in lines),
        "found_unseen": sum(line.found and not line.seen for line in lines),
        "leading": {"unseen": unseen[:LEADING], "seen": seen[:LEADING]},
        "small": [*unseen[:SMALL_MAPS], *seen[:SMALL_MAPS]],
        "floor": float(np.median(competing)),
        "ceiling": float(competing.max()),
        "gamma": ranking.gamma,
        "threshold": None if request.first is not None else ranking.threshold,
        "unseen_threshold": None if request.first is not None else ranking.unseen_threshold,
        "first": request.first,
    }


def region_labels(
    explanation: LabelExplanation, row: int, column: int, gamma: float | None, own: int
) -> list[dict[str, Any]]:
    """The labels that a region stands out for: those to which it gives more than nine in ten places give to theirs.

    score: what it gives (less gamma, if seen). height: how far up the photo's one scale that is, 1 at its top.
    """
    scale = map_scale(explanation.region_scores, own)
    there = explanation.region_scores[:, row, column]
    return [
        {
            "name": explanation.space.label_names[i],
            "seen": bool(explanation.space.seen[i]),
            "score": score,
            "height": (float(there[i]) - scale.low) / (scale.high - scale.low),
        }
        for i, score in explanation.region_labels(row, column, REGION_LABELS, gamma)
        if there[i] > scale.low
    ]
