"""Pairs of a photo as text to take away: the matrix as CSV (one row a pair) and JSON."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import asdict
from typing import Any

from zslviz.tasks.compositional.explanation import CompositionExplanation
from zslviz.tasks.compositional.requests import PairRequest

COLUMNS = ("state", "object", "score", "seen", "competing")


def matrix_csv(explanation: CompositionExplanation, request: PairRequest) -> str:
    """Every pair, state by state. score: with the bias, if the pair is unseen; competing: in the world asked for."""
    space = explanation.space
    scores, competing = explanation.scores(request.bias, request.before), request.competing(explanation)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for s, state in enumerate(space.states):
        for o, object_ in enumerate(space.objects):
            writer.writerow([state, object_, float(scores[s, o]), int(space.seen[s, o]), int(competing[s, o])])
    return out.getvalue()


def pairs_json(explanation: CompositionExplanation, request: PairRequest) -> str:
    """The explanation's readable part, and under `ranked` the whole ranking as it was asked for."""
    return json.dumps(explanation.to_dict() | {"ranked": ranked_pairs(explanation, request)}, indent=1)


def ranked_pairs(explanation: CompositionExplanation, request: PairRequest, top: int | None = None) -> dict[str, Any]:
    """The ranking, and what it was asked for with."""
    space = explanation.space
    return {
        "added": {"states": list(request.states), "objects": list(request.objects)},
        "open_world": request.open_world,
        "threshold": explanation.threshold if request.threshold is None else request.threshold,
        "bias": explanation.bias if request.bias is None else request.bias,
        "before": request.before,
        "competing": int(request.competing(explanation).sum()),
        "ranking": [
            asdict(line) | {"state": space.states[line.state], "object": space.objects[line.object]}
            for line in request.rank(explanation, top)
        ],
    }
