"""Scores and edits as text to take away: CSV (one row per attribute, class and class edit) and JSON."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import asdict
from typing import Any

from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.attributes.requests import RankRequest, edited_space

COLUMNS = ("kind", "name", "label", "group", "before", "after", "rank_before", "rank_after")


def scores_csv(explanation: Explanation, request: RankRequest) -> str:
    """Attributes as the model saw them, classes in the order of the ranking, and edits of classes; before and after.

    `group` is the attribute's group, for a class whether it was trained on, and for a class edit the class.
    """
    space = explanation.space
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for i, name in enumerate(space.attributes):
        value = float(explanation.values[i])
        after = request.image_edits.get(i, value)
        writer.writerow(["attribute", name, space.attribute_names[i], space.groups[i], value, after, "", ""])
    before = explanation.rank(request.gamma, request.unseen_only)
    after_ranking = explanation.rank(
        request.gamma, request.unseen_only, request.image_edits, edited_space(explanation, request)
    )
    rank_before = {int(index): rank for rank, index in enumerate(before.order, start=1)}
    for rank, index in enumerate(map(int, after_ranking.order), start=1):
        writer.writerow(
            [
                "class",
                space.classes[index],
                space.class_names[index],
                "seen" if space.seen[index] else "unseen",
                float(before.calibrated[index]),
                float(after_ranking.calibrated[index]),
                rank_before[index],
                rank,
            ]
        )
    for (row, column), value in sorted(request.class_edits.items()):
        names = space.attributes[column], space.attribute_names[column], space.classes[row]
        writer.writerow(["class edit", *names, float(space.table[row, column]), value, "", ""])
    return out.getvalue()


def scores_json(explanation: Explanation, request: RankRequest) -> str:
    """The explanation's readable part, and under `after_edits` the edits by name and the whole ranking after them."""
    whole = explanation.to_dict(top=len(explanation.space.classes))
    return json.dumps(whole | {"after_edits": edits_and_ranking(explanation, request)}, indent=1)


def edits_and_ranking(explanation: Explanation, request: RankRequest, top: int | None = None) -> dict[str, Any]:
    """The edits by the data set's own names, and the ranking they lead to."""
    space = explanation.space
    class_edits: dict[str, dict[str, float]] = {}
    for (row, column), value in sorted(request.class_edits.items()):
        class_edits.setdefault(space.classes[row], {})[space.attributes[column]] = value
    ranking = explanation.rank(
        request.gamma, request.unseen_only, request.image_edits, edited_space(explanation, request)
    )
    return {
        "edits": {space.attributes[i]: value for i, value in sorted(request.image_edits.items())},
        "class_edits": class_edits,
        "gamma": ranking.gamma,
        "unseen_only": ranking.unseen_only,
        "ranking": [asdict(line) for line in ranking.top(len(ranking.order) if top is None else top)],
    }
