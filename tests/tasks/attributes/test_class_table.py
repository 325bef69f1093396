"""Class tables as people and spreadsheets write them."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from zslviz.errors import TableError, listed
from zslviz.files import decode_text
from zslviz.files.tabular import alike, tidy
from zslviz.tasks.attributes.filling import nearest
from zslviz.tasks.attributes.space import GROUP_ROW, SemanticSpace
from zslviz.tasks.attributes.table_notes import read_table_of

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


@given(spaces())
def test_csv_round_trip_is_exact(space: SemanticSpace) -> None:
    assert same(SemanticSpace.from_csv(space.to_csv()), space)


def test_values_are_written_with_no_more_digits_than_they_need() -> None:
    """A person reads and edits them; float32's 0.1 has 17 digits as a double."""
    values = np.array([[0.1, 1 / 3, 0, 1, 1e-5]], dtype=np.float32)
    space = SemanticSpace(("x",), tuple("abcde"), ("",) * 5, values, np.array([True]))
    assert space.to_csv().splitlines()[-1] == "x,1,0.1,0.33333334,0,1,0.00001"


def test_csv_file_round_trip_is_exact(space: SemanticSpace, tmp_path) -> None:
    space.to_csv(tmp_path / "table.csv")
    assert same(SemanticSpace.from_csv(tmp_path / "table.csv"), space)


@given(spaces(), st.sampled_from((";", "\t")))
def test_csv_as_a_spreadsheet_of_another_country_saves_it_is_the_same_table(
    space: SemanticSpace, separator: str
) -> None:
    """Decimals with commas, other separators, blank columns and a blank row, in UTF-16."""
    rows = list(csv.reader(io.StringIO(space.to_csv(), newline="")))
    rows[2:] = [[*row[:2], *(cell.replace(".", ",") for cell in row[2:])] for row in rows[2:]]
    out = io.StringIO()
    csv.writer(out, delimiter=separator).writerows([[*row, "", ""] for row in [*rows, [""] * len(rows[0])]])
    read = SemanticSpace.from_csv(decode_text(out.getvalue().encode("utf-16"), "the table", TableError))
    assert same(read, space)


def test_csv_in_per_cent_is_the_same_table_wherever_it_is_read(space: SemanticSpace) -> None:
    """Of a model as well: DAP takes values for probabilities, so that per cent would turn its order round."""
    header = f"class,{','.join(space.attributes)}\n"
    for form in ("{:.4f}", "{:.4f}%"):
        lines = [
            f"{name},{','.join(form.format(100 * v) for v in row)}"
            for name, row in zip(space.classes, space.table, strict=True)
        ]
        text = header + "\n".join(lines) + "\n"
        for read in (SemanticSpace.from_csv(text), SemanticSpace.from_csv(text, like=space)):
            assert np.allclose(read.table, space.table, atol=1e-6)
            assert read.table.max() <= 1
    mixed = text.replace("%", "").replace(lines[0].replace("%", ""), f"{space.classes[0]},0.1,0.2,0.3,0.4,150")
    with pytest.raises(TableError, match="is 150; all values must lie between 0 and 100"):
        SemanticSpace.from_csv(mixed, like=space)
    with pytest.raises(TableError, match="'b' of 'x' is 40; all values must lie between 0 and 1, or all be per cent"):
        SemanticSpace.from_csv("class,a,b,c\nx,1,40,0.5\n")
    with pytest.raises(TableError, match="end at 5, as neither fractions nor per cent do"):
        SemanticSpace.from_csv("class,a,b,c\nx,1,4,5\n")


def test_csv_without_seen_takes_the_marks_of_the_model_by_name(space: SemanticSpace) -> None:
    """Else calibration would count no class as seen."""
    values = ",".join("0.5" for _ in space.attributes)
    names = (space.classes[5], "unicorn", space.classes[0].upper(), space.class_names[1])
    text = "\n".join([f"class,{','.join(space.attributes)}", *(f"{name},{values}" for name in names)]) + "\n"
    read = SemanticSpace.from_csv(text, like=space)
    assert read.seen.tolist() == [bool(space.seen[5]), False, True, True]
    assert not SemanticSpace.from_csv(text).seen.any()


def test_csv_of_a_model_is_matched_by_names_however_their_accents_are_written(space: SemanticSpace) -> None:
    apart = replace(space, attributes=("re\u0301d", *space.attributes[1:]))
    text = apart.to_csv().replace("re\u0301d", "r\u00e9d")
    assert same(SemanticSpace.from_csv(text, like=apart), apart)


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


def test_csv_of_a_model_names_columns_that_it_does_not_know_or_that_are_the_same(space: SemanticSpace) -> None:
    first, *others = space.attributes
    row = ",".join("0.5" for _ in others)
    with pytest.raises(TableError, match="a column 'colour', which the model does not know; did you mean '"):
        SemanticSpace.from_csv(f"class,{','.join(space.attributes)},colour\nx,1,{row},1\n", like=space)
    with pytest.raises(TableError, match=f"'{first[:-1]}', which the model does not know; did you mean '"):
        SemanticSpace.from_csv(f"class,{first[:-1]}\nx,1\n", like=space)
    with pytest.raises(TableError, match=f"'{first}' is listed twice"):
        SemanticSpace.from_csv(f"class,{','.join(space.attributes)},{first}\nx,1,{row},0\n", like=space)
    with pytest.raises(TableError, match=f"'{first}', as '{first.upper()}', is listed twice"):
        SemanticSpace.from_csv(f"class,{first},{first.upper()}\nx,1,0\n", like=space)
    text = f"class,{first}\n{space.classes[0]},1\n{space.classes[0].upper()},0\n"
    with pytest.raises(TableError, match=f"class '{space.classes[0]}' is listed twice"):
        SemanticSpace.from_csv(text, like=space)


def test_what_a_table_leaves_out_is_the_models_or_the_mean_of_the_classes_most_like_it(space: SemanticSpace) -> None:
    some = [1, 3]
    header = f"class,seen,{','.join(space.attribute_names[a].upper() for a in some)}\n"
    text = header + f"unicorn,,0.25,0.75\n{space.classes[1].upper()},,,0.5\n"
    read = SemanticSpace.from_csv(text, like=space)
    assert read.classes == ("unicorn", space.classes[1])
    assert read.seen.tolist() == [False, bool(space.seen[1])]
    assert np.array_equal(read.table[0, some], np.float32([0.25, 0.75]))
    order = np.argsort([np.hypot(*((r[some] - (0.25, 0.75)) / (space.table.std(0)[some] + 0.02))) for r in space.table])
    left = [a for a in range(len(space.attributes)) if a not in some]
    assert np.allclose(read.table[0, left], space.table[order[:3]].mean(axis=0)[left])
    assert np.array_equal(np.delete(read.table[1], 3), np.delete(space.table[1], 3))
    assert read.table[1, 3] == 0.5
    with pytest.raises(TableError, match="says nothing of 'unicorn'; give at least one value"):
        SemanticSpace.from_csv(header + "unicorn,,,\n", like=space)


def test_how_a_table_was_read_is_said(space: SemanticSpace, tmp_path) -> None:
    first, second, *_ = space.attributes
    (tmp_path / "t.csv").write_text(f"class;{second};{first}\nunicorn;80;12,5\n{space.classes[2]};;50\n")
    read, notes, given = read_table_of(space, tmp_path / "t.csv")
    assert given.sum() == 3
    assert read.table[0, :2].tolist() == [0.125, np.float32(0.8)]
    donors = listed([space.class_names[c] for c in nearest(read.table[0], space.table, np.arange(5) < 2)])
    assert notes == (
        "The values of the table are taken as per cent.",
        "'unicorn' is described by 2 of 5 attributes; the others are the mean of the known classes most like it in these: "
        f"{donors}.",
        f"Where the table says nothing of them, classes keep the values of the model: '{space.classes[2]}'.",
    )
    space.to_csv(tmp_path / "own.csv")
    assert read_table_of(space, tmp_path / "own.csv").notes == ()


def test_csv_that_is_missing_a_folder_or_not_text_is_refused(tmp_path) -> None:
    (tmp_path / "photo.csv").write_bytes(b"\xff\xd8\xff\xe0\x00\x10JFIF")
    for path in (tmp_path / "photo.csv", tmp_path / "missing.csv", tmp_path):
        with pytest.raises(TableError):
            SemanticSpace.from_csv(path)
    (tmp_path / "table.csv").write_bytes("class,a\nx,1\n".encode("utf-16-le"))
    with pytest.raises(TableError, match="not in UTF-8; save it as CSV in UTF-8"):
        SemanticSpace.from_csv(tmp_path / "table.csv")
    for start in (b"PK\x03\x04\x14\x00", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        (tmp_path / "table.csv").write_bytes(start + bytes(100))
        with pytest.raises(TableError, match="spreadsheet's or a program's own format; save it as text .CSV. in UTF-8"):
            SemanticSpace.from_csv(tmp_path / "table.csv")


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
