"""Answers about several labels in one photo: the ranking, what is found, what a place speaks for, as JSON for the page."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from zslviz.errors import ConfigError
from zslviz.tasks.multilabel.explanation import LabelExplanation
from zslviz.tasks.multilabel.requests import LabelRequest

SHOWN_MAPS = 8
REGION_LABELS = 8
GATE_BINS = 20


def ranking_answer(explanation: LabelExplanation, request: LabelRequest) -> dict[str, Any]:
    """Every label's line; how many are found; and the labels whose maps are worth a look, strongest first.

    floor, ceiling: the ends of the bars' axis, from the middle label (or the threshold, if that is lower) to the best.
    """
    ranking = request.rank(explanation)
    lines, own = ranking.lines(), len(explanation.space) - len(request.added)
    competing, threshold = ranking.calibrated[ranking.order], ranking.threshold
    floor, ceiling = float(np.median(competing)), float(competing.max())
    return {
        "labels": [asdict(line) | {"added": line.index >= own} for line in lines],
        "found": sum(line.found for line in lines),
        "found_unseen": sum(line.found and not line.seen for line in lines),
        "strongest": [line.name for line in lines[:SHOWN_MAPS]],
        "floor": min(floor, threshold) if request.first is None and threshold < ceiling else floor,
        "ceiling": ceiling,
        "gamma": ranking.gamma,
        "threshold": None if request.first is not None else threshold,
        "first": request.first,
    }


def region_labels(explanation: LabelExplanation, row: int, column: int, gamma: float | None) -> list[dict[str, Any]]:
    """What a region speaks most for: labels with what it gives to them (less gamma, if seen)."""
    return [
        {"name": explanation.space.labels[i], "seen": bool(explanation.space.seen[i]), "score": score}
        for i, score in explanation.region_labels(row, column, REGION_LABELS, gamma)
    ]


def gate_answer(explanation: LabelExplanation) -> dict[str, Any]:
    """How far the scene opens the channels: how many of them lie in each of `GATE_BINS` steps from shut (0) to open (1)."""
    if explanation.scene_gate is None:
        raise ConfigError("This model has no gate that the scene opens.")
    gate = explanation.scene_gate
    counts, _ = np.histogram(gate, bins=GATE_BINS, range=(0.0, 1.0))
    return {
        "counts": [int(c) for c in counts],
        "channels": len(gate),
        "mean": float(gate.mean()),
        "shut": int((gate < 0.1).sum()),
        "open": int((gate > 0.9).sum()),
    }
