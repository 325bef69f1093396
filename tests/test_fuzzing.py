"""The strategies for foreign input: they change what they are given, and what they check can fail."""

from __future__ import annotations

import json

import pytest
from hypothesis import Phase, find, given, settings

from tests.fuzzing import NOT_FILES, answered, fuzz, mutated, mutated_value, not_file, odd_files, odd_values
from zslviz.errors import ConfigError, DataError

VALID = {"name": "a", "sizes": [1, 2, 3], "inner": {"rate": 0.5}}


@given(content=mutated(b"a line of text\n" * 3))
def test_mutated_bytes_come_of_the_valid_ones(content):
    assert isinstance(content, bytes)
    assert VALID == {"name": "a", "sizes": [1, 2, 3], "inner": {"rate": 0.5}}


@pytest.mark.parametrize(
    "wanted",
    [
        lambda value: isinstance(value, dict) and "sizes" not in value,
        lambda value: (
            isinstance(value, dict) and isinstance(value.get("inner"), dict) and value["inner"].get("rate") is None
        ),
        lambda value: isinstance(value, dict) and len(value) > 3,
        lambda value: not isinstance(value, dict),
    ],
    ids=["removed", "replaced", "added", "of another type"],
)
def test_every_change_of_a_value_is_found(wanted):
    once = settings(max_examples=5000, database=None, phases=(Phase.generate,))  # found is enough, it need not be small
    find(mutated_value(VALID), wanted, settings=once)
    assert VALID["sizes"] == [1, 2, 3]  # what is valid stays so


@fuzz(50)
@given(value=odd_values(), content=odd_files())
def test_odd_values_and_files_are_what_json_and_disks_can_hold(value, content):
    json.dumps(value)
    assert isinstance(content, bytes)


@pytest.mark.parametrize("sentence", ["", "Two\nlines.", "no end", "x" * 2000 + "."])
def test_what_is_no_sentence_is_not_let_pass(sentence):
    with pytest.raises(AssertionError), answered(ConfigError):
        raise ConfigError(sentence)


def test_an_error_that_was_not_named_is_not_let_pass():
    with pytest.raises(DataError), answered(ConfigError):
        raise DataError("A sentence, but of another kind.")
    with answered(ConfigError):
        raise ConfigError("A sentence.")


@pytest.mark.parametrize("kind", NOT_FILES)
def test_what_is_no_file_is_made(tmp_path, kind):
    assert not_file(tmp_path / "x", kind).is_file() == (kind == "unreadable")
