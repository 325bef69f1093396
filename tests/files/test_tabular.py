"""Tables as spreadsheets save them, and names as people see them."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzzing import answered, fuzz, mutated
from zslviz.errors import DataError, TableError
from zslviz.files.tabular import MAX_CELLS, Table, alike, read_numbers, read_table, tidy

PLAIN = "class,a,b\nant,0.5,1\nbee,0.25,0\n"


def table(text: str, *needed: str) -> Table:
    return read_table(text, needed or ("class",), "the table", TableError)


def numbers(text: str) -> tuple[list[list[float]], bool]:
    read = table(text)
    return read_numbers(read, range(1, len(read.header)), read.rows, "0 to 1")


# -- names --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("rose\u0301", "rosé"),
        (" red plain\u00a0", "red plain"),
        ("red\u00a0plain", "red plain"),
        ("\ufeffred", "red"),
        ("red \u200b", "red"),
        ("red\r\nplain", "red plain"),
        ("red \n plain", "red plain"),
        ("red  plain", "red  plain"),
        ("①", "①"),
        ("", ""),
    ],
)
def test_a_name_is_compared_as_it_is_seen(written: str, seen: str) -> None:
    assert tidy(written) == seen


@given(st.text(max_size=40))
def test_tidying_twice_changes_nothing_and_leaves_one_line(name: str) -> None:
    once = tidy(name)
    assert tidy(once) == once
    assert len(once.splitlines()) <= 1
    assert tidy(unicodedata.normalize("NFD", name)) == tidy(unicodedata.normalize("NFC", name))


def test_names_that_look_the_same_are_found_and_others_are_not() -> None:
    assert alike(["red plain", "red  plain"]) == ("red plain", "red  plain")
    assert alike(["a\u200bb", "c", "ab"]) == ("a\u200bb", "ab")
    assert alike(["ﬁsh", "fish"]) == ("ﬁsh", "fish")
    assert alike(["Red", "red", "red_plain", "red-plain", "1.5", "15"]) is None


# -- cells --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        PLAIN,
        PLAIN.replace(",", ";"),
        PLAIN.replace(",", "\t"),
        "\ufeff" + PLAIN,
        PLAIN.replace("\n", "\r\n"),
        PLAIN.replace("\n", "\r"),
        "sep=;\n" + PLAIN.replace(",", ";"),
        "\n,,\n" + PLAIN.replace("\n", ",,\n") + ",,,,\n \n",
        PLAIN.replace("class", "Class"),
        PLAIN.replace("ant", '"ant"').replace(",a", ', "a"'),
        PLAIN.replace("ant", "ant\u00a0").replace("class", " class "),
        PLAIN.replace(",", ";").replace(".", ","),
        PLAIN.replace(",", "\t").replace(".", ","),
        PLAIN.replace("0.5", '"0,5"').replace("0.25", '"0,25"'),
        PLAIN.replace(",a,", ",,a,").replace("ant,", "ant,,").replace("bee,", "bee, ,"),
    ],
)
def test_a_table_reads_the_same_however_it_was_saved(text: str) -> None:
    read = table(text)
    assert tuple(map(str.casefold, read.header)) == ("class", "a", "b")
    assert [cells["class"] for _, cells in read.cells("class")] == ["ant", "bee"]
    assert numbers(text) == ([[0.5, 1.0], [0.25, 0.0]], False)


def test_what_parts_the_cells_is_told_by_the_columns_that_are_needed() -> None:
    assert table('class,"a;b;class",c\nx,1,2\n').header == ("class", "a;b;class", "c")
    assert table('class;"a,class,b"\nx;1\n').header == ("class", "a,class,b")
    assert table("image\tsplit\nx,y.jpg\ttrain\n", "image", "split").rows == ((2, ("x,y.jpg", "train")),)


def test_cells_of_several_lines_keep_the_count_of_lines() -> None:
    read = table('class,"long\nneck"\nant,1\n"blue\nwhale",0\nbee,1\n')
    assert read.header == ("class", "long neck")
    assert [(line, cells["class"]) for line, cells in read.cells("class")] == [
        (3, "ant"),
        (4, "blue whale"),
        (6, "bee"),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "The table is empty; its first line must name the columns: class"),
        ("name|a\nx|1\n", "no column 'class'; its first line must name class, but is 'name|a'"),
        ("class,a\nx,1,,3\n", "Line 2 of the table has 4 cells, but the header has 2"),
        ("class,a,b\nx,0,5,1,0\n", "5 cells, .* decimals with a comma need quotation marks about them, or semicolons"),
        ("class,,a\nx,5,1\n", "Column 2 of the table has values but no name"),
        ('class,a\nx,"1\ny,0\n', "Line 2 of the table is not CSV .a quotation mark is never closed"),
        ('class,a\nx,"1"0\n', "Line 2 of the table is not CSV"),
        ("class,Class,CLASS,a\nx,1,1,1\n", None),
        ("Class,CLASS,a\nx,1,1\n", "column 'class' twice"),
        ("class,class,a\nx,1,1\n", "column 'class' twice"),
        (f"class,a\n{'x' * 501},1\n", "more than 500 characters"),
        (f"class{',' * (MAX_CELLS + 1)}\n", "cells; that is no table"),
    ],
)
def test_what_is_no_table_is_answered_with_the_cause(text: str, message: str | None) -> None:
    if message is None:
        assert table(text).find("class") == 0
        return
    with pytest.raises(TableError, match=message):
        table(text).find("class")


# -- numbers ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        ("0.5;.5;5e-1;+1;−1", [0.5, 0.5, 0.5, 1.0, -1.0]),
        ("0,5;,5;1,0;0,125;1,000", [0.5, 0.5, 1.0, 0.125, 1.0]),
        ("40 %;0;5%", [40.0, 0.0, 5.0]),
        ("1.;0", [1.0, 0.0]),
        ("\u00a00.5 ;1", [0.5, 1.0]),
    ],
)
def test_numbers_that_read_in_one_way_are_read(cells: str, values: list[float]) -> None:
    header = ";".join(f"a{i}" for i in range(len(values)))
    assert numbers(f"class;{header}\nx;{cells}\n") == ([values], "%" in cells)


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ("1,000;0", "column 'a0': '1,000' may be one or a thousand"),
        ("0,5;0.5", "'0,5' has a comma where other numbers have a point"),
        ("1.234,5;0", "'1.234,5' has a mark for thousands; leave it out"),
        ("1 000;0", "mark for thousands"),
        ("1\u00a0000;0", "mark for thousands"),
        ("1'000;0", "mark for thousands"),
        ("1_000;0", "mark for thousands"),
        ("1,000,000;0", "mark for thousands"),
        ("40 %;0.4", "'40 %' is written as per cent, but other numbers are not"),
        ("half;0", "'half' is not a number; write 0 to 1"),
        ("nan;0", "not a finite number"),
        ("0x1;0", "not a number"),
        ("1e5e;0", "not a number"),
        (";0", "'' is not a number"),
        ("²;0", "not a number"),
        ("0,;5,0,", "is not a number"),
    ],
)
def test_numbers_that_could_be_another_are_refused(cells: str, message: str) -> None:
    with pytest.raises(TableError, match=message):
        numbers(f"class;a0;a1\nx;{cells}\n")


@given(st.lists(st.lists(st.floats(0, 100, width=32), min_size=2, max_size=2), min_size=1, max_size=5))
def test_decimal_commas_read_as_points_do_or_are_refused_as_ambiguous(rows: list[list[float]]) -> None:
    written = "class;a;b\n" + "".join(f"x{i};{a!r};{b!r}\n" for i, (a, b) in enumerate(rows))
    try:
        read, _ = numbers(written.replace(".", ","))
    except TableError as error:
        assert "may be one or a thousand" in str(error)
        return
    assert read == numbers(written)[0] == rows


# -- anything -----------------------------------------------------------------------------------------------------------------


@fuzz()
@given(
    content=mutated(
        [PLAIN.encode(), PLAIN.replace(",", ";").replace(".", ",").encode(), b'sep=;\n"class";a\n"x";"0,5"\n']
    )
)
def test_any_damage_to_a_table_is_read_or_answered(content: bytes) -> None:
    with answered(DataError):
        read = read_table(content.decode("latin-1"), ("class",), "the table", DataError)
        list(read.cells("class", "a"))
        read_numbers(read, range(1, len(read.header)), read.rows, "0 to 1")
