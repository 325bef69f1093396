"""Shared vectors: states of explanations of all rules with what Python makes of them, for the page's arithmetic to be held to.

A folder with bundles (`0.zslviz`, ...) and `cases.json`: a list of cases, each with its bundle, its values, some maps and states. A
state is a request with the answers to it, or with the sentence that refuses it. What JSON has no word for is the text "-inf".
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from zslviz.errors import ConfigError
from zslviz.photos.geometry import Geometry
from zslviz.tasks.attributes.apart import apart_answer
from zslviz.tasks.attributes.bundle import About
from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.attributes.insights import insights_answer
from zslviz.tasks.attributes.maps import EVIDENCE
from zslviz.tasks.attributes.requests import RankRequest
from zslviz.tasks.attributes.scoring import AttributeScale, RuleKind, ScoringRule
from zslviz.tasks.attributes.sentence import sentence
from zslviz.tasks.attributes.space import SemanticSpace
from zslviz.tasks.attributes.tipping import tipping_points
from zslviz.tasks.attributes.unlike.shown import Strangeness
from zslviz.tasks.attributes.whatifs import what_ifs
from zslviz.tasks.base.insights import LETTERS, Insight, ToldInsight
from zslviz.tasks.base.photo import Timing
from zslviz.ui.tabs.explain import answers

STATES = 50  # of a made explanation
STATES_OF_SHIPPED = 20
KINDS: tuple[RuleKind, ...] = ("dot", "cosine", "binary", "table")
TEMPERS = ("plain", "ties", "extreme", "nothing")
VALUES = (-100.0, -0.5, 0.0, 0.25, 0.5, 1.0, 1.5, 100.0)


def made_explanation(kind: RuleKind, temper: str, seed: int) -> Explanation:
    """An explanation of a made model. temper: of its numbers; those with ties have equal rows, columns of zeros, coarse values."""
    rng = np.random.default_rng(seed)
    g, a, k = int(rng.integers(1, 4)), int(rng.integers(3, 60)), int(rng.integers(2, 40))
    table, scores = rng.uniform(0, 1, (k, a)), rng.normal(0.3, 0.6, (g, a))
    if temper == "ties":
        table, scores = np.rint(2 * table) / 2, np.rint(2 * scores) / 2
        table[rng.integers(0, k, k // 2)] = table[0]
        table[-1] = 0
    elif temper == "extreme":
        table, scores = (
            table * rng.choice([1e-3, 1.0, 100.0], (k, 1)),
            scores * np.roll([1e-6, 1.0, 1e4], seed)[:g, None],
        )
    elif temper == "nothing":
        scores, table = np.zeros_like(scores), np.rint(table)
    seen = rng.random(k) < rng.choice([0.0, 0.5, 0.8, 1.0], p=[0.05, 0.45, 0.45, 0.05])
    space = SemanticSpace(
        tuple(f"class_{i}" for i in range(k)),
        tuple(f"has_part_{i % 4}::shade_{i}" for i in range(a)),
        tuple(f"part {i % 4}" for i in range(a)),
        table.astype(np.float32),
        seen,
        name="made",
    )
    thresholds = rng.choice([0.0, 0.5, 1.0], a) if temper == "ties" else rng.uniform(0, 1, a)
    rule = ScoringRule(
        kind, tuple(rng.uniform(-1, 20, g).tolist()), tuple(thresholds.tolist()) if kind == "binary" else ()
    )
    photos = rng.normal(0.3, 0.6, (30, g, a)).astype(np.float32)
    scale = AttributeScale.fit(photos, rng.uniform(0, 1, (30, a)).astype(np.float32), rule.shares if seed % 2 else None)
    evidence = rng.normal(0, 0.2, (g, a, 3, 4)).astype(np.float32)
    return Explanation(
        model=f"made {kind} {temper}",
        photo=rng.integers(0, 256, (30, 40, 3), dtype=np.uint8),
        geometry=Geometry.fit(40, 30, 64),
        granularities=tuple(f"granularity {i}" for i in range(g)),
        space=space,
        scores=scores.astype(np.float32),
        bias=(scores - evidence.sum((2, 3))).astype(np.float32),
        attention=np.abs(evidence),
        evidence=evidence,
        attention_context=None,
        parts=None,
        rule=rule,
        scale=scale,
        gamma=float(rng.uniform(-1, 8)),
        timing=Timing(1.0, 2.0, "cpu"),
        evidence_offer=replace(EVIDENCE, held="one norm", rest="learned correction") if seed % 3 else EVIDENCE,
        insights=(
            *(made_insights(a, np.random.default_rng(seed)) if seed % 2 else ()),
            *([made_trust(g, np.random.default_rng(seed))] if seed % 4 == 3 else ()),
        ),
    )


def made_insights(attributes: int, rng: np.random.Generator) -> tuple[Insight, ...]:
    """One of each sort, of the photo and of the model."""
    made = []
    for number, (axes, letters) in enumerate(LETTERS.items()):
        shape = [{"A": attributes, "N": 2, "X": 5}[letter] for letter in letters.split()]
        told = ToldInsight(
            f"insight {number}",
            f"Insight {number}",
            "What it is.",
            axes,
            ("photo", "model")[number % 2],
            unit="of it" * (number % 3),
            signed=bool(number % 2),
            names=("before", "after") if "N" in letters else (),
            at=(0.0, 1.0, 2.5, 3.0, 7.0) if "X" in letters else (),
            term="apart",
        )
        made += [Insight(told, rng.normal(0.2, 1, shape).astype(np.float32))]
    return tuple(made)


def made_trust(granularities: int, rng: np.random.Generator) -> Insight:
    """How far each answer counts in the photo."""
    names = tuple(f"granularity {i}" for i in range(granularities))
    told = ToldInsight("trust", "Trusted", "So far.", ("named",), "photo", "of the answer", names=names, term="trust")
    return Insight(told, rng.dirichlet(np.ones(granularities)).astype(np.float32))


def made_told(rng: np.random.Generator) -> tuple[Insight, ...]:
    """Of the sorts that a model of anything may tell."""
    return tuple(one for one in made_insights(1, rng) if "attribute" not in one.told.axes)


def made_explanations(rounds: int = 3) -> Iterator[Explanation]:
    """Every kind of rule with every temper, `rounds` times."""
    for number in range(rounds):
        for i, kind in enumerate(KINDS):
            for j, temper in enumerate(TEMPERS):
                yield made_explanation(kind, temper, 100 * number + 10 * i + j)


def random_request(explanation: Explanation, rng: np.random.Generator, tame: bool) -> RankRequest:
    """tame: values that the page's sliders have, else also absurd ones."""
    a, k = len(explanation.space.attributes), len(explanation.space.classes)

    def value() -> float:
        return float(rng.uniform(-0.5, 1.5)) if tame or rng.random() < 0.5 else float(rng.choice(VALUES))

    def some(most: int) -> int:
        return int(rng.integers(0, most + 1)) if rng.random() < 0.6 else 0

    gammas = (None, 0.0, float(rng.uniform(-2, 10)), *(() if tame else (1e6, -1e6)))
    return RankRequest(
        {int(rng.integers(a)): value() for _ in range(some(8))},
        {(int(rng.integers(k)), int(rng.integers(a))): value() for _ in range(some(6))},
        gammas[int(rng.integers(len(gammas)))],
        bool(rng.random() < 0.3),
        tuple({int(rng.integers(k)) for _ in range(some(3))}) if rng.random() < 0.3 else (),
    )


def state(explanation: Explanation, request: RankRequest, rng: np.random.Generator) -> dict[str, Any]:
    """A request and all answers to it."""
    k = len(explanation.space.classes)
    why, truth, pair = (int(rng.integers(k)) for _ in range(2)), None, [int(i) for i in rng.integers(k, size=2)]
    asked_why, truth = (None if rng.random() < 0.5 else index for index in why)
    class_edits: dict[int, dict[int, float]] = {}
    for (row, column), value in request.class_edits.items():
        class_edits.setdefault(row, {})[column] = value
    told = {**asdict(request), "class_edits": class_edits, "without": list(request.without)}
    asked = {"request": told, "why": asked_why, "truth": truth, "pair": pair}
    try:
        ranking = request.rank(explanation)
    except ConfigError as error:
        return {**asked, "refused": str(error)}
    space = request.space(explanation)
    exact = explanation.contributions(pair[0], pair[1], request.gamma, request.image_edits, space)
    ifs = what_ifs(explanation, request, truth=truth)
    held = ifs[0].attribute if ifs else 0
    return {
        **asked,
        "edited_scores": explanation.edited_scores(request.image_edits).ravel().tolist(),
        "order": ranking.order.tolist(),
        "ranks": ranking.ranks.tolist(),
        "scores": ranking.scores.tolist(),
        "calibrated": ranking.calibrated.tolist(),
        "probabilities": ranking.probabilities.tolist(),
        "contributions": {**asdict(exact), "terms": exact.terms.tolist()},
        "answer": answers.ranking_answer(explanation, request, asked_why, truth),
        "sentence": sentence(explanation, request, truth).to_dict(),
        "apart": apart_answer(explanation, request),
        "what_ifs": [asdict(what) for what in ifs],
        "tipping_points": {"attribute": held, **asdict(tipping_points(explanation, held, request))},
    }


def maps_of(explanation: Explanation, attributes: Sequence[int]) -> list[dict[str, Any]]:
    found = []
    for offer in explanation.offers():
        for a in attributes if offer.of == "attribute" else ():
            one = explanation.map(offer.name, a)
            rest = None if one.together is None else one.together - float(one.values.sum(dtype=np.float64))
            levels = 127 if offer.signed else 255
            step = float(np.abs(one.values).max()) / levels
            told = {"values": one.values.ravel().tolist(), "score": one.score, "rest": rest, "step": step}
            found.append({"offer": offer.name, "attribute": a, **told})
    return found


def write_vectors(folder: Path, explanations: Sequence[Explanation], states: int = STATES, tame: bool = False) -> int:
    """Writes the cases of some explanations, every second one in two files, and returns how many states there are."""
    cases, rng = [], np.random.default_rng(0)
    for number, explanation in enumerate(explanations):
        if number % 2:  # some photos look like nothing that was shown
            explanation = replace(explanation, strangeness=Strangeness(1.25, 1.2, 0.003, 0.049))
        attributes = len(explanation.space.attributes)
        truth = int(rng.integers(len(explanation.space.classes)))
        about = About("A model", "A photo", truth, "Somebody, CC0 1.0")
        case: dict[str, Any] = {
            "name": f"{explanation.model} {number}",
            "bundle": f"{number}.zslviz",
            "truth": truth,
            "gamma": explanation.gamma,
            "class_names": list(explanation.space.class_names),
            "values": explanation.values.tolist(),
            "facts": answers.facts(explanation, truth),
            "insights": {a: insights_answer(explanation, a) for a in {0, attributes - 1}},
            "maps": maps_of(explanation, sorted({0, attributes // 2, attributes - 1})),
            "states": [state(explanation, random_request(explanation, rng, tame), rng) for _ in range(states)],
        }
        (folder / case["bundle"]).write_bytes(explanation.bundle(about))
        cases.append(case)
    text = json.dumps(cases).replace("-Infinity", '"-inf"')
    assert "NaN" not in text and "Infinity" not in text
    (folder / "cases.json").write_text(text, encoding="utf-8")
    return sum(len(case["states"]) for case in cases)
