"""Shared vectors: pairs of explanations as Python compares them, for the page's arithmetic to be held to."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from zslviz.tasks.attributes.comparing import compare
from zslviz.tasks.attributes.comparing.answer import comparison_answer
from zslviz.tasks.attributes.comparing.maps import maps_beside, shared_offers
from zslviz.tasks.attributes.explanation import Explanation

NAMES = ("A", "B")
MAPS = 3  # attributes of a pair whose maps are compared


def write_comparison_vectors(folder: Path, pairs: Iterable[tuple[Explanation, Explanation]]) -> int:
    """Writes bundles and cases; how many pairs there are."""
    cases: list[dict[str, Any]] = []
    for number, pair in enumerate(pairs):
        files = [f"{number}-{which}.zslviz" for which in NAMES]
        for file, explanation in zip(files, pair, strict=True):
            (folder / file).write_bytes(explanation.bundle())
        compared = compare(*pair, NAMES)
        truth = (None, number % len(pair[0].space.classes), compared.winners[number % 2])[number % 3]
        counts = (2 + number % 5, 3 + number % 9)
        kinds = [None, *(offer.name for offer in shared_offers(compared))]
        told = [
            {"attribute": reading.attribute, "kind": kind, "answer": maps_beside(compared, reading.attribute, kind)}
            for reading in compared.by_difference(MAPS)
            for kind in kinds
        ]
        name = " and ".join(explanation.model for explanation in pair)
        answer = comparison_answer(compared, truth, *counts)
        cases.append({"name": name, "bundles": files, "truth": truth, "counts": counts, "answer": answer, "maps": told})
    (folder / "cases.json").write_text(json.dumps(cases, allow_nan=False), encoding="utf-8")
    return len(cases)
