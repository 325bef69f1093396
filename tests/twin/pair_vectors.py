"""Shared vectors of pairs: questions about made and shipped explanations with what the tab answers, for the page's arithmetic.

As those of labels (`label_vectors.py`); a case has some maps besides.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

from tests.twin.pair_map_vectors import maps_of
from tests.twin.vectors import made_told
from zslviz.errors import ConfigError
from zslviz.models.refining import Refining
from zslviz.photos.geometry import Geometry
from zslviz.tasks.base import pictures
from zslviz.tasks.base.bundle import About
from zslviz.tasks.base.photo import Timing
from zslviz.tasks.compositional import pictures as pair_maps
from zslviz.tasks.compositional.explanation import CompositionExplanation
from zslviz.tasks.compositional.pair_parts import PairLogits, PairText
from zslviz.tasks.compositional.requests import PairRequest
from zslviz.tasks.compositional.space import CompositionSpace
from zslviz.tasks.compositional.stages import StageMaps, Stages
from zslviz.ui.tabs.compose.tab import ComposeTab

TEMPERS = ("plain", "ties", "extreme", "nothing")
QUESTIONS = ("rank", "rank", "rank", "pair", "multiples", "insights")
REMARK = "Nobody has published how it is made."
Adding = Callable[[Sequence[str], Sequence[str]], CompositionExplanation]


class AskedTab(ComposeTab):
    """The tab with one explanation behind every handle, and words that are added without a network."""

    def __init__(self, own: CompositionExplanation, adding: Adding) -> None:
        self.own, self.adding = own, adding

    def kept(self, handle: object) -> CompositionExplanation:
        return self.own

    def about(self, explanation: CompositionExplanation, *told: Any) -> About:
        return About(remark=REMARK)

    def with_words(
        self, handle: str, explanation: CompositionExplanation, request: PairRequest
    ) -> CompositionExplanation:
        return self.adding(request.states, request.objects) if request.words else explanation


@dataclass(frozen=True)
class Case:
    """own: without added words; whole: with all of them. adding: with some states and objects of them."""

    name: str
    own: CompositionExplanation
    whole: CompositionExplanation
    adding: Adding

    @property
    def states(self) -> tuple[str, ...]:
        return self.whole.space.states[len(self.own.space.states) :]

    @property
    def objects(self) -> tuple[str, ...]:
        return self.whole.space.objects[len(self.own.space.objects) :]


def made_case(temper: str, seed: int) -> Case:
    """A made photo with up to two words added of each kind. temper: of its numbers; those with ties have coarse ones."""
    rng = np.random.default_rng(seed)
    more = [int(n) for n in rng.integers(0, 3, 2)]
    s, o = (int(n) for n in rng.integers(2, 9, 2))
    space = _space(rng, s, o, "ties" if temper in ("ties", "nothing") else "plain")
    vectors = [rng.normal(size=(n, 4)).astype(np.float32) for n in more]
    names = [tuple(f"new state {i}" for i in range(more[0])), tuple(f"new object {i}" for i in range(more[1]))]
    for add, added, own in zip(("with_state", "with_object"), names, vectors, strict=True):
        for name, vector in zip(added, own, strict=True):
            space = getattr(space, add)(name, vector)
    whole = _explanation(rng, space, temper, seed)

    def adding(states: Sequence[str], objects: Sequence[str]) -> CompositionExplanation:
        return taken(whole, (s, o), states, objects)

    return Case(f"{temper} {seed}", adding((), ()), whole, adding)


def _space(rng: np.random.Generator, states: int, objects: int, temper: str) -> CompositionSpace:
    candidates = rng.random((states, objects)) < 0.7
    seen = candidates & (rng.random((states, objects)) < rng.choice([0.5, 1.0], p=[0.9, 0.1]))
    seen[0, 0] = candidates[0, 0] = True
    vectors = [rng.normal(size=(n, 4)).astype(np.float32) for n in (states, objects)]
    if temper == "ties":
        vectors = [np.sign(v) for v in vectors]
    things = tuple("tshirts" if i == 0 else f"object {i}" for i in range(objects))  # which the data set reads otherwise
    names = tuple(f"state {i}" for i in range(states)), things
    return CompositionSpace(*names, seen, candidates, *vectors, words="made", name="fashion")


def _explanation(rng: np.random.Generator, space: CompositionSpace, temper: str, seed: int) -> CompositionExplanation:
    (s, o), e, (h, w), queries = space.shape, 5, rng.integers(2, 5, 2), 3

    def drawn(*shape: int) -> np.ndarray:
        values = rng.normal(0, 3, shape)
        if temper == "ties":
            values = np.rint(values)
        elif temper == "extreme":
            values *= rng.choice([1e-3, 1.0, 300.0])
        return (np.zeros(shape) if temper == "nothing" else values).astype(np.float32)

    def looked(count: int) -> np.ndarray:
        return rng.dirichlet(np.ones(h * w), count).reshape(count, h, w).astype(np.float32)

    def logits() -> PairLogits:
        return PairLogits(drawn(s, o), drawn(s), drawn(o))

    def stage(name: str) -> StageMaps:
        return StageMaps(name, drawn(s, o, h, w), drawn(s, h, w), drawn(o, h, w))

    after, start, refinement = logits(), drawn(e), drawn(e, h, w) / 5
    by_stages = seed % 4 == 2
    without_queries, without_texts = seed % 4 == 3 or by_stages, seed % 5 == 4 or by_stages
    width, height = ((40, 30), (30, 200), (300, 40))[seed % 3]
    return CompositionExplanation(
        model=f"made {temper}",
        photo=rng.integers(0, 256, (height, width, 3), dtype=np.uint8),
        geometry=Geometry.fit(width, height, 64),
        space=space,
        timing=Timing(1.0, 2.0, "cpu"),
        logits=after,
        before=after if without_queries and not by_stages else logits(),
        embedding=start if without_queries else start + refinement.sum((1, 2)),
        global_embedding=start,
        query_attention=None if without_queries else np.stack([looked(queries), looked(queries)]),
        state_attention=None if without_texts else looked(s),
        object_attention=None if without_texts else looked(o),
        refinement=None if without_queries else refinement,
        text=PairText(drawn(s, e), drawn(o, e), drawn(s, e), drawn(o, e)),
        scale=12.5,
        features=(),
        global_vector=None,
        bias=float(rng.uniform(-1, 4)),
        familiarity=((0.0, 0.0), (1.0, 0.5))[seed % 2],
        threshold=float(rng.uniform(-0.5, 0.8)),
        shift=float(rng.choice([0.0, 1.9, 8.0])),
        by_stage=Stages((stage("low"), stage("high")), logits(), 0.25) if by_stages else None,
        insights=() if seed % 3 == 1 else made_told(rng),
        called=Refining("At first", "Then", "It turned by {}.", "The rest") if seed % 2 else None,
    )


def taken(
    whole: CompositionExplanation, own: tuple[int, int], states: Sequence[str], objects: Sequence[str]
) -> CompositionExplanation:
    """The explanation with the model's own words and some of the added ones, whose space is made anew from these."""
    space = whole.space
    rows = [*range(own[0]), *(space.states.index(name) for name in states)]
    columns = [*range(own[1]), *(space.objects.index(name) for name in objects)]
    less = CompositionSpace(
        space.states[: own[0]],
        space.objects[: own[1]],
        space.seen[: own[0], : own[1]],
        space.candidates[: own[0], : own[1]],
        space.state_vectors[: own[0]],
        space.object_vectors[: own[1]],
        words=space.words,
        name=space.name,
    )
    for row in rows[own[0] :]:
        less = less.with_state(space.states[row], space.state_vectors[row])
    for column in columns[own[1] :]:
        less = less.with_object(space.objects[column], space.object_vectors[column])

    def of(logits: PairLogits) -> PairLogits:
        return PairLogits(logits.pairs[np.ix_(rows, columns)], logits.states[rows], logits.objects[columns])

    text = whole.text
    stages = tuple(
        StageMaps(stage.name, stage.pairs[np.ix_(rows, columns)], stage.states[rows], stage.objects[columns])
        for stage in whole.stages
    )
    return replace(
        whole,
        space=less,
        logits=of(whole.logits),
        before=of(whole.before),
        by_stage=None
        if whole.by_stage is None
        else replace(whole.by_stage, maps=stages, apart=of(whole.by_stage.apart)),
        state_attention=None if whole.state_attention is None else whole.state_attention[rows],
        object_attention=None if whole.object_attention is None else whole.object_attention[columns],
        text=PairText(
            text.pair_states[rows], text.pair_objects[columns], text.state_gates[rows], text.object_gates[columns]
        ),
    )


def made_cases(rounds: int = 5) -> Iterator[Case]:
    """Every temper, `rounds` times."""
    for number in range(rounds):
        for i, temper in enumerate(TEMPERS):
            yield made_case(temper, 10 * number + i)


def random_payload(case: Case, rng: np.random.Generator, tame: bool, subsets: bool) -> dict[str, Any]:
    """How pairs are to be ranked, as the page sends it. tame: values that the page's sliders have; subsets: of added words."""

    def some(words: Sequence[str]) -> list[str]:
        order = rng.permutation(len(words))[: rng.integers(len(words) + 1)]
        return [words[i] for i in order] if subsets else list(words)

    near = float(rng.choice(case.whole.feasibility.ravel()))
    thresholds = (None, near, float(rng.uniform(-1, 1)), *(() if tame else (100.0, -100.0)))
    biases = (None, 0.0, float(rng.uniform(-3, 6)), *(() if tame else (1e6, -1e6)))
    return {
        "states": some(case.states),
        "objects": some(case.objects),
        "open_world": bool(rng.random() < 0.5),
        "threshold": thresholds[int(rng.integers(len(thresholds)))],
        "bias": biases[int(rng.integers(len(biases)))],
        "before": bool(rng.random() < 0.3),
    }


def state(case: Case, tab: AskedTab, rng: np.random.Generator, tame: bool, subsets: bool) -> dict[str, Any]:
    """A question with its answer, pictures taken out."""
    what = str(rng.choice(QUESTIONS))
    payload = random_payload(case, rng, tame, subsets)
    space = case.own.space
    things = (space.objects, space.object_names, tuple(name.upper() for name in space.objects))[rng.integers(3)]
    words = (space.states + tuple(payload["states"]), things + tuple(payload["objects"]))

    def pair() -> list[str]:
        return [str(rng.choice(names)) for names in words]

    if what == "multiples":
        payload["kind"] = str(rng.choice(["queries", "states", "objects", "pairs", "photos"]))
    elif what == "pair":
        payload |= {"pair": pair(), "other": pair() if rng.random() < 0.5 else None}
    elif what == "rank" and rng.random() < 0.7:
        gone = ["a state taken away", words[1][0]]
        payload["pair"] = (pair(), pair(), pair(), gone, None)[int(rng.integers(5))]
        payload["other"] = (None, payload["pair"], gone, pair())[int(rng.integers(4))]
        payload["with_space"] = bool(rng.random() < 0.5)
        payload["drawn"] = [payload["pair"], payload["other"]]
    if isinstance(payload.get("pair"), list):
        payload["stretch"] = bool(len("".join(payload["pair"])) % 2)  # what is weak in 8 bits may not be quite so
    try:
        return {"what": what, "payload": payload, "answer": _told(what, getattr(tab, what)(payload))}
    except ConfigError as error:
        return {"what": what, "payload": payload, "refused": str(error)}


def _told(what: str, answer: dict[str, Any]) -> dict[str, Any]:
    """An answer without addresses of pictures, and without what the server alone draws: which there are, and their legends."""
    if what == "multiples":
        return {**answer, "maps": [{k: v for k, v in one.items() if k != "url"} for one in answer["maps"]]}
    if "pair" in answer and isinstance(answer["pair"], dict):
        return {**answer, "pair": _told("pair", answer["pair"])}
    if "maps" not in answer:
        return answer
    left = {key: value for key, value in answer.items() if key not in ("same", "contours", "where")}
    return left | {"maps": sorted({*answer["maps"], *(which for those in answer["same"].values() for which in those)})}


def write_vectors(
    folder: Path, cases: Sequence[Case], states: int = 32, tame: bool = False, subsets: bool = True
) -> int:
    """Writes the cases, and returns how many states there are."""
    # no picture and no contour is compared, and drawing them takes most of the time
    with (
        patch.object(pictures, "layer_png", return_value=b""),
        patch.object(pair_maps, "contours_answer", return_value=[]),
    ):
        told = _told_cases(folder, cases, states, tame, subsets)
    (folder / "cases.json").write_text(json.dumps(told, allow_nan=False), encoding="utf-8")
    return sum(len(case["states"]) for case in told)


def _told_cases(folder: Path, cases: Sequence[Case], states: int, tame: bool, subsets: bool) -> list[dict[str, Any]]:
    """The cases as they are written; their bundles are."""
    told, rng = [], np.random.default_rng(0)
    for number, case in enumerate(cases):
        own, whole = case.own, case.whole
        truth = None if number % 3 == 0 else tuple(int(rng.integers(n)) for n in own.space.shape)
        tab = AskedTab(own, case.adding)
        names = ("", "") if truth is None else (own.space.states[truth[0]], own.space.objects[truth[1]])
        facts = tab.facts(own, {"state": names[0], "object": names[1]})
        for name, explanation in (("whole", whole), ("own", own)):
            content = explanation.bundle(About(truth=truth, remark=REMARK), own=own.space.shape)
            (folder / f"{number}-{name}.zslviz").write_bytes(content)
        told.append(
            {
                "name": f"{case.name} {number}",
                "bundle": f"{number}-whole.zslviz",
                "own": f"{number}-own.zslviz",
                "facts": facts | {"pair": _told("pair", facts["pair"])},
                "fused": [whole.logits.fused.ravel().tolist(), whole.before.fused.ravel().tolist()],
                "maps": maps_of(whole),
                "queries": [] if whole.query_attention is None else [m.ravel().tolist() for m in whole.query_maps()],
                "states": [state(case, tab, rng, tame, subsets) for _ in range(states)],
            }
        )
    return told
