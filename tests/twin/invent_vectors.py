"""Shared vectors of classes that are made up: by parts, from photos, blank; as tables; and rankings in which they compete."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from tests.twin.vectors import made_explanations
from zslviz.errors import ConfigError
from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.attributes.filling import distances
from zslviz.tasks.attributes.invent.asked import joined, with_invented
from zslviz.tasks.attributes.requests import RankRequest
from zslviz.tasks.attributes.sentence import sentence
from zslviz.ui.tabs.explain import answers, inventing

Json = dict[str, Any]


def write_invent_vectors(folder: Path) -> int:
    """Bundles and `cases.json`; how many cases."""
    cases = []
    for number, explanation in enumerate(made_explanations(1)):
        if explanation.space.table.min() < 0 or explanation.space.table.max() > 1:
            continue
        name = f"{number}.zslviz"
        (folder / name).write_bytes(explanation.bundle())
        cases.append({"name": explanation.model, "bundle": name, **_case(explanation, np.random.default_rng(number))})
    (folder / "cases.json").write_text(json.dumps(cases).replace("-Infinity", '"-inf"'), encoding="utf-8")
    return len(cases)


def _case(explanation: Explanation, rng: np.random.Generator) -> Json:
    space = explanation.space
    k, a = len(space.classes), len(space.attributes)
    groups = list(dict.fromkeys(space.groups))

    def part() -> list[Any]:
        return [groups[rng.integers(len(groups))], int(rng.integers(k)), float(rng.integers(0, 21) / 20)]

    asked: list[tuple[str, Json]] = [("blank", {})]
    for _ in range(8):
        parts = list({one[0]: one for one in (part() for _ in range(rng.integers(1, 4)))}.values())
        asked.append(("by_parts", {"base": None if rng.random() < 0.3 else int(rng.integers(k)), "parts": parts}))
        photos = [explanation.values.tolist(), *rng.uniform(-0.5, 1.5, (rng.integers(0, 5), a)).tolist()]
        asked.append(("by_photos", {"photos": photos}))
    made = []
    for what, payload in asked:
        answer = getattr(inventing, what)(space, payload) if payload else inventing.blank(space)
        made.append({"what": what, "payload": payload, "answer": answer, "away": _away(space.table, answer["values"])})
    some = [{"name": f"Mine, “{i}”", "values": one["answer"]["values"]} for i, one in enumerate(made[:3])]
    whole = with_invented(explanation, some)
    states = []
    for request in (RankRequest(), RankRequest({0: 0.9}, {(k, a - 1): 0.3}, unseen_only=True), RankRequest(gamma=2.5)):
        told: Json = {
            "image_edits": request.image_edits,
            "class_edits": {c: {j: value} for (c, j), value in request.class_edits.items()},
            "gamma": request.gamma,
            "unseen_only": request.unseen_only,
        }
        try:
            answer = answers.ranking_answer(whole, request, k + 1)
        except ConfigError:
            continue
        states.append({"request": told, "answer": answer, "sentence": sentence(whole, request, k - 1).to_dict()})
    taken = answers.take_answer(whole, RankRequest(), {"target": k + 1})
    alone = joined(space, some).take_classes(range(k, k + 3)).to_csv()
    return {"made": made, "some": some, "states": states, "take": {"target": k + 1, "answer": taken}, "csv": alone}


def _away(table: Any, values: list[float]) -> list[float]:
    return [float(one) for one in distances(np.array(values), table)]
