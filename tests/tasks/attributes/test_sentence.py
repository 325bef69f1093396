"""The sentence is true: every claim of it is read from its text and worked out again from the numbers, in a way of its own."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from tests.conftest import EXAMPLES, ROOT, SHIPPED
from tests.tasks.attributes.edited_states import State, states_of
from tests.twin.vectors import KINDS, TEMPERS, made_explanation
from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.attributes.requests import RankRequest
from zslviz.tasks.attributes.sentence import sentence

HANDICAP = (
    r"(?:the handicap of <n([^>]+)> that trained classes carry|the head start of <n([^>]+)> that trained classes have)"
)
ITEM = rf"(not )?<a(\d+)>|{HANDICAP}|(\d+) other attributes together|(the other attribute)"
ITEMS = rf"(?:(?:{re.sub(r'[(](?![?])', '(?:', ITEM)})(?:, (?!in spite|but only|only)| and )?)+"
SAID = {
    "alone": r"<c(?P<first>\d+)> is the only class that competes\.",
    "level": r"<c(?P<first>\d+)>(?P<unseen>, never trained on,)? is level with <c(?P<second>\d+)>(?: and (?P<more>\d+) more)?; "
    r"it stands first because it comes first in the table\.",
    "ahead": r"<c(?P<first>\d+)>(?P<unseen>, never trained on,)? is ahead of <c(?P<second>\d+)> by <n(?P<by>[^>]+)>"
    rf"(?:, (?P<words>mostly for|for) (?P<favour>{ITEMS}))?(?:, in spite of (?P<against>{ITEMS}))?"
    r"(?:\.|(?=, (?:but )?only because ))",
    "decides": r"(?P<begins>, but only because |, only because | It leads only because | It does so only because )trained classes "
    r"(?P<carry>carry a handicap|have a head start) of <n(?P<gamma>[^>]+)>; by attributes alone "
    r"(?:it would be level with <c(?P<level>\d+)>|<c(?P<alone>\d+)> would be ahead of it by <n(?P<by>[^>]+)>)\.",
    "nowhere": r" More of the lead comes from no place in the photo \(<n(?P<nowhere>[^>]+)> for <c(?P<one>\d+)>\) than from places"
    r"(?: \(<n(?P<places>[^>]+)> for <c(?P<other>\d+)>\))?\.",
    "named rest": r" Of the lead, <n(?P<nowhere>[^>]+)> for <c(?P<one>\d+)> is (?P<called>learned correction|said without looking)"
    r"(?: and <n(?P<places>[^>]+)> for <c(?P<other>\d+)> comes from places)?\.",
    "verdict": r" (?P<right>The answer is right)\.| Wrong: it is <c(?P<out>\d+)>, which does not compete here\."
    r"| It is <c(?P<level>\d+)>, which is level with the first\."
    r"| Wrong: it is <c(?P<wrong>\d+)> \((?P<place>\d+)(?:st|nd|rd|th)\)\.",
    "change": r" (?P<move>Without|With less|With more|With) <a(?P<attribute>\d+)>(?: \((?P<amounts>[−.\d]+ → [−.\d]+)\))?, "
    r"<c(?P<winner>\d+)> would be first\.",
}
BEGINS = r"(?:After (\d+) edits?, )?([Aa]mong classes never trained on, )?(?:[Ww]ith (\d+) class(?:es)? left out, )?"


Claims = dict[str, dict[str, str]]


def claims_of(state: State) -> tuple[tuple[str, ...], Claims]:
    """How the sentence begins, and its claims; nothing else stands in it."""
    told = sentence(state.x, state.request, state.truth)
    names = {"class": state.x.space.class_names, "attribute": state.x.space.attribute_names}
    assert all(part.text == names[part.kind][part.index or 0] for part in told.parts if part.kind in names)
    text = "".join(
        {"text": part.text, "number": f"<n{part.text}>"}.get(part.kind, f"<{part.kind[0]}{part.index}>")
        for part in told.parts
    )
    begins = re.match(BEGINS, text)
    assert begins
    rest, claims = text[begins.end() :], Claims()
    for name, pattern in SAID.items():
        if found := re.match(pattern, rest):
            claims[name], rest = found.groupdict(), rest[found.end() :]
    assert rest == "", text
    return begins.groups(), claims


def assert_true(x: Explanation, request: RankRequest, truth: int | None) -> set[str]:
    """Checks every claim, and returns of what sorts they are."""
    state = State(x, request, truth)
    (edits, among, left), claims = claims_of(state)
    assert int(edits or 0) == len(request.image_edits) + len(request.class_edits)
    assert (bool(among), int(left or 0)) == (request.unseen_only, len(set(request.without)))
    (head,) = claims.keys() & {"alone", "level", "ahead"}
    first, others = int(claims[head]["first"]), state.calibrated.copy()
    others[first] = -np.inf
    assert state.calibrated[first] >= others.max() - state.near
    assert (head == "alone") == (len(request.rank(x)) == 1)
    if head != "alone":
        second = int(claims[head]["second"])
        assert state.calibrated[second] >= others.max() - state.near
        assert bool(claims[head]["unseen"]) == (not state.seen[first] and not request.unseen_only)
        lead = state.calibrated[first] - state.calibrated[second]
        if head == "level":
            assert abs(lead) <= state.near
            alike = np.abs(state.calibrated - state.calibrated[first]) <= state.near
            assert int(claims[head]["more"] or 0) <= alike.sum() - 2
        else:
            state.is_size(claims[head]["by"], lead)
            weighs(state, claims, first, second)
            comes_from_no_place(state, claims, first, second)
    decides(state, claims, first)
    is_right(state, claims, first)
    changes(state, claims, first)
    return {head, *claims}


def weighs(state: State, claims: Claims, first: int, second: int) -> None:
    """What is named stands on its side and in order, and nothing that weighs more is passed over."""
    terms = state.fused * (state.rows[first] - state.rows[second])
    handicap = state.gamma * (float(state.seen[second]) - float(state.seen[first]))
    two = np.argsort(-np.abs(terms.astype(np.float32)), kind="stable")[:2]
    least, rest = float(np.abs(terms[two]).min()), float(terms.sum() - terms[two].sum())
    named: dict[str, float] = {}
    for items, sign in ((claims["ahead"]["favour"], 1), (claims["ahead"]["against"], -1)):
        sizes = []
        for lacks, attribute, carried, had, others, other in re.findall(ITEM, items or ""):
            if attribute:
                name, size = attribute, float(terms[int(attribute)])
                assert bool(lacks) == (state.fused[int(attribute)] < 0)
                assert abs(size) >= least - state.near
            elif others or other:
                name, size = "others", rest
                assert int(others or 1) == len(terms) - 2
            else:
                name, size = "handicap", handicap
                state.is_size(carried or had, state.gamma)
                assert bool(carried) == (state.gamma > 0)
            assert size * sign >= -state.near
            assert name not in named
            named[name] = size
            sizes.append(abs(size))
        assert all(one >= next_ - state.near for one, next_ in pairwise(sizes))
    behind = claims.get("decides", {}).get("begins", "").startswith(",")  # then the handicap is told of there
    bound = max(least, abs(handicap)) if behind else least
    every = {"others": rest, **({} if behind else {"handicap": handicap}), **{str(a): float(terms[a]) for a in two}}
    assert [name for name, size in every.items() if abs(size) > bound + state.near and name not in named] == []
    if claims["ahead"]["words"] == "mostly for":
        assert not behind
        in_favour = sum(size for size in every.values() if size > 0)
        assert sum(size for size in named.values() if size > 0) >= in_favour / 2 - state.near
    else:
        assert behind or not named or len(every) == len(named)
        assert behind or terms.sum() + handicap <= 10 * state.near


def comes_from_no_place(state: State, claims: Claims, first: int, second: int) -> None:
    """How much comes from no place is told where that is more than from places; of a rest with a name, where it is half as much."""
    told = [name for name in ("nowhere", "named rest") if name in claims]
    evidence, called = state.x.evidence, state.x.evidence_offer.rest
    if evidence is None:
        assert not told
        return
    apart, seen_at = state.rows[first] - state.rows[second], evidence.sum(axis=(2, 3), dtype=float)
    places, nowhere = float(state.by @ seen_at @ apart), float(state.by @ (state.x.scores - seen_at) @ apart)
    bound = abs(places) / 2 if called else abs(places)
    if not told:
        assert abs(nowhere) <= bound + 10 * state.near
        return
    assert told == ["named rest" if called else "nowhere"]
    claim = claims[told[0]]
    assert claim.get("called", "") == called
    assert abs(nowhere) >= bound - 10 * state.near
    for size, text, whose in ((nowhere, "nowhere", "one"), (places, "places", "other")):
        if claim[text]:
            state.is_size(claim[text], size)
            assert int(claim[whose]) == (first if size > 0 else second) or abs(size) <= state.near
        else:
            assert abs(size) <= state.near


def decides(state: State, claims: Claims, first: int) -> None:
    """That another class would lead without the handicap, or that none would which it holds back."""
    if "decides" not in claims:
        lead = state.alone[first] - state.alone[state.seen != state.seen[first]].max(initial=-np.inf)
        held = state.alone.argmax()
        assert lead >= -state.near or state.seen[held] == state.seen[first]
        return
    told = claims["decides"]
    other = int(told["level"] or told["alone"])
    apart = state.alone[other] - state.alone[first]
    assert state.seen[other] != state.seen[first]
    assert state.alone[other] >= state.alone.max() - state.near
    assert (told["carry"] == "carry a handicap") == (state.gamma > 0) == bool(state.seen[other])
    state.is_size(told["gamma"], state.gamma)
    if told["level"]:
        assert abs(apart) <= state.near
    else:
        assert apart > -state.near
        state.is_size(told["by"], apart)


def is_right(state: State, claims: Claims, first: int) -> None:
    told, truth = claims.get("verdict"), state.truth
    assert (told is None) == (truth is None)
    if told is None or truth is None:
        return
    if told["right"]:
        assert truth == first
        return
    assert truth != first
    assert str(truth) == (told["out"] or told["level"] or told["wrong"])
    if told["out"]:
        assert state.calibrated[truth] == -np.inf
    elif told["level"]:
        assert state.calibrated[truth] >= state.calibrated[first] - state.near
    else:
        ahead = state.calibrated > state.calibrated[truth] + state.near
        level = np.abs(state.calibrated - state.calibrated[truth]) <= state.near
        assert ahead.sum() < int(told["place"]) <= ahead.sum() + level.sum()


def changes(state: State, claims: Claims, first: int) -> None:
    """That the class would be first; and where nothing is said, that no attribute at its least or most gives another one."""
    column = np.clip(state.x.space.table, 0, 1)
    if told := claims.get("change"):
        attribute, winner = int(told["attribute"]), int(told["winner"])
        value = float(
            column[:, attribute].max() if told["move"] in ("With", "With more") else column[:, attribute].min()
        )
        before = float(state.request.image_edits.get(attribute, state.x.values[attribute]))
        moves = {"Without": before > 0.1 >= value, "With": before <= 0.1 and value >= 0.5}
        assert told["move"] in moves or not any(moves.values())
        assert moves.get(told["move"], (value > before) == (told["move"] == "With more"))
        amounts = [float(text.replace("−", "-")) for text in (told["amounts"] or "").split(" → ") if text]
        assert amounts == ([] if told["move"] in moves else pytest.approx([before, value], abs=0.0051))
        edits = {**state.request.image_edits, attribute: value}
        after = state.calibrated_with(edits)
        assert winner != first
        assert after[winner] >= after.max() - state.near
        return
    for attribute in range(0, column.shape[1], 7):
        for value in (float(column[:, attribute].min()), float(column[:, attribute].max())):
            edits = {**state.request.image_edits, attribute: value}
            after = state.calibrated_with(edits)
            assert after[first] >= after.max() - 10 * state.near


@pytest.fixture(scope="module")
def truths() -> dict[str, tuple[str, str]]:
    """Of every example photo: its data set and its true class there, which may be unknown."""
    with (ROOT / "assets" / "examples" / "examples.csv").open(encoding="utf-8") as file:
        return {row["file"]: (row["space"], row["true_class"]) for row in csv.DictReader(file)}


@pytest.mark.parametrize("name", SHIPPED)
def test_what_is_said_of_the_examples_is_so(
    explanation_of: Callable[[str, int], Explanation], truths: dict[str, tuple[str, str]], name: str
) -> None:
    rng, said, photos = np.random.default_rng(7), set(), 0
    for number, path in enumerate(EXAMPLES):
        data, true_class = truths[path.name]
        if name.split("-")[1] != data:
            continue
        explanation, photos = explanation_of(name, number), photos + 1
        truth = explanation.space.class_index(true_class) if true_class else None
        for request in states_of(explanation, rng):
            said |= assert_true(explanation, request, truth)
    assert photos > 5
    assert {"ahead", "verdict", "change", "decides"} <= said
    assert ("named rest" in said) == (name.split("-")[0] in ("dfan", "transzero"))


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_said_of_made_explanations_is_so(kind: str) -> None:
    rng, said = np.random.default_rng(8), set()
    for temper in TEMPERS:
        for seed in range(5):
            explanation = made_explanation(kind, temper, seed)  # type: ignore[arg-type]
            if explanation.space.seen.any():
                explanation = replace(explanation, gamma=(-1) ** seed * explanation.gamma)
            truth = int(rng.integers(len(explanation.space.classes)))
            for request in states_of(explanation, rng, 10):
                if temper != "extreme":
                    said |= assert_true(explanation, request, truth)
                assert (
                    re.search(r"\b(nan|inf|None)\b|  |(?<!\d)0\.0+(?!\d)", sentence(explanation, request, truth).text)
                    is None
                )
    assert said >= {"ahead", "level", "alone", "verdict", "change", "decides", "nowhere", "named rest"}
