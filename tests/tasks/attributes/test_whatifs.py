"""Single edits and tipping points: what they promise is what the ranking does, held against trying everything one by one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from tests.conftest import EXAMPLES, SHIPPED
from tests.twin.vectors import KINDS, TEMPERS, made_explanation, random_request
from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.attributes.requests import RankRequest
from zslviz.tasks.attributes.tipping import TippingPoint, tipping_points
from zslviz.tasks.attributes.whatifs import WhatIf, box, what_ifs

STATES = 6
FINE = 1e-5  # of a value, and far more than float32 turns a ranking by


def states(explanation: Explanation, count: int = STATES) -> list[RankRequest]:
    rng = np.random.default_rng(len(explanation.space.classes))
    found = [RankRequest(), *(random_request(explanation, rng, tame=True) for _ in range(count - 1))]
    return [request for request in found if ranked(explanation, request)]


def ranked(explanation: Explanation, request: RankRequest) -> bool:
    competing = ~explanation.space.seen if request.unseen_only else np.ones(len(explanation.space.classes), bool)
    competing[list(request.without)] = False
    return bool(competing.any())


def after(explanation: Explanation, request: RankRequest, attribute: int, value: float) -> tuple[int, float]:
    """The first class and its lead once one attribute has a value."""
    ranking = replace(request, image_edits={**request.image_edits, attribute: value}).rank(explanation)
    best = ranking.calibrated[ranking.order[:2]].astype(float)
    return int(ranking.order[0]), float(best[0] - best[1])


def tried(explanation: Explanation, request: RankRequest) -> list[tuple[tuple[bool, float], int, int, float]]:
    """Every single edit that does something, the one that moves the ranking most first: (key, attribute, winner, lead)."""
    ranking = request.rank(explanation)
    first, lead = int(ranking.order[0]), float(np.subtract(*ranking.calibrated[ranking.order[:2]].astype(float)))
    found = []
    for attribute, column in enumerate(np.clip(explanation.space.table, 0, 1).T):
        now = request.image_edits.get(attribute, float(explanation.values[attribute]))
        for value, sign in ((float(column.min()), -1), (float(column.max()), 1)):
            if (value - now) * sign > 0:
                winner, by = after(explanation, request, attribute, value)
                steps = abs(value - now) / float(explanation.scale.table_std[attribute])
                key = (False, steps) if winner != first else (True, -abs(by - lead))
                if key != (True, 0):
                    found.append((key, attribute, winner, by))
    return sorted(found)


def same_as_tried(explanation: Explanation, request: RankRequest) -> list[WhatIf]:
    found, every = what_ifs(explanation, request), tried(explanation, request)
    best: dict[int, tuple[bool, float]] = {}
    for key, attribute, *_ in every:
        best.setdefault(attribute, key)
    assert len({what.attribute for what in found}) == len(found) == min(3, len(best))
    ordinary = [key for _, key in zip(range(3), best.values(), strict=False)]
    for what, (unchanged, size) in zip(found, ordinary, strict=True):
        winner, lead = after(explanation, request, what.attribute, what.value)
        assert (what.winner, what.lead) == (winner, pytest.approx(lead, rel=1e-5, abs=1e-5))
        assert what.changes is not unchanged
        own = abs(what.steps) if what.changes else size
        assert own == pytest.approx(size, rel=1e-4, abs=1e-4)  # as good as what trying finds
        assert best[what.attribute][1] == pytest.approx(size, rel=1e-4, abs=1e-4)
        low, high = box(explanation)[what.attribute]
        assert what.value == (low if what.move in ("without", "with less") else high)
        says_what_is_done(what)
        assert (what.value - what.before) * what.steps > 0
    return found


def says_what_is_done(what: WhatIf) -> None:
    """ "With" what was absent, "without" what is absent only afterwards; else less or more, with both amounts."""
    assert (what.move in ("with", "with more")) == (what.value > what.before)
    if what.move == "with":
        assert what.before <= 0.1 and what.value >= 0.5
    elif what.move == "without":
        assert what.before > 0.1 >= what.value
    else:
        assert not (what.before <= 0.1 and what.value >= 0.5) and not (what.before > 0.1 >= what.value)
    told = [float(text.replace("−", "-")) for text in what.amounts.split(" → ") if text]
    assert told == ([] if what.move in ("with", "without") else pytest.approx([what.before, what.value], abs=0.0051))
    assert len(set(told)) == len(told)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("temper", TEMPERS[:2])
def test_no_other_single_edit_moves_the_ranking_more(kind: str, temper: str) -> None:
    several = [made_explanation(kind, temper, seed) for seed in range(4)]  # type: ignore[arg-type]
    found = [
        what
        for explanation in several
        for request in states(explanation)
        if len(request.rank(explanation)) > 1
        for what in same_as_tried(explanation, request)
    ]
    assert any(what.changes for what in found)


def tips_there(explanation: Explanation, request: RankRequest, attribute: int) -> list[TippingPoint]:
    """Holds both tipping points against the ranking, and returns those that there are."""
    ranking, points = request.rank(explanation), tipping_points(explanation, attribute, request)
    first, ends = int(ranking.order[0]), box(explanation)[attribute].astype(float)
    now = request.image_edits.get(attribute, float(explanation.values[attribute]))
    for point, end, sign in ((points.below, ends[0], -1), (points.above, ends[1], 1)):
        last = end if point is None else point.value - sign * FINE
        if (last - now) * sign > 0:
            for value in np.linspace(now, last, 12):
                assert after(explanation, request, attribute, float(value))[0] == first, (attribute, value, point)
        if point is not None:
            assert 0 <= (point.value - now) * sign <= (end - now) * sign
            beyond = point.value + sign * FINE
            if (end - beyond) * sign > 0:
                assert after(explanation, request, attribute, beyond)[0] != first, (attribute, point)
                assert after(explanation, request, attribute, beyond)[0] == point.rival, (attribute, point)
            assert 0 <= (float(point.bound) - point.value) * sign <= 0.01 + 1e-9
    return [point for point in (points.below, points.above) if point]


@pytest.mark.parametrize("kind", KINDS)
def test_the_first_class_leads_up_to_its_tipping_point_and_no_further(kind: str) -> None:
    several = [made_explanation(kind, "plain", seed) for seed in range(4)]  # type: ignore[arg-type]
    found = [
        point
        for explanation in several
        for request in states(explanation, 3)
        if len(request.rank(explanation)) > 1
        for attribute in range(0, len(explanation.space.attributes), 5)
        for point in tips_there(explanation, request, attribute)
    ]
    assert len(found) > 10


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_models_tip_where_they_say(explanation_of: Callable[[str, int], Explanation], name: str) -> None:
    photo = next(i for i, path in enumerate(EXAMPLES) if path.stem == ("sheep" if "awa2" in name else "kingfisher"))
    explanation = explanation_of(name, photo)
    for what in same_as_tried(explanation, RankRequest()):
        points = tips_there(explanation, RankRequest(), what.attribute)
        assert points or not what.changes


def test_of_a_wrong_answer_the_edits_that_put_it_right_come_first() -> None:
    seen = set()
    for explanation in (made_explanation(kind, "plain", seed) for kind in KINDS for seed in range(4)):  # type: ignore[arg-type]
        order, every = RankRequest().rank(explanation).order.tolist(), len(explanation.space.attributes)
        plain = what_ifs(explanation, count=every)
        assert what_ifs(explanation, count=every, truth=order[0]) == plain  # nothing is wrong
        for truth in order[1:4]:
            found = what_ifs(explanation, count=every, truth=truth)
            rights = [what.winner == truth for what in found]
            assert rights == sorted(rights, reverse=True)
            assert {what.attribute for what in found} == {what.attribute for what in plain}
            assert any(rights) or found == plain
            seen.add(any(rights) and found != plain)
    assert seen == {True, False}


def test_one_class_alone_has_nothing_to_lose() -> None:
    explanation = made_explanation("cosine", "plain", 1)
    alone = RankRequest(without=tuple(range(1, len(explanation.space.classes))))
    assert what_ifs(explanation, alone) == []
    assert tipping_points(explanation, 0, alone) == tipping_points(explanation, 1, alone)
    assert tipping_points(explanation, 0, alone).below is None


def test_classes_that_are_described_alike_never_overtake_each_other() -> None:
    """A lead of zero along the whole way: the one listed first stays first, and the search ends."""
    explanation = made_explanation("cosine", "plain", 1)
    table = np.repeat(explanation.space.table[:1], len(explanation.space.classes), axis=0)
    space = replace(explanation.space, table=table, seen=np.ones(len(table), dtype=bool))
    explanation = replace(explanation, space=space)
    assert what_ifs(explanation) == []
    assert tipping_points(explanation, 0).below is tipping_points(explanation, 0).above is None
