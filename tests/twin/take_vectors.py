"""Shared vectors: what it would take, as Python finds it, for the page's arithmetic to be held to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from tests.tasks.attributes.taking import linear, shipped
from tests.twin.vectors import KINDS, made_explanation
from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.attributes.invent.asked import with_invented
from zslviz.tasks.attributes.requests import RankRequest
from zslviz.tasks.attributes.what_would_it_take.answer import Answer
from zslviz.tasks.attributes.what_would_it_take.moves import exclusive_groups
from zslviz.ui.tabs.explain import answers

MOST_GENTLE = 100
QUESTIONS: tuple[dict[str, Any], ...] = (
    {"ways": 3},
    {"by": "parts", "ways": 2},
    {"character": "least", "ways": 2},
    {"character": "gentlest"},
    {"side": "description", "ways": 2},
    {"side": "description", "by": "parts"},
    {"character": "squares", "ways": 2},
    {"character": "natural"},
)


def explanations() -> Iterator[Explanation]:
    """Photos of both shipped sorts of tables, by rules with and without norms, and made ones of every rule."""
    animals, birds = shipped("mgmrn-awa2"), shipped("msdn-cub-grounded")
    yield animals[0]
    yield linear(animals[3])
    yield birds[0]
    for kind in KINDS:
        yield from (made_explanation(kind, "plain", seed) for seed in range(3))


def cases_of(
    own: Explanation, rng: np.random.Generator, made: dict[str, Any] | None = None
) -> Iterator[dict[str, Any]]:
    """Questions with Python's answers. made: classes that were made up beside the model's own, of which only the first is asked."""
    attributes, explanation = len(own.space.attributes), with_invented(own, made)
    for number, question in enumerate(QUESTIONS[:1] if made else QUESTIONS):
        if question.get("character") == "gentlest" and attributes > MOST_GENTLE:
            continue  # so many values that may move alike have optima that rounding tells apart
        edits = (
            {int(a): float(rng.uniform(0, 1)) for a in rng.choice(attributes, 2, replace=False)} if number == 1 else {}
        )
        request = RankRequest(edits, gamma=None if number % 2 else float(rng.uniform(0, 3)))
        order = request.rank(explanation).order.tolist()
        rows = {}
        if question.get("side") == "description":  # of the class that is asked for, one value is edited
            rows = {int(rng.integers(attributes)): float(rng.uniform(0, 1))}
        locked = sorted(int(a) for a in rng.choice(attributes, attributes // 6, replace=False))
        ranges = {int(rng.integers(attributes)): (0.2, 0.6)}
        for place in (0, 1, 4) if number == 0 else (2,):
            target = order[min(place, len(order) - 1)]
            request = replace(request, class_edits={(target, a): value for a, value in rows.items()})
            answer = explanation.what_would_it_take(target, lock=locked, ranges=ranges, request=request, **question)
            yield {
                "question": {"target": target, "locked": locked, "ranges": ranges, **question},
                "request": {"image_edits": edits, "class_edits": {target: rows}, "gamma": request.gamma},
                "made": [{"name": name, "values": values} for name, values in (made or {}).items()],
                "answer": told(answer),
            }


def told(answer: Answer) -> dict[str, Any]:
    """What the page's twin answers likewise."""
    return json.loads(json.dumps(answers.plain_answer(answer)).replace("Infinity", '"inf"'))


def write_take_vectors(folder: Path) -> int:
    """Writes bundles and cases; how many explanations there are."""
    rng, cases = np.random.default_rng(3), []
    for number, explanation in enumerate(explanations()):
        file = f"{number}.zslviz"
        (folder / file).write_bytes(explanation.bundle())
        asked = list(cases_of(explanation, rng))
        if exclusive_groups(explanation.space):  # whose sums a class that is made up does not keep
            asked += cases_of(
                explanation, np.random.default_rng(number), {"Odd one": [0.5] * len(explanation.space.attributes)}
            )
        cases.append({"name": f"{explanation.model} {number}", "bundle": file, "asked": asked})
    (folder / "cases.json").write_text(json.dumps(cases), encoding="utf-8")
    return len(cases)
