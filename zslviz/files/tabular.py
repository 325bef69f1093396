"""Tables and lists as people and their spreadsheets save them, read where they can be read in one way only.

Cells may be parted by commas, semicolons or tabs, blank columns and rows may stand about, a line `sep=;` may come first, and
decimals may be written with a comma. Names are compared as people see them: a name typed on one machine is the folder of another.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from zslviz.errors import ZslvizError

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs"}
MAX_CELLS = 5 * 10**6
LONGEST_CELL = 500

_INVISIBLE = "\ufeff\u200b\u200e\u200f\u2060"
_LINE_BREAKS = re.compile(r"\s*[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]\s*")
_NUMBER = re.compile(r"[+-]?(\d+(?P<mark>[.,])?\d*|(?P<first>[.,])\d+)([eE][+-]?\d{1,4})?")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:[ .,'’\u00a0\u202f_]\d{3})+(?:[.,]\d*)?")
_ONE_OR_A_THOUSAND = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")


def tidy(name: str) -> str:
    """A name as it is compared and shown: composed (NFC), without space or invisible characters about it, on one line.

    Accents come apart in names of files that a Mac wrote, and spreadsheets leave non-breaking spaces and line breaks in cells.
    """
    composed = unicodedata.normalize("NFC", name).replace("\u00a0", " ").replace("\u202f", " ")
    stripped = composed.strip().strip(_INVISIBLE).strip()
    return _LINE_BREAKS.sub(" ", stripped)


def alike(names: Iterable[str]) -> tuple[str, str] | None:
    """The first two different names that nobody could tell apart on a page; None if there are none."""
    shown: dict[str, str] = {}
    for name in names:
        look = "".join(c for c in unicodedata.normalize("NFKC", name) if unicodedata.category(c) != "Cf")
        other = shown.setdefault(" ".join(look.split()), name)
        if other != name:
            return other, name
    return None


@dataclass(frozen=True)
class Table:
    """header: the columns' names, tidied. rows: (number of its first line, its cells as they are written), as long as the header.

    what: which table it is, in a sentence. error: what is raised for what is wrong with it.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    what: str
    error: type[ZslvizError]

    def find(self, name: str) -> int | None:
        """The column of that name, else the one of that name in any case; None if there is none. Raises if there are two."""
        for spelled, wanted in ((self.header, name), (tuple(map(str.casefold, self.header)), name.casefold())):
            if spelled.count(wanted) > 1:
                raise self.error(f"{_start(self.what)} has the column '{name}' twice; remove one.")
            if wanted in spelled:
                return spelled.index(wanted)
        return None

    def cells(self, *names: str) -> Iterator[tuple[int, dict[str, str]]]:
        """(line, tidied cell by name) of every row, of columns that are there."""
        columns = {name: self.find(name) for name in names}
        for line, row in self.rows:
            yield line, {name: "" if i is None else tidy(row[i]) for name, i in columns.items()}


def read_table(text: str, needed: Sequence[str], what: str, error: type[ZslvizError]) -> Table:
    """A table whose first line names its columns, `needed` ones among them, in whatever way its cells are parted.

    what: which table it is, in a sentence. Raises `error` naming line or column.
    """
    text = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    told = re.match(r"\s*\"?sep=(.)\"?[,;\t]*\n", text, re.IGNORECASE)
    skipped = 0 if told is None else told.group(0).count("\n")
    text = text if told is None else text[told.end() :]
    separator = _separator(text, needed)
    if separator is None:
        first = next((line.strip() for line in text.split("\n") if line.strip()), "")
        if not first:
            raise error(f"{_start(what)} is empty; its first line must name the columns: {', '.join(needed)}.")
        if "\0" in first:
            raise error(f"{_start(what)} is not in UTF-8; save it as CSV in UTF-8.")
        missing = _missing(_header(text, ","), needed)
        raise error(
            f"{_start(what)} has no column '{missing}'; its first line must name {', '.join(needed)}, but is '{brief(first, 60)}'."
        )
    if text.count(separator) > MAX_CELLS:
        raise error(f"{_start(what)} has more than {MAX_CELLS} cells; that is no table that can be used.")
    try:
        rows = [(line + skipped, row) for line, row in _records(text, separator) if any(map(tidy, row))]
    except _BrokenError as problem:
        raise error(f"Line {problem.line + skipped} of {what} is not CSV ({problem}).") from None
    return _without_blanks(rows, what, error, separator)


def _separator(text: str, needed: Sequence[str]) -> str | None:
    """What parts the cells: the separator by which the first line names all that is needed, and that the earliest."""
    found: list[tuple[int, str]] = []
    for separator in SEPARATORS:
        header = _header(text, separator)
        names = [tidy(cell).casefold() for cell in header]
        if _missing(header, needed) is None:
            found.append((min(names.index(name.casefold()) for name in needed), separator))
    return min(found, key=lambda one: one[0])[1] if found else None


def _header(text: str, separator: str) -> list[str]:
    """The first row that is not blank; nothing if there is none or it is not CSV."""
    try:
        return next((row for _, row in _records(text, separator) if any(map(tidy, row))), [])
    except _BrokenError:
        return []


def _missing(header: Sequence[str], needed: Sequence[str]) -> str | None:
    names = {tidy(cell).casefold() for cell in header}
    return next((name for name in needed if name.casefold() not in names), None)


class _BrokenError(Exception):
    """A row that is not CSV. line: where it begins."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(why)
        self.line = line


def _records(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """(number of its first line, cells) of every row. Raises _BrokenError."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as problem:
            unclosed = "unexpected end of data" in str(problem)
            raise _BrokenError(line, "a quotation mark is never closed" if unclosed else str(problem)) from None
        yield line, row


def _without_blanks(rows: list[tuple[int, list[str]]], what: str, error: type[ZslvizError], separator: str) -> Table:
    """The table less the blank columns that a spreadsheet leaves."""
    names = [tidy(cell) for cell in rows[0][1]]
    if any(len(name) > LONGEST_CELL for name in names):
        raise error(f"The first line of {what} has a cell of more than {LONGEST_CELL} characters.")
    width = max((i + 1 for i, name in enumerate(names) if name), default=0)
    kept = [i for i in range(width) if names[i]]
    cleared = []
    for line, row in rows[1:]:
        while len(row) > width and not tidy(row[-1]):
            row.pop()
        if len(row) != width:
            hint = ""
            if len(row) > width and separator == ",":
                hint = "; decimals with a comma need quotation marks about them, or semicolons between the cells"
            raise error(f"Line {line} of {what} has {len(row)} cells, but the header has {width}{hint}.")
        unnamed = next((i for i in range(width) if not names[i] and tidy(row[i])), None)
        if unnamed is not None:
            raise error(
                f"Column {unnamed + 1} of {what} has values but no name; name it in the first line or remove it."
            )
        if any(len(cell) > LONGEST_CELL for cell in row):
            raise error(f"Line {line} of {what} has a cell of more than {LONGEST_CELL} characters.")
        cleared.append((line, tuple(row[i] for i in kept)))
    return Table(tuple(names[i] for i in kept), tuple(cleared), what, error)


# -- numbers ------------------------------------------------------------------------------------------------------------------


def read_numbers(
    table: Table,
    columns: Sequence[int],
    lines: Sequence[tuple[int, tuple[str, ...]]],
    example: str,
    blank: float | None = None,
) -> tuple[list[list[float]], bool]:
    """The numbers in some columns of some rows, and whether they are written as per cent ("40 %").

    Decimals have a point, or all of them a comma. example: what is to be written, in a sentence. blank: what an empty cell
    stands for; None if it stands for nothing. Raises the table's error for a cell that is no number, that has a mark for
    thousands, or that can be read in two ways.
    """
    met: dict[str, tuple[int, int, str]] = {}  # the first cell of each sort
    values = []

    def where(line: int, column: int, cell: str) -> str:
        return f"Line {line}, column '{table.header[column]}': '{brief(cell)}'"

    for line, row in lines:
        numbers = []
        for column in columns:
            cell = tidy(row[column]).replace("−", "-")
            if not cell and blank is not None:
                numbers.append(blank)
                continue
            bare = cell[:-1].rstrip() if cell.endswith("%") else cell
            match = _NUMBER.fullmatch(bare)
            if match is None:
                raise table.error(_no_number(where(line, column, row[column]), bare, example))
            place, mark = (line, column, row[column]), match["mark"] or match["first"]
            if mark:
                met.setdefault(mark, place)
            if mark == "," and not _ONE_OR_A_THOUSAND.fullmatch(bare):
                met.setdefault("sure", place)
            number = float(bare.replace(",", "."))
            if number:
                met.setdefault("%" if bare != cell else "plain", place)
            numbers.append(number)
        values.append(numbers)
    if "," in met and "." in met:
        raise table.error(f"{where(*met[','])} has a comma where other numbers have a point; write all decimals alike.")
    if "," in met and "sure" not in met:
        raise table.error(f"{where(*met[','])} may be one or a thousand; write it without the comma.")
    if "%" in met and "plain" in met:
        raise table.error(f"{where(*met['%'])} is written as per cent, but other numbers are not; write all alike.")
    return values, "%" in met


def _no_number(where: str, cell: str, example: str) -> str:
    if _THOUSANDS.fullmatch(cell):
        return f"{where} has a mark for thousands; leave it out."
    if cell.lstrip("+-").casefold() in ("nan", "inf", "infinity"):
        return f"{where} is not a finite number; write {example}."
    return f"{where} is not a number; write {example}."


def brief(cell: str, length: int = 40) -> str:
    """A cell as it can stand in a sentence."""
    words = " ".join("".join(c if c.isprintable() else " " for c in cell).split())
    return words if len(words) <= length else f"{words[:length]}..."


def _start(what: str) -> str:
    return what[:1].upper() + what[1:]
