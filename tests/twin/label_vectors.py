"""Shared vectors of labels: questions about made and shipped explanations with what the tab answers, for the page's arithmetic.

A folder with bundles and `cases.json`: a list of cases, each with its bundle, facts, maps and states. A state is a question of the
tab's panels with the server's answer, or with the sentence that refuses it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

from tests.twin.vectors import made_told
from zslviz.errors import ConfigError
from zslviz.photos.geometry import Geometry
from zslviz.tasks.base import pictures
from zslviz.tasks.base.bundle import About
from zslviz.tasks.base.photo import Timing
from zslviz.tasks.multilabel.explanation import LabelExplanation
from zslviz.tasks.multilabel.requests import LabelRequest
from zslviz.tasks.multilabel.space import LabelSpace
from zslviz.ui.tabs.multilabel.tab import MultiLabelTab

TEMPERS = ("plain", "ties", "extreme", "nothing")
REMARK = "Nobody has published how it is made."
QUESTIONS = ("rank", "rank", "rank", "rank", "rank", "map", "thumbnails", "region", "region", "insights", "attention")
FURTHER = ("url", "legend")  # of an answer: pictures, which the browser draws itself


class AskedTab(MultiLabelTab):
    """The tab with one explanation behind every handle, and labels that are added without a network."""

    def __init__(self, own: LabelExplanation, adding: Callable[[Sequence[str]], LabelExplanation]) -> None:
        self.own, self.adding = own, adding

    def kept(self, handle: object) -> LabelExplanation:
        return self.own

    def about(self, explanation: LabelExplanation, *told: Any) -> About:
        return About(remark=REMARK if explanation.scene_gate is None else "")

    def with_words(self, handle: str, explanation: LabelExplanation, request: LabelRequest) -> LabelExplanation:
        return self.adding(request.added) if request.added else explanation


@dataclass(frozen=True)
class Case:
    """own: without added labels; whole: with all of them, by name. adding: with some of them. classifiers: by the label's name."""

    name: str
    own: LabelExplanation
    whole: LabelExplanation
    adding: Callable[[Sequence[str]], LabelExplanation]
    classifiers: Mapping[str, np.ndarray]

    @property
    def added(self) -> tuple[str, ...]:
        return self.whole.space.labels[len(self.own.space) :]


def made_explanation(temper: str, seed: int) -> LabelExplanation:
    """An explanation of a made model. temper: of its numbers; those with ties have coarse ones and equal labels."""
    rng = np.random.default_rng(seed)
    k, e, d = int(rng.integers(2, 40)), int(rng.integers(2, 9)), 4
    h, w = (int(n) for n in rng.integers(2, 6, 2))
    embeddings, classifiers = rng.normal(size=(h * w, e)), rng.normal(size=(k, e))
    if temper == "ties":
        embeddings, classifiers = np.rint(embeddings), np.rint(classifiers)
        classifiers[rng.integers(0, k, k // 2)] = classifiers[0]
    elif temper == "extreme":
        classifiers *= rng.choice([1e-6, 1.0, 1e4], (k, 1))
    elif temper == "nothing":
        classifiers = np.zeros_like(classifiers)
    seen = rng.random(k) < rng.choice([0.0, 0.5, 0.8, 1.0], p=[0.05, 0.45, 0.45, 0.05])
    parts = rng.normal(size=(3, h * w, e)) if seed % 3 == 1 else None  # two groups and the whole photo
    if parts is not None:
        parts = np.rint(parts) if temper == "ties" else parts
        embeddings = parts[:-1].sum(0) + parts[-1].mean(0)
    attention = rng.dirichlet(np.ones(h * w), (2, h * w)).astype(np.float32)
    width, height = ((40, 30), (30, 200), (300, 40))[seed % 3]
    return LabelExplanation(
        model=f"made {temper}",
        photo=rng.integers(0, 256, (height, width, 3), dtype=np.uint8),
        geometry=Geometry.fit(width, height, 64),
        space=LabelSpace(_labels(k), seen, rng.normal(size=(k, d)).astype(np.float32), "made", name="corel5k"),
        timing=Timing(1.0, 2.0, "cpu"),
        region_scores=(classifiers @ embeddings.T).reshape(k, h, w).astype(np.float32),
        counted=int(rng.integers(1, h * w + 1)),
        embeddings=embeddings.astype(np.float32),
        region_attention=None if seed % 4 == 3 else attention,
        scene_gate=None if seed % 5 == 4 else rng.uniform(0, 1, 30).astype(np.float32),
        insights=() if seed % 4 == 3 else made_told(rng),
        shift=float(rng.choice([0.0, 1.9, 8.0])),
        gamma=float(rng.uniform(-1, 3)),
        threshold=float(rng.normal()),
        unseen_threshold=float(rng.normal()),
        part_scores=None
        if parts is None
        else np.stack([(classifiers @ p.T).reshape(k, h, w) for p in parts]).astype(np.float32),
        part_embeddings=None if parts is None else parts.astype(np.float32),
    )


def _labels(count: int) -> tuple[str, ...]:
    """Names of which some read otherwise than they are written, as the data set has it."""
    return tuple({1: "scotland", 2: "kauai"}.get(i, f"label {i}") for i in range(count))


def made_case(temper: str, seed: int) -> Case:
    own = made_explanation(temper, seed)
    rng = np.random.default_rng(1000 + seed)
    classifiers = {
        f"word {i}": rng.normal(size=own.embeddings.shape[1]).astype(np.float32) for i in range(int(rng.integers(4)))
    }

    def adding(names: Sequence[str]) -> LabelExplanation:
        vectors = np.ones((len(names), own.space.vectors.shape[1]), dtype=np.float32)
        return own.with_labels(names, vectors, np.array([classifiers[name] for name in names])) if names else own

    return Case(f"{temper} {seed}", own, adding(tuple(classifiers)), adding, classifiers)


def made_cases(rounds: int = 5) -> Iterator[Case]:
    """Every temper, `rounds` times."""
    for number in range(rounds):
        for i, temper in enumerate(TEMPERS):
            yield made_case(temper, 10 * number + i)


def random_payload(case: Case, rng: np.random.Generator, tame: bool, subsets: bool) -> dict[str, Any]:
    """How labels are to be ranked, as the page sends it. tame: values that the page's sliders have; subsets: of added labels."""
    ends = case.whole.calibrated()
    near = float(rng.choice(ends)) if rng.random() < 0.5 else float(rng.uniform(ends.min() - 1, ends.max() + 1))
    wild = () if tame else (1e6, -1e6)
    bar = (
        {"threshold": near},
        {"first": int(rng.integers(1, min(len(ends), 98) + 3))},
        {"strength": float(rng.choice([100, *wild, rng.integers(-50, 300)]))},
    )[int(rng.integers(3))]
    added = list(case.added)
    if subsets and added:
        added = [added[i] for i in rng.permutation(len(added))[: rng.integers(len(added) + 1)]]
    gammas = (None, 0.0, float(rng.uniform(-2, 5)), *wild)
    return {
        "added": added,
        "gamma": gammas[int(rng.integers(len(gammas)))],
        "unseen_only": bool(rng.random() < 0.3),
        **(bar if rng.random() < 0.8 else {}),
    }


def _called(case: Case, rng: np.random.Generator) -> list[str]:
    """The model's own labels, by the data set's names, by readable ones, or in capitals."""
    space = case.own.space
    return [
        (space.labels, space.label_names, [n.upper() for n in space.labels])[rng.integers(3)][i]
        for i in range(len(space))
    ]


def state(case: Case, tab: AskedTab, rng: np.random.Generator, tame: bool, subsets: bool) -> dict[str, Any]:
    """A question with its answer."""
    what = str(rng.choice(QUESTIONS))
    payload = random_payload(case, rng, tame, subsets)
    rows, columns = case.own.grid
    if what == "map":
        payload["label"] = str(rng.choice([*_called(case, rng), *payload["added"]]))
        payload["stretch"] = (None, True, False)[sum(map(ord, payload["label"])) % 3]
        if parts := [offer.name for offer in case.own.parts]:
            named = (None, *parts, "group 9")
            payload["part"] = named[sum(map(ord, payload["label"])) % len(named)]
    elif what == "thumbnails":
        labels = [*_called(case, rng), *payload["added"]]
        payload["labels"] = [labels[i] for i in rng.permutation(len(labels))[:8]]
    elif what == "region":
        payload |= {"x": float(rng.uniform(-0.2, 1.2)), "y": float(rng.uniform(-0.2, 1.2))}
    elif what == "attention":
        payload |= {"row": int(rng.integers(rows)), "column": int(rng.integers(columns))}
    try:
        answer = getattr(tab, what)(payload)
        for one in answer.get("thumbnails", []):
            del one["url"]
        return {"what": what, "payload": payload, "answer": answer}
    except ConfigError as error:
        return {"what": what, "payload": payload, "refused": str(error)}


def attention_of(explanation: LabelExplanation) -> list[dict[str, Any]]:
    """Where the first and the last region looked."""
    if explanation.region_attention is None:
        return []
    found = []
    for row, column in ((0, 0), (explanation.grid[0] - 1, explanation.grid[1] - 1)):
        values = explanation.attention_from(row, column)
        found.append({"region": [row, column], "values": values.ravel().tolist(), "step": float(values.max()) / 255})
    return found


def write_vectors(
    folder: Path, cases: Sequence[Case], states: int = 32, tame: bool = False, subsets: bool = True
) -> int:
    """Writes the cases, and returns how many states there are."""
    with patch.object(
        pictures, "layer_png", return_value=b""
    ):  # no picture is compared, and drawing takes most of the time
        told = _told_cases(folder, cases, states, tame, subsets)
    (folder / "cases.json").write_text(json.dumps(told, allow_nan=False), encoding="utf-8")
    return sum(len(case["states"]) for case in told)


def _told_cases(folder: Path, cases: Sequence[Case], states: int, tame: bool, subsets: bool) -> list[dict[str, Any]]:
    """The cases as they are written; their bundles are."""
    told, rng = [], np.random.default_rng(0)
    for number, case in enumerate(cases):
        own, whole = case.own, case.whole
        truth = [int(i) for i in rng.permutation(len(own.space))[:2]]
        tab = AskedTab(own, case.adding)
        facts = tab.facts(own, {"labels": ";".join(own.space.labels[i] for i in truth)})
        for name, explanation in (("whole", whole), ("own", own)):
            about = replace(tab.about(own), truth=truth)
            content = explanation.bundle(about, own=len(own.space), embeddings=name == "own")
            (folder / f"{number}-{name}.zslviz").write_bytes(content)
        told.append(
            {
                "name": f"{case.name} {number}",
                "bundle": f"{number}-whole.zslviz",
                "own": f"{number}-own.zslviz",
                "facts": {key: value for key, value in facts.items() if key != "map"},
                "scores": whole.scores.tolist(),
                "regions": whole.region_scores.ravel().tolist(),
                "counted": [whole.counted_regions(i) for i in range(len(whole.space))],
                "attention": attention_of(whole),
                "parts": [] if whole.part_scores is None else whole.part_scores.reshape(len(whole.parts), -1).tolist(),
                "part_means": whole.part_means().tolist() if whole.parts else [],
                "added": list(case.added),
                "classifiers": [case.classifiers[name].tolist() for name in case.added if name in case.classifiers],
                "states": [state(case, tab, rng, tame, subsets) for _ in range(states)],
            }
        )
    return told
