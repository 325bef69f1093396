"""A table of a model's classes, and what is to be said of how it was read: per cent, and values that nobody gave."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from zslviz.errors import TableError, listed
from zslviz.files import read_text
from zslviz.tasks.attributes.class_table import read_class_table
from zslviz.tasks.attributes.filling import filled
from zslviz.tasks.attributes.space import SemanticSpace


class ReadTable(NamedTuple):
    """space: the classes of a table. notes: sentences on how it was read. given: bool [K, A], which values the table says."""

    space: SemanticSpace
    notes: tuple[str, ...]
    given: NDArray[np.bool_]


def read_table_of(like: SemanticSpace, source: str | Path) -> ReadTable:
    """`SemanticSpace.from_csv` with what is to be said of it. source: as there. Raises TableError."""
    is_text = isinstance(source, str) and "\n" in source
    text = str(source) if is_text else read_text(source, TableError)
    table = read_class_table(text, like.named_attributes)
    space = SemanticSpace.of_table(table, like)
    notes = ["The values of the table are taken as per cent."] if table.per_cent else []
    kept = []
    for name, own, row in zip(table.classes, space.classes, table.values, strict=True):
        left = int((~np.isfinite(row)).sum())
        if left and like.named_classes.find(name) is not None:
            kept.append(own)
        elif left:
            donors = listed([like.class_names[c] for c in filled(row, like.table).donors])
            notes.append(
                f"'{name}' is described by {len(row) - left} of {len(row)} attributes; the others are the mean of the known "
                f"classes most like it in these: {donors}."
            )
    if kept:
        notes.append(f"Where the table says nothing of them, classes keep the values of the model: {listed(kept)}.")
    return ReadTable(space, tuple(notes), np.isfinite(table.values))


def new_alone(own: SemanticSpace, space: SemanticSpace, model: str) -> tuple[str, ...]:
    """The sentence on a table that is ranked instead of a model's own classes and has none of these; nothing if it has some."""
    if any(name in own.named_classes for name in space.classes):
        return ()
    count = len(space.classes)
    compete, them = ("its one class competes", "it") if count == 1 else (f"its {count} classes compete", "them")
    return (f"No class of '{model}' is in the table: {compete} alone. 'zslviz extend' adds {them} to the model's own.",)
