"""Tables of many photos: what is written stays, and whoever goes on ends with the table that an undisturbed run writes."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zslviz.errors import ConfigError
from zslviz.files.journal import RowTable, as_cell, encoded

SETTINGS = {"model": "made", "gamma": 0.5}
NAMES = ("a.jpg", "b\n2.jpg", 'c,"3".jpg', "=d.jpg", os.fsdecode(b"\xff\xe9.jpg"), "a.jpg")


def new(path: Path, **settings: object) -> RowTable:
    return RowTable(path, ["image", "top", "score"], {**SETTINGS, **settings})


def write(table: RowTable, photos: list[Path]) -> None:
    with table:
        for number, photo in enumerate(photos):
            rows = [[f"class\n{photo.name[0]}", len(str(photo))], ["second", 0.25]]
            table.add(photo, rows if photo.name[0] != "c" else [["", ""]], readable=photo.name[0] != "c")
            if number % 2:
                table.flush()


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    found = [tmp_path / "photos" / name for name in NAMES]
    found[0].parent.mkdir()
    for photo in found:
        photo.write_bytes(b"x")
    return found


SHARES = st.floats(0, 1)
TAILS = st.sampled_from([b"", b'"half', b"[1, 2"])


@given(st.tuples(SHARES, SHARES), st.tuples(TAILS, TAILS))
def test_whatever_is_cut_off_a_table_and_its_journal_going_on_gives_the_whole_table(
    tmp_path_factory: pytest.TempPathFactory, shares: tuple[float, float], tails: tuple[bytes, bytes]
) -> None:
    folder = tmp_path_factory.mktemp("cut")
    photos = [folder / name for name in NAMES]
    whole, cut = new(folder / "whole.csv"), new(folder / "cut.csv")
    write(whole, photos)
    write(cut, photos)
    for path, share, tail in zip((cut.path, cut.journal), shares, tails, strict=True):
        content = path.read_bytes()
        least = 0 if path == cut.path else content.index(b"\n") + 1
        kept = content[: round(least + share * (len(content) - least))]
        path.write_bytes(kept + (tail if path == cut.journal or len(kept) == len(content) else b""))
    again = new(cut.path)
    again.resume()
    write(again, again.left(photos))
    again.put_in_order(photos)
    assert cut.path.read_bytes() == whole.path.read_bytes()
    assert cut.journal.read_bytes() == whole.journal.read_bytes()
    assert again.done == whole.done
    assert [one.readable for one in again.done] == [Path(name).name[0] != "c" for name in NAMES]


def test_names_come_out_byte_for_byte_and_formulas_as_text(tmp_path: Path, photos: list[Path]) -> None:
    table = new(tmp_path / "t.csv")
    with table:
        table.add(Path("=1+2.jpg"), [["@x", -0.5]])
        table.add(Path(os.fsdecode(b"\xff\xe9.jpg")), [["\ud800", 1]])
    content = (tmp_path / "t.csv").read_bytes()
    assert content == b"image,top,score\n'=1+2.jpg,@x,-0.5\n\xff\xe9.jpg,\\ud800,1\n"
    assert [as_cell(text) for text in ("-a", "+a", "\ta", "a=b", "")] == ["'-a", "'+a", "'\ta", "a=b", ""]
    assert encoded("é") == b"\xc3\xa9"


def test_a_table_that_was_made_otherwise_is_not_gone_on_with(tmp_path: Path, photos: list[Path]) -> None:
    write(new(tmp_path / "t.csv"), photos)
    before = (tmp_path / "t.csv").read_bytes()
    with pytest.raises(ConfigError, match="was begun with gamma '0.5' and not with gamma '1.0'; go on with the same"):
        new(tmp_path / "t.csv", gamma=1.0).resume()
    with pytest.raises(ConfigError, match="was begun without table and not with table 'x.csv'; go on"):
        new(tmp_path / "t.csv", table="x.csv").resume()
    with pytest.raises(ConfigError, match="was begun with other columns"):
        RowTable(tmp_path / "t.csv", ["image", "top"], SETTINGS).resume()
    assert (tmp_path / "t.csv").read_bytes() == before


def test_a_photo_that_was_replaced_since_is_named(tmp_path: Path, photos: list[Path]) -> None:
    write(new(tmp_path / "t.csv"), photos)
    photos[1].write_bytes(b"another")
    with pytest.raises(ConfigError, match="has changed since its row was written") as caught:
        new(tmp_path / "t.csv").resume()
    assert "\n2.jpg" in str(caught.value)


@pytest.mark.parametrize("damage", ["edited", "sorted", "header", "no journal", "journal", "infinite", "emptied"])
def test_a_table_that_somebody_changed_is_refused_and_left_alone(
    tmp_path: Path, photos: list[Path], damage: str
) -> None:
    table = new(tmp_path / "t.csv")
    write(table, photos[:1] + photos[3:4])
    text = table.path.read_bytes()
    if damage == "edited":
        table.path.write_bytes(text.replace(b"second", b"2nd"))
    elif damage == "sorted":
        first, *rest = text.splitlines(keepends=True)
        table.path.write_bytes(first + b"".join(sorted(rest)))
    elif damage == "header":
        table.path.write_bytes(b"I" + text[1:])
    elif damage == "no journal":
        table.journal.unlink()
    elif damage == "infinite":
        table.journal.write_bytes(table.journal.read_bytes().replace(b"1, ", b"Infinity, ", 1))
    elif damage == "emptied":
        table.journal.write_bytes(b"")
    else:
        table.journal.write_bytes(b"[" * 100_000 + b"\n")
    left = table.path.read_bytes()
    with pytest.raises(ConfigError, match="without --resume"):
        new(table.path).resume()
    assert table.path.read_bytes() == left


def test_an_older_table_stays_until_the_first_rows_are_there(tmp_path: Path, photos: list[Path]) -> None:
    (tmp_path / "t.csv").write_text("old")
    table = new(tmp_path / "t.csv")
    table.flush()
    assert (tmp_path / "t.csv").read_text() == "old"
    write(table, photos)
    assert (tmp_path / "t.csv").read_text(errors="replace").startswith("image,top,score\n")


def test_parts_are_joined_in_the_order_of_the_photos_and_removed(tmp_path: Path, photos: list[Path]) -> None:
    whole, table = new(tmp_path / "whole.csv"), new(tmp_path / "t.csv")
    write(whole, photos)
    write(table.part(10, 11), photos[4:])
    write(table.part(2, 11), photos[:4])
    (tmp_path / "t.csv.part-x-of-2.run").write_text("a stranger's")
    table.join()
    table.put_in_order(photos)
    assert table.path.read_bytes() == whole.path.read_bytes()
    assert {path.name for path in tmp_path.iterdir() if path.name.startswith("t.csv")} == {
        "t.csv",
        "t.csv.run",
        "t.csv.part-x-of-2.run",
    }
    again = new(tmp_path / "t.csv")
    again.resume()
    assert again.left(photos) == []


def test_a_full_disk_is_said_and_the_rows_before_stay(tmp_path: Path, photos: list[Path]) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    (tmp_path / "t.csv").symlink_to("/dev/full")
    with pytest.raises(ConfigError, match="cannot be written .the disk is full"):
        write(new(tmp_path / "t.csv"), photos)


def test_rows_are_read_back_by_csv(tmp_path: Path, photos: list[Path]) -> None:
    write(new(tmp_path / "t.csv"), photos[:2])
    with (tmp_path / "t.csv").open(newline="", encoding="utf-8", errors="surrogateescape") as stream:
        rows = list(csv.reader(stream))
    assert [row[0] for row in rows] == ["image", *[str(p) for p in photos[:2] for _ in range(2)]]
