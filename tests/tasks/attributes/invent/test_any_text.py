"""What a person may type: numbers, tags, nothing that is understood, words without end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zslviz.errors import ConfigError
from zslviz.tasks.attributes.checkpoint import AttributeCheckpoint
from zslviz.tasks.attributes.invent import Reading, by_sentence
from zslviz.tasks.attributes.space import SemanticSpace


@pytest.mark.parametrize(
    ("text", "signs", "unknown"),
    [
        ("stripes=0,9", [1], ["0,9"]),  # no "0" that denies
        ("stripes 0.9", [1], ["0.9"]),
        ("stripes: 0", [-1], []),
        ("striped striped, striped", [1], []),
        ("<b>striped</b> 🦓", [1], ["b", "b"]),
        ("none of these: stripes, spots", [-1, -1], []),
    ],
)
def test_numbers_repetitions_and_tags_turn_nothing_round(
    animals: SemanticSpace, text: str, signs: list[int], unknown: list[str]
) -> None:
    reading = by_sentence(animals, text)
    assert ([mention.sign for mention in reading.mentions], reading.unknown) == (signs, unknown)


def test_a_message_repeats_the_beginning_of_a_long_text(animals: SemanticSpace) -> None:
    with pytest.raises(ConfigError, match=r"^Nothing in “x{80}…” names"):
        by_sentence(animals, "x" * 599)


@pytest.mark.parametrize("text", ["", "  ", "singing at dawn", "?!", "not"])
def test_a_sentence_that_says_nothing_is_refused_with_an_example(animals: SemanticSpace, text: str) -> None:
    with pytest.raises(
        ConfigError,
        match=r"names a class or an attribute of this model\.( Known words .*\.)? Try “like an antelope but less black”",
    ):
        by_sentence(animals, text)


@pytest.mark.parametrize("model", ["mgmrn-awa2", "msdn-cub-grounded"])
def test_what_a_refusal_offers_is_understood(model: str) -> None:
    space = AttributeCheckpoint.load(model).space
    with pytest.raises(ConfigError, match="names a class or an attribute") as refused:
        by_sentence(space, "quite wonderful")
    example = by_sentence(space, str(refused.value).rpartition("Try “")[2].rstrip("”."))
    assert (
        not example.unknown
        and {mention.kind for mention in example.mentions} >= {"base"}
        and len(example.mentions) == 2
    )


def test_a_long_sentence_is_no_name(animals: SemanticSpace) -> None:
    assert by_sentence(animals, "like a horse but striped").invention.name == "like a horse but striped"
    assert (
        by_sentence(animals, "like a horse but striped, and as large as a horse can be").invention.name == "Like Horse"
    )


def test_a_sentence_that_never_ends_is_refused(animals: SemanticSpace) -> None:
    with pytest.raises(ConfigError, match="at most 600 letters"):
        by_sentence(animals, "striped " * 100)


WORDS = [
    "like", "a", "horse", "zebra", "mallard", "but", "not", "no", "striped", "black", "wings", "with", "and", "or", ",", ".", ":",
    "very", "slightly", "bigger", "than", "as", "big", "of", "the", "coat", "head", "'s", "without", "instead of", "neither", "nor",
    "is", "missing", "foo", "less", "more", "cap", "-", "long", "bill", "tail", "on", "its", "red", "plus", "hardly any",
]  # fmt: skip


@given(st.one_of(st.text(max_size=80), st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join)))
def test_any_text_is_answered_within_the_table(text: str) -> None:
    for space in SPACES:
        try:
            reading = by_sentence(space, text)
        except ConfigError:
            continue
        invention = reading.invention
        assert (invention.values >= 0).all()
        assert (invention.values <= 1).all()
        assert len(invention.origins) == len(space.attributes)
        covered = {at for mention in reading.mentions for at in mention.pieces}
        assert covered
        check_words(reading)


def check_words(reading: Reading) -> None:
    ends = [0, *(word.end for word in reading.words)]
    assert all(end <= word.start < word.end for end, word in zip(ends, reading.words, strict=False))


SPACES = [AttributeCheckpoint.load(name).space for name in ("eszsl-awa2", "eszsl-cub")]
