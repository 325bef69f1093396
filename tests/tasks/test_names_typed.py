"""Names that a person types are those of the model: as they are written, before anything that they resemble."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from tests.conftest import make_composition_space, make_label_space, make_space
from zslviz.errors import ConfigError, TableError, UnknownNameError
from zslviz.tasks.attributes.typed_edits import _class_and_attribute, assignment
from zslviz.tasks.base.requests import typed_number
from zslviz.tasks.compositional.show import find_pair


def test_classes_and_attributes_called_by_numbers_are_found_by_these() -> None:
    space = replace(make_space(), classes=("5", "4", "3", "2", "1", "0"), attributes=("4", "3", "2", "1", "0"))
    edited = space.with_value(*_class_and_attribute("4:3", space, "4:3=9"), 9.0)
    assert np.argwhere(edited.table == 9).tolist() == [[1, 1]]
    assert (space.class_index("0"), space.attribute_index("0")) == (5, 4)
    with pytest.raises(UnknownNameError):
        space.class_index("6")


def test_a_colon_in_a_name_parts_nothing() -> None:
    space = replace(
        make_space(classes=2, attributes=2, unseen=1),
        classes=("ratio 1:2", "ratio 1"),
        attributes=("has_color::red", "2:has_color::red"),
    )
    assert _class_and_attribute("ratio 1:2:has_color::red", space, "") in {
        ("ratio 1", "2:has_color::red"),
        ("ratio 1:2", "has_color::red"),
    }
    plain = replace(space, attributes=("has_color::red", "b"))
    assert _class_and_attribute("ratio 1:2:has_color::red", plain, "") == ("ratio 1:2", "has_color::red")
    assert _class_and_attribute("Ratio 1:2:color: red", plain, "") == ("Ratio 1:2", "color: red")
    with pytest.raises(ConfigError, match="write it as 'CLASS:ATTRIBUTE=VALUE'"):
        _class_and_attribute("red", plain, "red=1")


def test_labels_states_and_objects_are_found_as_the_data_set_has_them_and_as_people_read_them() -> None:
    labels = replace(make_label_space(labels=3), labels=("tree", "scotland", "close-up"), name="corel5k")
    assert labels.label_names == ("tree", "Scotland", "close-up")
    assert {labels.label_index(name) for name in ("scotland", "Scotland", "SCOTLAND")} == {1}
    pairs = replace(make_composition_space(states=2, objects=2), objects=("tshirts", "flip flops"), name="fashion")
    assert pairs.pair_name(1, 0) == f"{pairs.states[1]} T-shirts"
    assert {pairs.object_index(name) for name in ("tshirts", "T-shirts", "t-SHIRTS")} == {0}
    assert find_pair(pairs, f"{pairs.states[1]} t-shirts") == (1, 0)
    with pytest.raises(TableError, match="There is an object 'T-shirts' already"):
        pairs.with_object("t-shirts", pairs.object_vectors[0])
    shoes = replace(
        make_composition_space(states=2, objects=3),
        states=("Faux.Leather", "Nylon"),
        objects=("Boots.Knee.High", "Shoes.Flats", "Slippers"),
        name="ut-zappos",
    )
    assert shoes.state_names == ("faux leather", "nylon")
    assert shoes.object_names == ("knee high boots", "flats", "slippers")


def test_words_that_are_typed_are_shown_as_they_were_typed() -> None:
    shoes = replace(make_composition_space(states=2, objects=2), name="ut-zappos")
    more = shoes.with_state("Goat.Skin", shoes.state_vectors[0]).with_object("Shoes.Brogues", shoes.object_vectors[0])
    assert (more.state_names[-1], more.object_names[-1]) == ("Goat.Skin", "Shoes.Brogues")
    labels = replace(make_label_space(labels=2), name="corel5k")
    labels = labels.with_labels(["scotland"], labels.vectors[:1])
    assert labels.label_names[-1] == "scotland"


def test_a_pair_is_parted_where_both_are_names() -> None:
    space = replace(
        make_composition_space(states=3, objects=3),
        states=("navy", "navy blue", "1"),
        objects=("track pants", "blue shoes", "1"),
    )
    assert find_pair(space, "navy blue track pants") == (1, 0)
    assert find_pair(space, "Navy Blue Shoes") == (0, 1)
    assert find_pair(space, "1 1") == (2, 2)
    with pytest.raises(UnknownNameError, match="no object called 'skirt'"):
        find_pair(space, "navy blue skirt")
    with pytest.raises(UnknownNameError, match="no state called 'green'"):
        find_pair(space, "green track pants")
    with pytest.raises(ConfigError, match="not a pair"):
        find_pair(space, "navy")


def test_numbers_are_typed_in_either_locale_and_as_per_cent() -> None:
    assert {typed_number(text) for text in ("0.4", "0,4", " 40 %", "40%", ",4", "4e-1")} == {0.4}
    assert all(map(math.isnan, map(typed_number, ("", "%", "1.000,5", "1,000.5", "much", "nan"))))
    assert assignment("bill color: red=0,4", "") == ("bill color: red", 0.4)
    with pytest.raises(ConfigError, match="is not an edit"):
        assignment("spots=40", "ATTRIBUTE=VALUE")
