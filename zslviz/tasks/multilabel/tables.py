"""Labels of a photo as text to take away: CSV (one row a label) and JSON."""

from __future__ import annotations

from typing import Any

from zslviz.tasks.base.tables import Export, as_csv, as_json
from zslviz.tasks.multilabel.explanation import LabelExplanation
from zslviz.tasks.multilabel.requests import LabelRequest

COLUMNS = ("image", "rank", "label", "score", "calibrated", "seen", "added", "found")


def labels_csv(explanation: LabelExplanation, request: LabelRequest, photo: str) -> str:
    """All labels, by the data set's own names, in the order of the ranking. score: as the model gives it; calibrated: less gamma,
    if seen.
    """
    labels, own = explanation.space.labels, len(explanation.space) - len(request.added)
    rows = (
        (
            photo,
            line.rank,
            labels[line.index],
            line.score,
            line.calibrated,
            int(line.seen),
            int(line.index >= own),
            int(line.found),
        )
        for line in request.rank(explanation)
    )
    return as_csv(COLUMNS, rows)


def labels_json(explanation: LabelExplanation, request: LabelRequest) -> str:
    """The explanation's readable part, with the added labels and the ranking as it was asked for."""
    return as_json(explanation.to_dict(top=0) | ranked_labels(explanation, request))


def ranked_labels(explanation: LabelExplanation, request: LabelRequest, top: int | None = None) -> dict[str, Any]:
    """The ranking with the counted regions, and what it was asked for with."""
    ranking = request.rank(explanation)
    return {
        "added": list(request.added),
        "gamma": ranking.gamma,
        "threshold": ranking.threshold,
        "unseen_threshold": ranking.unseen_threshold,
        "unseen_only": ranking.unseen_only,
        "ranking": [explanation.line_and_regions(line) for line in ranking.lines(top)],
    }


EXPORTS = {
    "csv": Export("labels.csv", "text/csv", labels_csv),
    "json": Export(
        "labels.json", "application/json", lambda explanation, request, photo: labels_json(explanation, request)
    ),
}
