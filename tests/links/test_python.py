"""The lines of Python that the page shows are executed: they rank as the page does."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from contextlib import redirect_stdout
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import zslviz
from tests.twin.replaying import NODE, replay
from zslviz.runtime.places import checkpoints_folder, examples_folder
from zslviz.tasks.attributes.invent.asked import with_invented
from zslviz.tasks.attributes.pictures import maps_answer
from zslviz.tasks.attributes.requests import RankRequest
from zslviz.tasks.compositional.feasibility import biting_threshold
from zslviz.tasks.compositional.requests import PairRequest
from zslviz.tasks.multilabel.requests import LabelRequest

pytestmark = pytest.mark.skipif(NODE is None, reason="Node is missing")
OPEN = zslviz.Explainer.from_pretrained
STATES = 4  # of each model
explainer_of = cache(lambda name: OPEN(checkpoints_folder() / name))
explained = cache(lambda name, path: explainer_of(name).explain(path))


class Opened:
    """`Explainer` for the lines: what they ask for is opened once for all of them."""

    def __init__(self, name: str) -> None:
        self.name = name

    from_pretrained = classmethod(lambda cls, name: cls(name))

    def explain(self, photo: Path) -> Any:
        return explained(self.name, photo)

    def add(self, *given: Any, **named: Any) -> Any:
        return explainer_of(self.name).add(*given, **named)


def values(rng: np.random.Generator, most: int, things: int) -> dict[str, float]:
    """Edits as the page has them: with the digits of sliders and what-ifs, and whole ones."""
    some = rng.choice(things, int(rng.integers(most + 1)), replace=False)
    return {str(i): float(np.round(rng.uniform(-0.5, 1.5), int(rng.integers(4)))) for i in some.tolist()}


def of_classes(x: Any, rng: np.random.Generator) -> tuple[dict[str, Any], dict[str, Any], Any]:
    space = x.space
    classes = {c: edits for c in values(rng, 3, len(space.classes)) if (edits := values(rng, 4, len(space.attributes)))}
    linked = {
        "image": values(rng, 5, len(space.attributes)),
        "classes": classes,
        "gamma": None if rng.random() < 0.5 else float(rng.uniform(0, 20)),
        "unseenOnly": bool(rng.random() < 0.4),
        "why": None if rng.random() < 0.4 else int(rng.choice(np.flatnonzero(~space.seen))),
        "attribute": None if rng.random() < 0.4 else int(rng.integers(len(space.attributes))),
        "kind": None if rng.random() < 0.4 else "attention",
        "view": [
            [],
            ["special", "stretched"],
            [f"part-{len(x.granularities)}", "cells"][: 2 if len(x.granularities) > 1 else 0],
        ][int(rng.integers(3))],
    }
    made = [
        {"name": f'my "{n}"', "values": (rng.integers(0, 4001, len(space.attributes)) / 4000).tolist()}
        for n in range(int(rng.integers(3)))
    ]
    linked["invented"] = made
    if made:
        x = with_invented(x, made)
        space = x.space
        linked["why"] = len(space.classes) - 1
    keys = [{int(i): v for i, v in linked["image"].items()}]
    keys.append({int(c): {int(i): v for i, v in edits.items()} for c, edits in classes.items()})
    request = RankRequest.parse(space, *keys, linked["gamma"], linked["unseenOnly"])
    offers = [{"name": offer.name} for offer in x.offers() if offer.of == "attribute"]
    told = {"attributes": space.attribute_names, "classes": [{"name": name} for name in space.class_names]}
    told |= {"strongest": [7, 8], "offers": offers}
    return linked, told, request.rank(x)


def same_map(space: dict[str, Any], case: dict[str, Any]) -> None:
    """That the map of the lines is the one that the page draws."""
    x, linked = space["explanation"], case["linked"]
    attribute = 7 if linked["attribute"] is None else linked["attribute"]
    told = maps_answer(x, attribute, x.offer_of(linked["kind"], "attribute"))
    part = next((int(one[5:]) for one in linked["view"] if one.startswith("part-")), 0)
    page = told["special"] if "special" in linked["view"] else told["layers"][part]
    assert space["drawn"].ravel() == pytest.approx(np.asarray(page["values"]).ravel(), abs=1e-6)


def of_labels(x: Any, rng: np.random.Generator) -> tuple[dict[str, Any], dict[str, Any], Any]:
    added = ["lighthouse", 'a "red" fort'][: int(rng.integers(3))]
    by_score = rng.random() < 0.5
    linked = {
        "label": added[0] if added else None,
        "added": added,
        "strength": float(rng.uniform(0, 200)) if by_score else None,
        "first": None if by_score else int(rng.integers(1, 9)),
        "gamma": None if rng.random() < 0.5 else float(rng.uniform(0, 3)),
        "unseenOnly": bool(rng.random() < 0.5),
        "overlaid": None if rng.random() < 0.5 else ["sky", *added],
    }
    request = LabelRequest.parse(
        added, linked["gamma"], None, linked["first"], linked["unseenOnly"], linked["strength"]
    )
    return linked, {"map": {"name": x.space.labels[0]}}, request.rank(request.added_to(x, explainer_of(x.model)))


def of_pairs(x: Any, rng: np.random.Generator) -> tuple[dict[str, Any], dict[str, Any], Any]:
    biting = round(biting_threshold(x.feasibility, x.space.seen), 2)
    linked = {
        "pair": None if rng.random() < 0.5 else [x.space.states[1], x.space.objects[2]],
        "other": None if rng.random() < 0.5 else [x.space.states[3], x.space.objects[0]],
        "openWorld": bool(rng.random() < 0.7),
        "threshold": None if rng.random() < 0.5 else 0.31,
        "bias": None if rng.random() < 0.5 else float(rng.uniform(-2, 4)),
        "before": bool(rng.random() < 0.4),
        "states": ["turquoise"][: int(rng.integers(2))],
        "objects": ["scarves"][: int(rng.integers(2))],
    }
    threshold = biting if linked["threshold"] is None else linked["threshold"]
    keys = ("states", "objects")
    request = PairRequest.parse(
        *(linked[key] for key in keys), linked["openWorld"], threshold, linked["bias"], linked["before"]
    )
    return linked, {"biting": biting, "counts": True}, request.rank(request.added_to(x, explainer_of(x.model)))


CASES: list[tuple[str, str, str, Callable[[Any, np.random.Generator], Any]]] = [
    ("explainLines", "mgmrn-awa2", "giraffe.jpg", of_classes),
    ("explainLines", "msdn-cub-grounded", "scarlet-macaw.jpg", of_classes),
    ("labelLines", "biam-corel5k", "multi/rio.jpg", of_labels),
    ("pairLines", "refiner-fashion", "fashion/red-handbag.jpg", of_pairs),
]


def test_the_lines_that_are_shown_rank_as_the_page_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cases, rankings = [], []
    for function, model, photo, state_of in CASES:
        for seed in range(STATES):
            x = explained(model, examples_folder() / photo)
            linked, told, ranking = state_of(x, np.random.default_rng(seed))
            head = {"model": model, "path": photo, "file": ""}
            cases.append({"function": function, "head": head, "linked": linked, "x": told})
            rankings.append(ranking)
    (tmp_path / "cases.json").write_text(json.dumps(cases), encoding="utf-8")
    done = replay("../links/lines.js", tmp_path)
    assert done.returncode == 0, done.stderr
    monkeypatch.setattr(zslviz, "Explainer", Opened)
    for lines, ranking, case in zip(json.loads((tmp_path / "lines.json").read_text()), rankings, cases, strict=True):
        space: dict[str, Any] = {}
        with redirect_stdout(io.StringIO()) as printed:
            exec(lines, space)
        assert space["ranking"].order.tolist() == ranking.order.tolist(), lines
        assert [repr(line) for line in space["ranking"]] == [repr(line) for line in ranking], lines
        assert printed.getvalue().startswith(f"  1 {ranking[0].name}")
        if (why := case["linked"].get("why")) is not None:
            scores = ranking.calibrated
            assert space["lead"].margin == pytest.approx(scores[why] - scores[ranking.best.index], abs=1e-3)
        for name in case["linked"].get("overlaid") or ():
            assert f"\n{name} [" in printed.getvalue(), "each map that is laid over the photo"
        if case["function"] == "explainLines":
            same_map(space, case)
        elif case["linked"].get("other"):
            difference = space["explanation"].difference(space["pair"], space["other"])
            assert str(difference) in printed.getvalue()


def test_a_photo_of_one_s_own_is_named_by_its_file(tmp_path: Path) -> None:
    x = {"biting": 0.3, "counts": False}
    head = {"model": "mine", "path": "", "file": 'my "best".jpg'}
    cases = [{"function": "pairLines", "head": head, "linked": {}, "x": x}]
    (tmp_path / "cases.json").write_text(json.dumps(cases), encoding="utf-8")
    assert replay("../links/lines.js", tmp_path).returncode == 0
    [lines] = json.loads((tmp_path / "lines.json").read_text())
    assert 'explainer.explain("my \\"best\\".jpg")' in lines and "examples_folder" not in lines
    compile(lines, "lines", "exec")
