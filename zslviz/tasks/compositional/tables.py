"""Pairs of a photo as text to take away: the matrix as CSV (one row a pair) and JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from zslviz.tasks.base.tables import Export, as_csv, as_json
from zslviz.tasks.compositional.explanation import CompositionExplanation
from zslviz.tasks.compositional.requests import PairRequest

COLUMNS = ("state", "object", "score", "seen", "competing")


def matrix_csv(explanation: CompositionExplanation, request: PairRequest) -> str:
    """Every pair by own names, state by state. score: with the bias, if the pair is unseen; competing: in the world asked for."""
    space, ranking = explanation.space, request.rank(explanation, top=0)
    tables = (ranking.biased, ranking.seen.astype(int), ranking.competing.astype(int))
    return as_csv(
        COLUMNS,
        (
            [state, object_, *cells]
            for state, *rows in zip(space.states, *(table.tolist() for table in tables), strict=True)
            for object_, *cells in zip(space.objects, *rows, strict=True)
        ),
    )


def pairs_json(explanation: CompositionExplanation, request: PairRequest) -> str:
    """The explanation's readable part, and under `ranked` the whole ranking as it was asked for."""
    return as_json(explanation.to_dict() | {"ranked": ranked_pairs(explanation, request)})


def ranked_pairs(explanation: CompositionExplanation, request: PairRequest, top: int | None = None) -> dict[str, Any]:
    """The ranking, and what it was asked for with."""
    space, ranking = explanation.space, request.rank(explanation, top)
    return {
        "added": {"states": list(request.states), "objects": list(request.objects)},
        "open_world": request.open_world,
        "threshold": explanation.threshold if request.threshold is None else request.threshold,
        "bias": explanation.bias if request.bias is None else request.bias,
        "before": request.before,
        "competing": int(ranking.competing.sum()),
        "ranking": [
            asdict(line) | {"state": space.state_names[line.state], "object": space.object_names[line.object]}
            for line in ranking
        ],
    }


EXPORTS = {
    "csv": Export("pairs.csv", "text/csv", lambda explanation, request, photo: matrix_csv(explanation, request)),
    "json": Export(
        "pairs.json", "application/json", lambda explanation, request, photo: pairs_json(explanation, request)
    ),
}
