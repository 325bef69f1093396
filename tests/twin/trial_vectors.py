"""Shared vectors: photos without one of their places, as Python has it of the maps in the bundle, for the page's arithmetic."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from tests.conftest import ROOT
from tests.tasks.attributes.taking import shipped
from tests.twin.vectors import KINDS, made_explanation
from zslviz.files.bundle import read_bundle, write_bundle
from zslviz.photos.geometry import Geometry
from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.attributes.requests import RankRequest
from zslviz.tasks.attributes.wobble import parsed
from zslviz.ui.tabs.explain.trials import deciding_answer, left_answer, tried_answer

PLACES = ((0, 0, 1, 1), (0.3, 0, 0.7, 0.5), (0.123, 0.4567, 0.2, 0.999))


def as_bundled(explanation: Explanation, content: bytes | None = None) -> Explanation:
    """The same explanation with the evidence that its bundle has: in 8 bits, each map on a scale of its own."""
    parts, (g, a) = read_bundle(content or explanation.bundle()).parts, explanation.scores.shape
    number = next(i for i in range(9) if f"map {i} bias" in parts)
    name = f"map {number} layers" if g > 1 else f"map {number}"
    values = parts[f"{name} levels"].astype(np.float64) * parts[f"{name} steps"][:, None, None]
    gain = explanation.scale.gain.astype(np.float64)[..., None, None]
    drawn = values.reshape(a, g, *values.shape[1:]).swapaxes(0, 1)
    evidence = np.divide(drawn, gain, out=np.zeros_like(drawn), where=gain != 0)
    return replace(explanation, evidence=evidence, bias=parts[f"map {number} bias"])


def of_shipped(model: str, photo: str) -> tuple[Explanation, bytes]:
    """A shipped example with the maps that its bundle has, and that bundle, whole."""
    folder = ROOT / "assets" / "bundles" / model
    content = (folder / f"{photo}.zslviz").read_bytes()
    head, geometry = read_bundle(content), Geometry(**read_bundle(content).head["geometry"])
    own = next(one for one in shipped(model) if np.array_equal(one.scores, head.parts["scores"]))
    whole = write_bundle(head.head, {**head.parts, "model": (folder / "model.zslviz").read_bytes()})
    return as_bundled(replace(own, geometry=geometry), content), whole


def explanations() -> Iterator[tuple[Explanation, bytes]]:
    """With their bundles: photos of both shipped sorts of tables, made ones of every rule, and one that fills no square."""
    yield of_shipped("mgmrn-awa2", "giraffe")
    yield of_shipped("msdn-cub-grounded", "kingfisher")
    made = [made_explanation(kind, temper, seed) for kind in KINDS for seed in range(2) for temper in ("plain", "ties")]
    narrow = made_explanation("dot", "plain", 5)
    made.append(replace(narrow, photo=np.zeros((90, 12, 3), dtype=np.uint8), geometry=Geometry.fit(12, 90, 64)))
    yield from ((as_bundled(one), one.bundle()) for one in made)


def looks_at(explanation: Explanation, rng: np.random.Generator) -> list[list[float]]:
    """Scores of eight looks: near those of the photo, so that now this class is first and now that."""
    noise = rng.normal(0, rng.choice([0.01, 0.5, 3]), (8, explanation.scores.size))
    return (explanation.scores.ravel() + noise).astype(np.float32).tolist()  # type: ignore[no-any-return]


def cases_of(explanation: Explanation, rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    """Questions with Python's answers. Values that the page cannot know (of granularities that count for nothing) are left out."""
    space = explanation.space
    for number, region in enumerate(PLACES):
        edited = rng.choice(len(space.attributes), 2, replace=False).tolist()
        edits = {int(a): float(rng.uniform(0, 1)) for a in edited} if number == 1 else {}
        rows = {(0, 1): 0.25} if number == 2 else {}
        request = RankRequest(edits, rows, gamma=None if number else float(rng.uniform(0, 3)))
        promise, attribute = explanation.without(region), int(rng.integers(len(space.attributes)))
        proof = (promise.scores + rng.normal(0, 0.05, promise.scores.shape)).astype(np.float32)
        scores = {"promise": left_answer(promise)["scores"], "proof": proof.ravel().tolist()}
        yield {
            "region": list(region),
            "attribute": attribute,
            "request": {
                "image_edits": edits,
                "class_edits": {str(c): {str(a): v} for (c, a), v in rows.items()},
                "gamma": request.gamma,
            },
            **scores,
            "counts": (explanation.scale.gain != 0).ravel().tolist(),
            "tried": tried_answer(explanation, request, attribute, scores),
            "untried": tried_answer(explanation, request, attribute, {"promise": scores["promise"]}),
            "deciding": deciding_answer(explanation, request),
            "looks": (looked := looks_at(explanation, np.random.default_rng(number))),
            "wobbled": parsed(explanation, looked).under(request).to_dict(),
        }


def write_trial_vectors(folder: Path) -> int:
    """Writes bundles and cases; how many explanations there are."""
    rng, cases = np.random.default_rng(4), []
    for number, (own, bundle) in enumerate(explanations()):
        file = f"{number}.zslviz"
        (folder / file).write_bytes(bundle)
        cases.append({"name": f"{own.model} {number}", "bundle": file, "asked": list(cases_of(own, rng))})
    (folder / "cases.json").write_text(json.dumps(cases), encoding="utf-8")
    return len(cases)
