"""A table of classes and attributes as a person wrote it: its columns, its groups, its marks, and its values as fractions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from zslviz.errors import TableError
from zslviz.files.tabular import Table, alike, brief, read_numbers, read_table, tidy

GROUP_ROW = "#group"
EXAMPLE = "0 to 1"
LEAST_PER_CENT = 10.0
"""A table of per cent reaches further than this; what ends between 1 and this may be marks from 1 to 5, and is asked about."""

_YES = frozenset(("true", "t", "yes", "y", "x", "seen", "✓"))
_NO = frozenset(("false", "f", "no", "n", "unseen", "-", ""))


class ClassTable(NamedTuple):
    """classes, attributes: K and A names. groups: of every attribute, "" where the table gives none. values: float32 [K, A].

    values are fractions. seen: whether each class was trained on; None without a column of that name.
    """

    classes: tuple[str, ...]
    attributes: tuple[str, ...]
    groups: tuple[str, ...]
    values: NDArray[np.float32]
    seen: tuple[bool, ...] | None


def read_class_table(text: str, attributes: Sequence[str] | None = None) -> ClassTable:
    """Reads a table (see `SemanticSpace.from_csv`). attributes: those that it must have, in the order that is wanted.

    Raises TableError naming row and column of what is wrong.
    """
    table = read_table(text, ("class",), "the table", TableError)
    class_column, seen_column = table.find("class"), table.find("seen")
    assert class_column is not None
    columns = [i for i in range(len(table.header)) if i not in (class_column, seen_column)]
    names = [table.header[i] for i in columns]
    if attributes is not None:
        columns, names = _in_order_of(attributes, columns, names)
    groups = ("",) * len(columns)
    rows = []
    for line, row in table.rows:
        name = tidy(row[class_column])
        if name == GROUP_ROW:
            groups = tuple(tidy(row[i]) for i in columns)
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
    return ClassTable(classes, tuple(names), groups, _values(table, columns, rows, classes), seen)


def _values(
    table: Table, columns: list[int], rows: list[tuple[int, tuple[str, ...]]], classes: tuple[str, ...]
) -> NDArray[np.float32]:
    numbers, per_cent = read_numbers(table, columns, rows, EXAMPLE)
    with np.errstate(over="ignore"):
        values = np.array(numbers, dtype=np.float32).reshape(len(rows), len(columns))
    infinite = np.argwhere(~np.isfinite(values))
    if infinite.size:
        (line, row), column = rows[infinite[0][0]], columns[infinite[0][1]]
        raise TableError(
            f"Line {line}, column '{table.header[column]}': '{brief(row[column])}' is not a finite number; write {EXAMPLE}."
        )
    return as_fractions(values, classes, [table.header[i] for i in columns], per_cent)


def as_fractions(
    values: NDArray[np.float32], classes: Sequence[str], attributes: Sequence[str], marked: bool = False
) -> NDArray[np.float32]:
    """Values [K, A] as fractions, whatever they were written as: the one rule for every table that comes in.

    They are per cent if they are marked as such, or if most of what is not 0 lies above 1. Raises TableError that names one that is
    neither a fraction nor a per cent among others, and for values that end between 1 and `LEAST_PER_CENT`.
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
    if per_cent and not marked and values.max() <= LEAST_PER_CENT:
        raise TableError(
            f"The values of the table end at {values.max():g}, as neither fractions nor per cent do; write 0 to 1, or 0 to 100."
        )
    return values / np.float32(100) if per_cent else values


def _in_order_of(wanted: Sequence[str], columns: list[int], names: list[str]) -> tuple[list[int], list[str]]:
    position = dict(zip(names, columns, strict=True))
    if len(position) < len(names):
        twice = next(a for i, a in enumerate(names) if a in names[:i])
        raise TableError(f"The attribute '{twice}' is listed twice; every attribute needs its own column.")
    known = set(map(tidy, wanted))
    missing = [a for a in wanted if tidy(a) not in position]
    extra = [a for a in names if a not in known]
    if missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        unknown = f" '{extra[0]}' is none of them." if extra else ""
        raise TableError(
            f"The table has no column '{missing[0]}'{more}; it needs one for every attribute of the model.{unknown}"
        )
    if extra:
        raise TableError(f"The table has a column '{extra[0]}', which the model does not know; remove it.")
    return [position[tidy(a)] for a in wanted], list(wanted)


def _truth(cell: str, line: int) -> bool:
    text = tidy(cell).casefold()
    try:
        number: float | None = float(text.replace(",", "."))
    except ValueError:
        number = None
    if text in _YES or number == 1:
        return True
    if text in _NO or number == 0:
        return False
    raise TableError(f"Line {line}, column 'seen': '{brief(cell)}' must be 1 (trained on) or 0 (unseen).")
