"""Shared vectors: pairs of explanations as Python compares them, for the page's arithmetic to be held to."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from zslviz.tasks.attributes.comparing import compare
from zslviz.tasks.attributes.comparing.answer import comparison_answer
from zslviz.tasks.attributes.comparing.maps import maps_beside, shared_offers
from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.attributes.invent.asked import with_invented
from zslviz.tasks.attributes.requests import RankRequest

NAMES = ("A", "B")
MAPS = 3  # attributes of a pair whose maps are compared


def _state(explanation: Explanation, number: int) -> dict[str, Any]:
    """What is in sight, as the page asks it: nothing of every second pair, else edits, made-up classes and more in turn."""
    if number % 2 == 0:
        return {}
    rng, space = np.random.default_rng(number), explanation.space
    state: dict[str, Any] = {}
    if number % 3 != 1:
        state["image_edits"] = {
            str(int(a)): round(float(rng.uniform()), 3) for a in rng.integers(0, len(space.attributes), 2)
        }
    if number % 3 != 2:
        state["class_edits"] = {str(number % len(space.classes)): {"0": round(float(rng.uniform()), 3)}}
    if number % 4 == 1:
        values = np.round(rng.uniform(size=len(space.attributes)), 3).tolist()
        state["invented"] = [{"name": f"Made {i}", "values": values} for i in range(1 + number % 8 // 4)]
    if number % 5 == 3:
        state["gamma"] = explanation.gamma + 0.5
    state["unseen_only"] = number % 7 == 3 and not space.seen.all()
    return state


def write_comparison_vectors(folder: Path, pairs: Iterable[tuple[Explanation, Explanation]]) -> int:
    """Writes bundles and cases; how many pairs there are."""
    cases: list[dict[str, Any]] = []
    for number, pair in enumerate(pairs):
        files = [f"{number}-{which}.zslviz" for which in NAMES]
        for file, explanation in zip(files, pair, strict=True):
            (folder / file).write_bytes(explanation.bundle())
        plain = compare(*pair, NAMES)
        state = _state(pair[0], number)
        one, other = (with_invented(one, state.get("invented")) for one in pair)
        keys = ("image_edits", "class_edits", "gamma", "unseen_only")
        request = RankRequest.parse(one.space, *(state.get(key) for key in keys))
        compared = compare(one, other, NAMES, request)
        truth = (None, number % len(pair[0].space.classes), compared.winners[number % 2])[number % 3]
        counts = (2 + number % 5, 3 + number % 9)
        kinds = [None, *(offer.name for offer in shared_offers(plain))]
        told = [
            {"attribute": reading.attribute, "kind": kind, "answer": maps_beside(plain, reading.attribute, kind)}
            for reading in plain.by_difference(MAPS)
            for kind in kinds
        ]
        name = " and ".join(explanation.model for explanation in pair)
        answer = comparison_answer(compared, truth, *counts)
        case = {"name": name, "bundles": files, "truth": truth, "counts": counts, "answer": answer, "maps": told}
        cases.append({**case, "state": state})
    (folder / "cases.json").write_text(json.dumps(cases, allow_nan=False), encoding="utf-8")
    return len(cases)
