"""Numbers in sentences: rounded once, never to nothing, and pieces that can be marked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zslviz.tasks.base.wording import Part, Sentence, change_text, counted, listed, ordinal, size_text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (25.92, "25.9"), (-2.41, "2.4"), (7.7, "7.7"), (2.25, "2.3"), (2.75, "2.8"), (0.125, "0.13"), (0.999, "1.00"),
        (0.37, "0.37"), (0.0484, "0.048"), (0.00123, "0.0012"), (0.0009, "less than 0.001"), (-1e-30, "less than 0.001"),
        (1e6, "1000000.0"), (3e20, "more than 1000000000000000"),
    ],
)  # fmt: skip
def test_numbers_have_two_digits_that_count(value: float, text: str) -> None:
    assert size_text(value) == text


@pytest.mark.parametrize(
    ("before", "after", "text"),
    [
        (0.52, 0.8, "0.52 → 0.80"), (-0.2, 0.125, "−0.20 → 0.13"), (-0.001, 1.5, "0 → 1.50"), (0.5001, 0.4996, "0.5001 → 0.4996"),
        (0.5, 0.5, "0.500000 → 0.500000"), (-3e20, 0.0, "−more than 1000000000000000 → 0"),
    ],
)  # fmt: skip
def test_a_change_is_told_with_as_many_decimals_as_it_takes(before: float, after: float, text: str) -> None:
    assert change_text(before, after) == text


@given(st.floats(2.0**-30, 2.0**46, width=32))
def test_a_rounded_number_is_near_and_not_nothing(value: float) -> None:
    told = size_text(value)
    if told.startswith("less than "):
        assert value < float(told.split()[-1])
        return
    assert float(told) > 0
    assert abs(float(told) - value) <= 0.5000001 * 10 ** -len(told.partition(".")[2])
    assert abs(float(told) - value) <= 0.051 * value


def test_places_and_counts() -> None:
    assert [ordinal(n) for n in (1, 2, 3, 4, 11, 12, 13, 21, 102, 111)] == [
        "1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "102nd", "111th",
    ]  # fmt: skip
    assert [counted(n, "edit") for n in (0, 1, 2)] == ["0 edits", "1 edit", "2 edits"]
    assert ["".join(map(str, listed([[w] for w in "abc"[:n]]))) for n in range(4)] == ["", "a", "a and b", "a, b and c"]


def test_plain_text_is_one_piece_and_begins_with_a_capital_and_names_stay() -> None:
    name = Part("class", "eBird", 3)
    assert Sentence.of(["after ", "1 edit, ", name, " is", " first."]).to_dict() == {
        "text": "After 1 edit, eBird is first.",
        "parts": [
            {"kind": "text", "text": "After 1 edit, ", "index": None, "value": None},
            {"kind": "class", "text": "eBird", "index": 3, "value": None},
            {"kind": "text", "text": " is first.", "index": None, "value": None},
        ],
    }
    assert Sentence.of([name, " is first."]).text == "eBird is first."
    assert Sentence.of([]).text == ""
