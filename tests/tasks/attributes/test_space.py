from __future__ import annotations

import dataclasses
import string

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import make_space
from tests.tasks.attributes.test_class_table import same
from zslviz.errors import TableError, UnknownNameError
from zslviz.tasks.attributes.space import SemanticSpace, group_of, readable_attribute, readable_class

# -- immutability and edits -----------------------------------------------------------------------------------------


def test_a_space_cannot_be_written_to(space: SemanticSpace) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        space.classes = ()  # type: ignore[misc]
    for array in (space.table, space.seen, space.word_vectors, space.prototypes):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_a_space_does_not_follow_the_array_it_was_made_from() -> None:
    table, seen = np.ones((2, 2), dtype=np.float32), np.array([True, False])
    space = SemanticSpace(("a", "b"), ("x", "y"), ("g", "g"), table[:], seen[:])
    table[0, 0], seen[0] = 5.0, False
    assert space.table[0, 0] == 1.0
    assert space.seen[0]


def test_an_edited_value_gives_a_new_space_and_leaves_the_old(space: SemanticSpace) -> None:
    before = space.table.copy()
    edited = space.with_value("class 1", "color: shade 2", 0.25)
    assert edited.table[1, 2] == np.float32(0.25)
    assert np.array_equal(space.table, before)
    untouched = np.ones(before.shape, dtype=bool)
    untouched[1, 2] = False
    assert np.array_equal(edited.table[untouched], before[untouched])
    assert not np.array_equal(edited.prototypes[1], space.prototypes[1])


def test_taking_a_value_back_gives_the_first_prototypes_bit_for_bit(space: SemanticSpace) -> None:
    edited = space.with_values({(1, 2): 0.9}).with_values({(1, 2): float(space.table[1, 2])})
    assert np.array_equal(edited.prototypes, space.prototypes)
    assert space.with_values({}) is space


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_value_that_is_no_number_is_refused(space: SemanticSpace, value: float) -> None:
    with pytest.raises(TableError, match="not a number"):
        space.with_value("class 1", "color: shade 2", value)


def test_an_added_class_is_last_and_unseen(space: SemanticSpace) -> None:
    bigger = space.with_class("unicorn", np.full(5, 0.5))
    assert bigger.classes[-1] == "unicorn"
    assert not bigger.seen[-1]
    assert len(space.classes) == 6
    with pytest.raises(TableError, match="described by 5 values"):
        space.with_class("half a unicorn", np.ones(3))
    with pytest.raises(TableError, match="listed twice"):
        space.with_class(space.classes[0], np.ones(5))


def test_classes_can_be_taken_in_another_order(space: SemanticSpace) -> None:
    taken = space.take_classes([4, 0])
    assert taken.classes == (space.classes[4], space.classes[0])
    assert np.array_equal(taken.table, space.table[[4, 0]])
    assert taken.seen.tolist() == [False, True]


def test_seen_and_unseen_classes_part_the_table(space: SemanticSpace) -> None:
    again = space.with_seen([0, 5])
    assert again.seen_classes.tolist() == [0, 5]
    assert again.unseen_classes.tolist() == [1, 2, 3, 4]


def test_prototypes_have_unit_length_and_an_empty_row_stays_zero() -> None:
    space = SemanticSpace(
        ("a", "b"), ("x", "y"), ("g", "g"), np.array([[3, 4], [0, 0]], dtype=np.float32), np.array([True, False])
    )
    assert np.allclose(space.prototypes, [[0.6, 0.8], [0, 0]])


@pytest.mark.parametrize(
    "fields",
    [
        {"table": np.ones((2, 3), dtype=np.float32)},
        {"groups": ("g",)},
        {"seen": np.array([True])},
        {"classes": ("a", "a")},
        {"word_vectors": np.ones((3, 4), dtype=np.float32)},
        {"table": np.array([[1, np.nan], [0, 0]], dtype=np.float32)},
    ],
)
def test_parts_that_do_not_fit_together_are_refused(fields: dict) -> None:
    fitting = {
        "classes": ("a", "b"),
        "attributes": ("x", "y"),
        "groups": ("g", "g"),
        "table": np.ones((2, 2), dtype=np.float32),
        "seen": np.array([True, False]),
    }
    SemanticSpace(**fitting)
    with pytest.raises(TableError):
        SemanticSpace(**(fitting | fields))


# -- names ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "readable"),
    [
        ("red_plain", "Red plain"),
        ("can", "Can"),
        ("1.5 L bottle", "1.5 L bottle"),
        ("3.5mm jack", "3.5mm jack"),
        ("st.bernard", "St.bernard"),
        ("C++ book", "C++ book"),
    ],
)
def test_class_names_read_as_words(raw: str, readable: str) -> None:
    assert readable_class(raw) == readable


@pytest.mark.parametrize(
    ("raw", "readable", "group"),
    [
        ("has_bill_shape::hooked_seabird", "bill shape: hooked seabird", "bill shape"),
        ("has_bill_shape::curved_(up_or_down)", "bill shape: curved (up or down)", "bill shape"),
        ("has_size::medium_(9_-_16_in)", "size: medium (9–16 in)", "size"),
        ("has_shape::duck-like", "shape: duck-like", "shape"),
        ("has_breast_pattern::multi-colored", "breast pattern: multi-colored", "breast pattern"),
        ("length_10-20_cm", "length 10–20 cm", "other"),
        ("long_legs", "long legs", "other"),
        ("water", "water", "other"),
        ("fish", "fish", "other"),
    ],
)
def test_attribute_names_read_as_words(raw: str, readable: str, group: str) -> None:
    assert readable_attribute(raw) == readable
    assert group_of(raw) == group


@given(st.text(alphabet=string.printable, max_size=20))
def test_any_name_can_be_made_readable(name: str) -> None:
    assert isinstance(readable_class(name), str)
    assert isinstance(readable_attribute(name), str)


def test_names_are_found_raw_or_readable_in_any_case(space: SemanticSpace) -> None:
    assert space.class_index("CLASS 3") == space.class_index("class_3") == 3
    assert space.attribute_index("Color: Shade 1") == space.attribute_index("has_color::shade_1") == 1


def test_a_wrong_name_answers_with_the_nearest_right_ones() -> None:
    space = SemanticSpace(
        ("zebra", "horse", "giraffe"),
        ("stripes", "long_neck", "hooves"),
        ("g",) * 3,
        np.eye(3, dtype=np.float32),
        np.array([True, True, False]),
    )
    with pytest.raises(UnknownNameError, match="did you mean 'Zebra'") as caught:
        space.class_index("zebar")
    assert caught.value.suggestions[0] == "Zebra"
    with pytest.raises(UnknownNameError, match="'stripes'"):
        space.attribute_index("stripe")
    with pytest.raises(UnknownNameError, match="long neck"):
        space.attribute_index("neck")


def test_made_spaces_differ_only_by_seed() -> None:
    assert same(make_space(seed=3), make_space(seed=3))
    assert not same(make_space(seed=3), make_space(seed=4))
