from __future__ import annotations

import dataclasses
import string

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tests.conftest import make_space
from zslviz.errors import TableError, UnknownNameError
from zslviz.tabular import alike, tidy
from zslviz.tasks.attributes.space import GROUP_ROW, SemanticSpace, group_of, readable_attribute, readable_class

names = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1, max_size=12).filter(
    lambda s: s == tidy(s) and s and s.casefold() not in {"class", "seen", GROUP_ROW}
)


@st.composite
def spaces(draw: st.DrawFn) -> SemanticSpace:
    several = st.lists(names, min_size=1, max_size=5, unique=True).filter(lambda listed: alike(listed) is None)
    classes, attributes = draw(several), draw(several)
    table = draw(hnp.arrays(np.float32, (len(classes), len(attributes)), elements=st.floats(0, 1, width=32)))
    seen = draw(hnp.arrays(np.bool_, len(classes)))
    groups = draw(st.lists(names, min_size=len(attributes), max_size=len(attributes)))
    return SemanticSpace(tuple(classes), tuple(attributes), tuple(groups), table, seen)


def same(a: SemanticSpace, b: SemanticSpace) -> bool:
    return (
        (a.classes, a.attributes, a.groups) == (b.classes, b.attributes, b.groups)
        and np.array_equal(a.table, b.table)
        and np.array_equal(a.seen, b.seen)
    )


# -- CSV ------------------------------------------------------------------------------------------------------------


@given(spaces())
def test_csv_round_trip_is_exact(space: SemanticSpace) -> None:
    assert same(SemanticSpace.from_csv(space.to_csv()), space)


def test_csv_file_round_trip_is_exact(space: SemanticSpace, tmp_path) -> None:
    space.to_csv(tmp_path / "table.csv")
    assert same(SemanticSpace.from_csv(tmp_path / "table.csv"), space)


def test_csv_of_a_model_takes_over_its_word_vectors_and_order(space: SemanticSpace) -> None:
    lines = space.to_csv().splitlines()
    cells = [line.split(",") for line in lines]
    shuffled = "\n".join(",".join([row[0], row[1], *reversed(row[2:])]) for row in cells)
    read = SemanticSpace.from_csv(shuffled, like=space)
    assert same(read, space)
    assert np.array_equal(read.word_vectors, space.word_vectors)


def test_csv_with_a_byte_order_mark_and_windows_line_ends_is_read(space: SemanticSpace, tmp_path) -> None:
    text = space.to_csv().replace("\n", "\r\n")
    (tmp_path / "excel.csv").write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert same(SemanticSpace.from_csv(tmp_path / "excel.csv"), space)
    assert same(SemanticSpace.from_csv("\ufeff" + text), space)


def test_csv_without_groups_and_seen_gives_named_groups_and_unseen_classes() -> None:
    space = SemanticSpace.from_csv("class,has_wing_color::blue,stripes\nzebra,0,1\n")
    assert space.groups == ("wing color", "other")
    assert not space.seen.any()


def test_csv_ignores_blank_lines_but_names_the_right_line() -> None:
    with pytest.raises(TableError, match="Line 5"):
        SemanticSpace.from_csv("class,a\n\n\nx,1\ny,nothing\n")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name,a\nx,1\n", "no column 'class'"),
        ("class,a\nx,nan\n", "Line 2, column 'a': 'nan' is not a finite number"),
        ("class,a\nx,inf\n", "not a finite number"),
        ("class,a\nx,1e300\n", "not a finite number"),
        ("class,a\nx,much\n", "Line 2, column 'a': 'much' is not a number"),
        ("class,a\nx,\n", "is not a number"),
        ("class,a\nx,1,2\n", "Line 2 of the table has 3 cells, but the header has 2"),
        ("class,a,b\nx,1\n", "Line 2 of the table has 2 cells, but the header has 3"),
        ("class,a\nx,1\nx,0\n", "class 'x' is listed twice"),
        ("class,a,a\nx,1,0\n", "attribute 'a' is listed twice"),
        ("class,seen,a\nx,maybe,1\n", "column 'seen': 'maybe'"),
        ("class,a\n,1\n", "no class name"),
        ("class,a\n", "at least one class"),
        ("class\nx\n", "at least one class and one attribute"),
        ("\n\n", "empty"),
        ('class,a\nx,"1 of\n', "Line 2 of the table is not CSV .a quotation mark is never closed"),
        ("class,a\nx,1\x00\n", "Line 2"),
    ],
)
def test_csv_mistakes_are_named_in_one_sentence(text: str, message: str) -> None:
    with pytest.raises(TableError, match=message) as caught:
        SemanticSpace.from_csv(text)
    assert "\n" not in str(caught.value)


def test_csv_of_a_model_needs_every_attribute_once_and_no_other(space: SemanticSpace) -> None:
    first, *others = space.attributes
    row = ",".join("0.5" for _ in others)
    with pytest.raises(TableError, match=f"no column '{first}'"):
        SemanticSpace.from_csv(f"class,{','.join(others)}\nx,{row}\n", like=space)
    with pytest.raises(TableError, match="column 'colour', which the model does not know"):
        SemanticSpace.from_csv(f"class,{','.join(space.attributes)},colour\nx,1,{row},1\n", like=space)
    with pytest.raises(TableError, match=f"'{first}' is listed twice"):
        SemanticSpace.from_csv(f"class,{','.join(space.attributes)},{first}\nx,1,{row},0\n", like=space)


def test_csv_that_is_missing_a_folder_or_not_text_is_refused(tmp_path) -> None:
    (tmp_path / "photo.csv").write_bytes(b"\xff\xd8\xff\xe0\x00\x10JFIF")
    for path in (tmp_path / "photo.csv", tmp_path / "missing.csv", tmp_path):
        with pytest.raises(TableError):
            SemanticSpace.from_csv(path)


def test_csv_with_the_line_ends_of_an_old_mac_is_read() -> None:
    assert SemanticSpace.from_csv("class,a\rx,1\ry,0\n").classes == ("x", "y")


@given(st.text(max_size=200))
def test_csv_of_any_text_is_read_or_refused(text: str) -> None:
    try:
        SemanticSpace.from_csv(text + "\n")
    except TableError:
        pass


@given(st.text(alphabet='class,seen#group01.5"\n\r\x00 \t', max_size=120))
def test_csv_of_almost_a_table_is_read_or_refused(text: str) -> None:
    try:
        space = SemanticSpace.from_csv("class,a\n" + text + "\n")
    except TableError:
        return
    assert np.isfinite(space.table).all()


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
