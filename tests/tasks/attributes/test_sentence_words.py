"""What is said of small states, word by word."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.twin.vectors import made_explanation
from zslviz.errors import ConfigError
from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.attributes.requests import RankRequest
from zslviz.tasks.attributes.scoring import AttributeScale, ScoringRule
from zslviz.tasks.attributes.sentence import sentence
from zslviz.tasks.attributes.space import SemanticSpace


def state_of(table: list[list[float]], seen: list[bool], scores: list[float], gamma: float = 0.0) -> Explanation:
    """A made explanation by one granularity whose class scores are the sums of scores x table."""
    explanation = replace(made_explanation("table", "plain", 0), further=(), evidence=None, bias=None, attention=None)
    a, rule = len(scores), ScoringRule("table", (1.0,))
    space = SemanticSpace(
        ("cow", "horse", "sheep", "zebra")[: len(table)],
        ("spots", "horns", "white")[:a],
        ("body",) * a,
        np.array(table, dtype=np.float32),
        np.array(seen),
    )
    plain = np.zeros((1, a), dtype=np.float32), np.ones((1, a), dtype=np.float32)
    scale = AttributeScale(*plain, *(numbers[0] for numbers in plain))
    return replace(
        explanation,
        granularities=("one",),
        space=space,
        scores=np.array([scores], dtype=np.float32),
        rule=rule,
        scale=scale,
        gamma=gamma,
    )


ROWS = [[1.0, 0.0, 0.5], [0.0, 1.0, 0.5], [0.25, 0.25, 0.5]]


@pytest.mark.parametrize(
    ("explanation", "request_", "truth", "text"),
    [
        (
            state_of(ROWS, [False, True, True], [2.0, -0.5, 0.0], 0.25), RankRequest(), 0,
            "Cow, never trained on, is ahead of Sheep by 1.9, mostly for spots, the handicap of 0.25 that trained classes carry "
            "and not horns. The answer is right.",
        ),
        (
            state_of(ROWS, [False, True, True], [1.0, 2.0, 0.0], 1.5), RankRequest(), 1,
            "Cow, never trained on, is ahead of Horse by 0.50, in spite of horns, but only because trained classes carry a "
            "handicap of 1.5; by attributes alone Horse would be ahead of it by 1.0. Wrong: it is Horse (2nd). Without spots, "
            "Horse would be first.",
        ),
        (
            state_of(ROWS, [False, True, True], [1.0, 1.0, 0.0]), RankRequest(), 1,
            "Cow, never trained on, is level with Horse; it stands first because it comes first in the table. It is Horse, which "
            "is level with the first. Without spots, Horse would be first.",
        ),
        (
            state_of([[1.0, 0.0]] * 4, [True] * 4, [1.0, 1.0]), RankRequest(), 3,
            "Cow is level with Horse and 2 more; it stands first because it comes first in the table. It is Zebra, which is level "
            "with the first.",
        ),
        (
            state_of(ROWS, [False, True, True], [1.0, 2.0, 0.0]), RankRequest({0: 3.0}, {(0, 2): 0.25}, unseen_only=True), 1,
            "After 2 edits, among classes never trained on, Cow is the only class that competes. Wrong: it is Horse, which does "
            "not compete here.",
        ),
        (
            state_of(ROWS, [False, True, True], [-2.0, 0.5, 0.0], -1.0), RankRequest(without=(2,)), None,
            "With 1 class left out, Horse is ahead of Cow by 3.5, mostly for not spots, the head start of 1.0 that trained classes "
            "have and horns.",
        ),
        (
            state_of(ROWS, [True, False, True], [1e-6, 0.0, 0.0]), RankRequest({0: 1e-6}), None,
            "After 1 edit, Cow is ahead of Sheep by less than 0.001, mostly for spots. With horns, Horse would be first.",
        ),
    ],
)  # fmt: skip
def test_a_state_is_told_so(explanation: Explanation, request_: RankRequest, truth: int | None, text: str) -> None:
    assert sentence(explanation, request_, truth).text == text


def test_classes_of_one_name_are_told_apart() -> None:
    explanation = state_of(ROWS[:2], [True, True], [2.0, 1.0, 0.0])
    space = replace(explanation.space, classes=("red_fox", "red fox"))
    told = sentence(replace(explanation, space=space))
    first, second = (part for part in told.parts[:3] if part.kind == "class")
    assert first.text != second.text


def test_nothing_can_be_said_where_no_class_competes() -> None:
    explanation = state_of(ROWS, [True, True, True], [1.0, 0.0, 0.0])
    with pytest.raises(ConfigError, match="no unseen class"):
        sentence(explanation, RankRequest(unseen_only=True))
