"""What would it take: every way wins when the package ranks again, keeps to its limits, and is told in words."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzzing import fuzz
from tests.tasks.attributes.taking import PHOTOS, shipped, targets
from tests.twin.vectors import KINDS, TEMPERS, made_explanation
from zslviz.errors import ConfigError, UnknownNameError
from zslviz.tasks.attributes.checkpoint import AttributeCheckpoint
from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.attributes.invent.asked import with_invented
from zslviz.tasks.attributes.requests import RankRequest
from zslviz.tasks.attributes.what_would_it_take.answer import Answer, value_part
from zslviz.tasks.attributes.what_would_it_take.gamma import gamma_alone
from zslviz.tasks.attributes.what_would_it_take.moves import exclusive_groups
from zslviz.tasks.attributes.whatifs import box


def check(explanation: Explanation, answer: Answer, request: RankRequest, locked: frozenset[int] = frozenset()) -> None:
    """Whether every way does what it says."""
    space, ends = request.space(explanation), box(explanation).astype(float)
    start = explanation.values.astype(float) if answer.side == "photo" else space.table[answer.target].astype(float)
    for attribute, value in request.image_edits.items() if answer.side == "photo" else ():
        start[attribute] = value
    used: list[set[int]] = []
    for way in answer.ways:
        values = {edit.attribute: edit.value for edit in way.edits}
        if answer.side == "photo":
            after = replace(request, image_edits={**request.image_edits, **values})
        else:
            own = {(answer.target, a): value for a, value in values.items()}
            after = replace(request, class_edits={**request.class_edits, **own})
        ranking = after.rank(explanation)
        assert ranking.order[0] == answer.target
        best_two = ranking.calibrated[ranking.order[:2]].astype(float)
        assert way.lead == best_two[0] - best_two[1]  # to the last digit
        assert way.lead > 0
        steps = max(edit.step for edit in way.edits) + 1
        assert {edit.step for edit in way.edits} == set(range(steps))
        assert (way.leads[0], way.leads[-1]) == (way.lead_before, way.lead)
        assert len(way.leads) == (steps + 1 if steps <= 12 else 2)
        if answer.by == "parts":
            assert steps == way.count
        for edit in way.edits:
            assert edit.before == pytest.approx(start[edit.attribute])
            low, high = np.sort([*ends[edit.attribute], start[edit.attribute]])[[0, 2]]
            assert low - 1e-6 <= edit.value <= high + 1e-6
            assert edit.attribute not in locked
        groups = {space.groups[edit.attribute] for edit in way.edits if not edit.along}
        assert all(len(groups & others) <= 1 for others in used)
        used.append(groups)
        if answer.by == "attributes":
            assert way.count == sum(not edit.along for edit in way.edits)


@pytest.mark.parametrize("model", PHOTOS)
@pytest.mark.parametrize(
    "asked",
    [
        {"ways": 3},
        {"by": "parts"},
        {"character": "least"},
        {"character": "gentlest"},
        {"character": "squares"},
        {"character": "natural", "ways": 2},
        {"side": "description", "ways": 2},
        {"side": "description", "by": "parts"},
    ],
    ids=lambda asked: "-".join(map(str, asked.values())),
)
def test_every_way_wins_when_the_package_ranks_it_again(model: str, asked: dict[str, object]) -> None:
    found = 0
    for explanation in shipped(model)[:3]:
        for target in targets(explanation)[:3]:
            answer = explanation.what_would_it_take(target, **asked)  # type: ignore[arg-type]
            check(explanation, answer, RankRequest())
            found += bool(answer.ways)
            assert answer.ways or answer.blocking is not None
    assert found >= 4


def with_one_kind_each(explanation: Explanation) -> Explanation:
    """The same where all groups of attributes add up to 1 in every class."""
    space, table = explanation.space, explanation.space.table.astype(np.float64)
    for name in set(space.groups):
        own = [i for i, group in enumerate(space.groups) if group == name]
        size = np.abs(table[:, own]) + 0.01
        table[:, own] = size / size.sum(axis=1, keepdims=True)
    return replace(explanation, space=replace(space, table=table.astype(np.float32)))


@fuzz(60)
@given(
    kind=st.sampled_from(KINDS),
    temper=st.sampled_from(TEMPERS),
    seed=st.integers(0, 10_000),
    place=st.integers(0, 5),
    data=st.data(),
)
def test_locks_ranges_and_what_is_asked_are_respected(kind, temper, seed, place, data) -> None:  # type: ignore[no-untyped-def]
    explanation = made_explanation(kind, temper, seed)
    if data.draw(st.booleans()):
        explanation = with_one_kind_each(explanation)
    space, a = explanation.space, len(explanation.space.attributes)
    attributes = st.integers(0, a - 1)
    request = RankRequest(
        data.draw(st.dictionaries(attributes, st.floats(-0.5, 1.5), max_size=3)),
        gamma=data.draw(st.sampled_from([None, 0.0, 3.0])),
    )
    order = request.rank(explanation).order.tolist()
    target = order[min(place, len(order) - 1)]
    locked = data.draw(st.frozensets(attributes, max_size=a // 2))
    groups = data.draw(st.frozensets(st.sampled_from(space.groups), max_size=2))
    ends = data.draw(st.dictionaries(attributes, st.tuples(st.floats(0, 0.5), st.floats(0.5, 1)), max_size=4))
    side = data.draw(st.sampled_from(["photo", "description"]))
    by = data.draw(st.sampled_from(["attributes", "parts"]))
    character = (
        data.draw(st.sampled_from(["fewest", "fewest", "least", "gentlest", "squares", "natural"]))
        if (side, by) == ("photo", "attributes")
        else "fewest"
    )
    ways = data.draw(st.integers(1, 3))
    answer = explanation.what_would_it_take(
        target, side, character, [*sorted(locked), *groups], by, ways, ends, request
    )
    check(explanation, answer, request, locked | {i for i, group in enumerate(space.groups) if group in groups})
    exclusive = exclusive_groups(space) if by == "attributes" else []
    for way, members in itertools.product(answer.ways, exclusive):
        own = [edit for edit in way.edits if edit.attribute in members]
        raised = [edit for edit in own if not edit.along]
        if character == "fewest" and (way.proved or side == "description"):  # the least change may mix kinds
            assert len(raised) <= 1
            assert all(edit.value >= edit.before for edit in raised)
        assert bool(raised) == bool(own)
    start = explanation.space.table[target] if side == "description" else explanation.values
    for way in answer.ways:
        for edit in way.edits:
            if edit.attribute in ends:
                now = (
                    request.image_edits.get(edit.attribute, float(start[edit.attribute]))
                    if side == "photo"
                    else edit.before
                )
                low, high = ends[edit.attribute]
                assert min(low, now) - 1e-6 <= edit.value <= max(high, now) + 1e-6


@pytest.mark.parametrize("character", ["squares", "natural"])
@pytest.mark.parametrize("seed", [679, *range(12)])
def test_another_way_raises_no_kind_that_an_earlier_one_has_raised(seed: int, character: str) -> None:
    explanation = with_one_kind_each(made_explanation("dot", "ties", seed))
    target = int(RankRequest().rank(explanation).order[1])
    answer = explanation.what_would_it_take(target, "photo", character, ways=3)
    check(explanation, answer, RankRequest(), set())
    for way, members in itertools.product(answer.ways, exclusive_groups(explanation.space)):
        own = [edit for edit in way.edits if edit.attribute in members]
        assert bool(own) == any(not edit.along for edit in own)


def test_exclusive_groups_are_found_and_keep_their_sum() -> None:
    explanation = shipped("msdn-cub-grounded")[0]
    space = explanation.space
    groups = exclusive_groups(space)
    assert {space.groups[int(members[0])] for members in groups} >= {"bill shape", "size", "shape", "tail shape"}
    assert all(space.groups[int(members[0])] != "back color" for members in groups)
    assert exclusive_groups(AttributeCheckpoint.load("eszsl-awa2").space) == []
    made = with_invented(
        explanation, {"Odd one": [0.5] * len(space.attributes)}
    ).space  # its values of a group add up otherwise
    assert [members.tolist() for members in exclusive_groups(made)] == [members.tolist() for members in groups]
    moved = 0
    for target in targets(explanation)[:2]:
        answer = explanation.what_would_it_take(target, "description", ways=2)
        for way in answer.ways:
            for members in groups:
                own = [edit for edit in way.edits if edit.attribute in members]
                if own:
                    moved += 1
                    assert sum(not edit.along for edit in own) == 1
                    assert sum(edit.value - edit.before for edit in own) == pytest.approx(0, abs=0.1)
                    assert all(edit.value <= edit.before + 1e-9 for edit in own if edit.along)
    assert moved


def test_what_is_first_needs_nothing_and_what_is_locked_is_said_to_be_in_the_way() -> None:
    explanation = shipped("mgmrn-awa2")[0]
    first, second = explanation.rank().order[:2].tolist()
    already = explanation.what_would_it_take(first)
    assert already.ways == ()
    assert already.sentence.text.endswith("is first already.")
    groups = list(dict.fromkeys(explanation.space.groups))
    none = explanation.what_would_it_take(second, lock=groups)
    assert (none.ways, none.blocking) == ((), first)
    assert none.impossible
    assert ", within what classes have and with what is to be kept, would make " in none.sentence.text
    assert none.near_miss is None
    some = explanation.what_would_it_take(int(explanation.rank().order[9]), ways=2)
    assert some.ways[0].count > 1
    assert some.near_miss is not None
    assert 0 < some.near_miss.share < 1
    told = some.to_dict(explanation.space)
    assert told["ways"][0]["sentence"].startswith("If the model had seen ")
    assert told["near_miss"]["sentence"].endswith("% of the way.")
    described = explanation.what_would_it_take(second, "description")
    assert "were described with" in described.ways[0].sentence.text


def test_the_handicap_alone() -> None:
    tried = 0
    for explanation in shipped("mgmrn-awa2"):
        for target in targets(explanation):
            gamma = gamma_alone(explanation, RankRequest(), target)
            if gamma is not None:
                tried += 1
                assert explanation.rank(gamma).order[0] == target
                nearer = gamma + 0.25 * (explanation.gamma - gamma)
                assert explanation.rank(nearer).order[0] != target
            else:
                assert all(explanation.rank(g).order[0] != target for g in np.linspace(-20, 40, 61))
    assert tried


def test_what_cannot_be_asked_is_said_in_a_sentence() -> None:
    explanation = made_explanation("dot", "plain", 4)
    last = int(explanation.rank().order[-1])
    for asked, sentence in (
        ({"side": "animal"}, "'side' must be photo or description"),
        ({"character": "least", "by": "parts"}, "Parts are changed as few as possible"),
        ({"character": "gentlest", "side": "description"}, "Descriptions are changed as few as possible"),
        ({"ways": 6}, "'ways' must be a number from 1 to 5"),
        ({"ranges": {0: 3}}, "must be two numbers"),
        ({"ranges": {0: (0.5, 0.1)}}, "ends before it begins"),
    ):
        with pytest.raises(ConfigError, match=sentence):
            explanation.what_would_it_take(last, **asked)  # type: ignore[arg-type]
    with pytest.raises(UnknownNameError):
        explanation.what_would_it_take("no such class")
    seen = [c for c in explanation.rank().order.tolist() if explanation.space.seen[c]]
    with pytest.raises(ConfigError, match="does not compete"):
        explanation.what_would_it_take(seen[0], request=RankRequest(unseen_only=True))


def test_values_in_words() -> None:
    assert [value_part(v).text for v in (0.2, 0.95, 1.0, -0.1, 0.125, -0.001, 0.0)] == [
        "0.2",
        "0.95",
        "1",
        "-0.1",
        "0.13",
        "0",
        "0",
    ]
