"""Scores and edits as text to take away: CSV (one row per attribute, class and class edit) and JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.attributes.requests import RankRequest
from zslviz.tasks.attributes.sentence import hardly_said, sentence
from zslviz.tasks.base.tables import Export, as_csv, as_json

COLUMNS = ("kind", "name", "label", "group", "before", "after", "rank_before", "rank_after")


def scores_csv(explanation: Explanation, request: RankRequest) -> str:
    """Attributes as the model saw them, classes in the order of the ranking, and edits of classes; before and after.

    `group` is the attribute's group, for a class whether it was trained on, and for a class edit the class.
    """
    return as_csv(COLUMNS, _rows(explanation, request))


def _rows(explanation: Explanation, request: RankRequest) -> Iterator[list[Any]]:
    space = explanation.space
    for i, (name, value) in enumerate(zip(space.attributes, explanation.values.tolist(), strict=True)):
        after = request.image_edits.get(i, value)
        yield ["attribute", name, space.attribute_names[i], space.groups[i], value, after, "", ""]
    before, ranking = request.rank_unedited(explanation), request.rank(explanation)
    for line in ranking:
        i = line.index
        seen = "seen" if line.seen else "unseen"
        scores = float(before.calibrated[i]), line.score
        yield ["class", space.classes[i], line.name, seen, *scores, before.rank_of(i), line.rank]
    for (row, column), value in sorted(request.class_edits.items()):
        names = space.attributes[column], space.attribute_names[column], space.classes[row]
        yield ["class edit", *names, float(space.table[row, column]), value, "", ""]


def scores_json(explanation: Explanation, request: RankRequest) -> str:
    """The explanation's readable part, and under `after_edits` the edits by name and the whole ranking after them."""
    whole = explanation.to_dict(top=len(explanation.space.classes))
    return as_json(whole | {"after_edits": edits_and_ranking(explanation, request)})


def edits_and_ranking(explanation: Explanation, request: RankRequest, top: int | None = None) -> dict[str, Any]:
    """The edits by the data set's own names, the ranking they lead to, and that in words."""
    space = explanation.space
    class_edits: dict[str, dict[str, float]] = {}
    for (row, column), value in sorted(request.class_edits.items()):
        class_edits.setdefault(space.classes[row], {})[space.attributes[column]] = value
    ranking, answer = request.rank(explanation), sentence(explanation, request)
    return {
        "edits": {space.attributes[i]: value for i, value in sorted(request.image_edits.items())},
        "class_edits": class_edits,
        "gamma": ranking.gamma,
        "unseen_only": ranking.unseen_only,
        "sentence": answer.text,
        "hardly_read": hardly_said(explanation, answer),
        "ranking": [asdict(line) for line in ranking.lines(top)],
    }


EXPORTS = {
    "csv": Export("scores.csv", "text/csv", lambda explanation, request, photo: scores_csv(explanation, request)),
    "json": Export(
        "scores.json", "application/json", lambda explanation, request, photo: scores_json(explanation, request)
    ),
}
