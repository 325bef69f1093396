"""A table of classes and attributes as a person wrote it: its columns, its groups, its marks, and its values as fractions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from zslviz.errors import TableError, either, nearest_names
from zslviz.files.tabular import Table, alike, brief, read_numbers, read_table, tidy
from zslviz.tasks.base.space import Names

GROUP_ROW = "#group"
EXAMPLE = "0 to 1"
LEAST_PER_CENT = 10.0
"""A table of per cent reaches further than this; what ends between 1 and this may be marks from 1 to 5, and is asked about."""

_YES = frozenset(("true", "t", "yes", "y", "x", "seen", "✓"))
_NO = frozenset(("false", "f", "no", "n", "unseen", "-"))


class ClassTable(NamedTuple):
    """classes, attributes: K and A names. groups: of every attribute, "" where the table gives none. values: float32 [K, A].

    values are fractions, NaN where a table of a model says nothing. seen: whether each class was trained on, None for an empty
    cell, and None in all without a column of that name. per_cent: whether the values were written as per cent.
    """

    classes: tuple[str, ...]
    attributes: tuple[str, ...]
    groups: tuple[str, ...]
    values: NDArray[np.float32]
    seen: tuple[bool | None, ...] | None
    per_cent: bool = False


def read_class_table(text: str, known: Names | None = None, blanks: bool = False) -> ClassTable:
    """Reads a table (see `SemanticSpace.from_csv`).

    known: a model's attributes, which a column is one of by its own or its readable name, in any case; those of the table come in
    their order, and NaN stands for what it says nothing of. blanks: cells may be empty, as they may with `known`.
    Raises TableError naming row and column of what is wrong.
    """
    blanks = blanks or known is not None
    table = read_table(text, ("class",), "the table", TableError)
    class_column, seen_column = table.find("class"), table.find("seen")
    assert class_column is not None
    columns = [i for i in range(len(table.header)) if i not in (class_column, seen_column)]
    names = [table.header[i] for i in columns]
    at = list(range(len(columns))) if known is None else _places_in(known, names)
    attributes = tuple(names if known is None else known)
    groups = [""] * len(attributes)
    rows = []
    for line, row in table.rows:
        name = tidy(row[class_column])
        if name == GROUP_ROW:
            for i, column in zip(at, columns, strict=True):
                groups[i] = tidy(row[column])
        elif not name:
            raise TableError(f"Line {line} of the table has no class name.")
        else:
            rows.append((line, row))
    classes = tuple(tidy(row[class_column]) for _, row in rows)
    for what, listed in (("classes", classes), ("attributes", names)):
        same = alike(listed)
        if same is not None:
            raise TableError(f"The {what} '{same[0]}' and '{same[1]}' look the same; give one of them another name.")
    seen = None if seen_column is None else tuple(_truth(row[seen_column], line) for line, row in rows)
    given, per_cent = _values(table, columns, rows, classes, float("nan") if blanks else None)
    values = np.full((len(rows), len(attributes)), np.nan, dtype=np.float32)
    values[:, at] = given
    return ClassTable(classes, attributes, tuple(groups), values, seen, per_cent)


def _values(
    table: Table,
    columns: list[int],
    rows: list[tuple[int, tuple[str, ...]]],
    classes: tuple[str, ...],
    blank: float | None,
) -> tuple[NDArray[np.float32], bool]:
    """The values as fractions, `blank` where a cell is empty, and whether they were per cent."""
    numbers, marked = read_numbers(table, columns, rows, EXAMPLE, blank)
    with np.errstate(over="ignore"):
        values = np.array(numbers, dtype=np.float32).reshape(len(rows), len(columns))
    infinite = np.argwhere(np.isinf(values))
    if infinite.size:
        (line, row), column = rows[infinite[0][0]], columns[infinite[0][1]]
        raise TableError(
            f"Line {line}, column '{table.header[column]}': '{brief(row[column])}' is not a finite number; write {EXAMPLE}."
        )
    fractions = as_fractions(values, classes, [table.header[i] for i in columns], marked)
    return fractions, fractions is not values


def as_fractions(
    values: NDArray[np.float32], classes: Sequence[str], attributes: Sequence[str], marked: bool = False
) -> NDArray[np.float32]:
    """Values [K, A] as fractions, whatever they were written as: the one rule for every table that comes in.

    They are per cent if they are marked as such, or if most of what is not 0 lies above 1. Raises TableError that names one that is
    neither a fraction nor a per cent among others, and for values that end between 1 and `LEAST_PER_CENT`. NaN stays; fractions
    are given back as they came.
    """
    above = values > 1
    per_cent = marked or bool(above.sum() > (values > 0).sum() / 2)
    wrong = (values < 0) | (values > 100 if per_cent else above)
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        raise TableError(
            f"'{attributes[column]}' of '{classes[row]}' is {values[row, column]:g}; all values must lie between 0 and "
            f"{100 if per_cent else 1}{'' if per_cent else ', or all be per cent'}."
        )
    if per_cent and not marked and (most := np.nanmax(values)) <= LEAST_PER_CENT:
        raise TableError(
            f"The values of the table end at {most:g}, as neither fractions nor per cent do; write 0 to 1, or 0 to 100."
        )
    return values / np.float32(100) if per_cent else values


def _places_in(known: Names, columns: Sequence[str]) -> list[int]:
    """Which attribute of a model each column is. Raises TableError for one that is none, and for two that are the same."""
    places: list[int] = []
    for column in columns:
        place = known.find(column)
        if place is None:
            near = nearest_names(column, known.readable)
            hint = f"; did you mean {either(near)}?" if near else "; remove it, or name it as 'zslviz table' does."
            raise TableError(f"The table has a column '{column}', which the model does not know{hint}")
        if place in places:
            other = columns[places.index(place)]
            both = f"'{column}'" if other == column else f"'{other}', as '{column}',"
            raise TableError(f"The attribute {both} is listed twice; every attribute needs its own column.")
        places.append(place)
    return places


def _truth(cell: str, line: int) -> bool | None:
    """A mark; None for an empty cell."""
    text = tidy(cell).casefold()
    if not text:
        return None
    try:
        number: float | None = float(text.replace(",", "."))
    except ValueError:
        number = None
    if text in _YES or number == 1:
        return True
    if text in _NO or number == 0:
        return False
    raise TableError(f"Line {line}, column 'seen': '{brief(cell)}' must be 1 (trained on) or 0 (unseen).")
