"""Labels of a photo as text to take away: CSV (one row a label) and JSON."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import asdict
from typing import Any

from zslviz.tasks.multilabel.explanation import LabelExplanation
from zslviz.tasks.multilabel.requests import LabelRequest

COLUMNS = ("image", "rank", "label", "score", "calibrated", "seen", "added", "found")


def labels_csv(explanation: LabelExplanation, request: LabelRequest, image: str) -> str:
    """All labels in the order of the ranking. score: as the model gives it; calibrated: less gamma, if seen."""
    own = len(explanation.space) - len(request.added)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for line in request.rank(explanation):
        marks = (int(line.seen), int(line.index >= own), int(line.found))
        writer.writerow([image, line.rank, line.name, line.score, line.calibrated, *marks])
    return out.getvalue()


def labels_json(explanation: LabelExplanation, request: LabelRequest) -> str:
    """The explanation's readable part, with the added labels and the ranking as it was asked for."""
    return json.dumps(explanation.to_dict() | ranked_labels(explanation, request), indent=1)


def ranked_labels(explanation: LabelExplanation, request: LabelRequest, top: int | None = None) -> dict[str, Any]:
    """The ranking with the counted regions, and what it was asked for with."""
    return {
        "added": list(request.added),
        "gamma": explanation.gamma if request.gamma is None else request.gamma,
        "threshold": explanation.threshold if request.threshold is None else request.threshold,
        "unseen_only": request.unseen_only,
        "ranking": [
            {**asdict(line), "regions": [list(cell) for cell in explanation.counted_regions(line.index)]}
            for line in request.rank(explanation)[:top]
        ],
    }
