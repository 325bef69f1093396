"""Names, and what they find; numbers and names as they come in JSON."""

from __future__ import annotations

import pytest

from tests.conftest import make_composition_space, make_label_space, make_space
from zslviz.errors import ConfigError, TableError, UnknownNameError
from zslviz.tasks.base.requests import index_at, names_to_add
from zslviz.tasks.base.space import Names


def test_the_name_as_it_is_written_wins_over_a_likeness() -> None:
    names = Names("label", ("Rock", "rock", "ROCK", "sand"))
    assert [names.index(name) for name in ("Rock", "rock", "ROCK", " Sand ")] == [0, 1, 2, 3]
    readable = Names("class", ("fish", "eats fish", "Whale"), ("eats fish", "Eats Fish", "Killer whale"))
    assert [readable.index(name) for name in ("fish", "eats fish", "Eats Fish", "killer WHALE", "whale")] == [
        0,
        1,
        1,
        2,
        2,
    ]


def test_of_several_that_are_alike_the_first_is_found() -> None:
    assert Names("class", ("1.Gull", "2.Gull"), ("Gull", "Gull")).index("gull") == 0


def test_a_name_that_is_not_there_is_answered_with_the_nearest() -> None:
    names = Names("class", ("087.Mallard", "gull"), ("Mallard", "Gull"))
    assert names.find("duck") is None and "duck" not in names and "mallard" in names
    with pytest.raises(UnknownNameError, match="no class called 'malard': did you mean 'Mallard'"):
        names.index("malard")


def test_names_are_unique_and_new_ones_are_new() -> None:
    with pytest.raises(TableError, match="'b' is listed twice; every state needs its own name"):
        Names.check("state", ("a", "b", "c", "b"))
    names = Names("object", ("shoes",))
    names.check_new("hats", "bags")
    for taken in (("Shoes",), ("hats", " Hats")):
        with pytest.raises(TableError, match="There is an object '.*' already"):
            names.check_new(*taken)


def test_every_space_finds_each_of_its_names() -> None:
    space, labels, pairs = make_space(), make_label_space(), make_composition_space()
    for names, index in (
        (space.classes, space.class_index),
        (space.class_names, space.class_index),
        (space.attributes, space.attribute_index),
        (space.attribute_names, space.attribute_index),
        (labels.labels, labels.label_index),
        (pairs.states, pairs.state_index),
        (pairs.objects, pairs.object_index),
    ):
        assert [index(name) for name in names] == [index(name.upper()) for name in names] == list(range(len(names)))


def test_a_name_wins_over_a_number() -> None:
    names = Names("class", ("3", "1", "2", "gull"))
    assert [index_at(key, names) for key in ("3", "1", 1, "GULL", "0")] == [0, 1, 1, 3, 0]
    for wrong, message in (
        (4, "no class number 4; there are 4"),
        (-1, "number -1"),
        (True, "by name or number"),
        (1.0, "by name"),
    ):
        with pytest.raises(ConfigError, match=message):
            index_at(wrong, names)
    for unknown in ("tern", "9" * 5000, "-1"):
        with pytest.raises(UnknownNameError):
            index_at(unknown, names)


def test_names_to_add_are_a_list_of_words_and_not_too_many() -> None:
    assert names_to_add(None, "labels", 2, "?") == () and names_to_add(["a", "b"], "labels", 2, "?") == ("a", "b")
    with pytest.raises(ConfigError, match="At most 2 labels"):
        names_to_add(["a", "b", "c"], "labels", 2, "?")
    for wrong in ("ab", [1], 3):
        with pytest.raises(ConfigError, match="a list please"):
            names_to_add(wrong, "labels", 2, "a list please")
