"""What a notebook shows of labels in a photo."""

from __future__ import annotations

from zslviz.tasks.base.notebook import LINES, MAPS, Line, Shown, Summary
from zslviz.tasks.multilabel.explanation import REGIONS, LabelExplanation
from zslviz.tasks.multilabel.scales import map_scale


def summary(explanation: LabelExplanation) -> Summary:
    """The first labels, and maps of as many as there is room for."""
    lines = explanation.rank().lines(MAPS)
    return Summary(
        explanation,
        "",
        [Line(line.name, line.seen, line.calibrated) for line in lines[:LINES]],
        [Shown(line.name, line.score, explanation.region_scores[line.index]) for line in lines],
        map_scale(explanation.region_scores, len(explanation.space)),
        REGIONS.title,
    )
