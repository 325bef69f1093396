"""Texts to take away from an explanation: what a task offers, by name."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from zslviz.files.journal import as_cell


@dataclass(frozen=True)
class Export:
    """One file that can be taken away.

    write: from an explanation, a task's request, and the name of the photo's file to the file's text.
    """

    file: str
    media_type: str
    write: Callable[[Any, Any, str], str]


def as_csv(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Rows as CSV under a line of column names; names that a spreadsheet would take for formulas are text there (`as_cell`)."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([as_cell(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return out.getvalue()


def as_json(values: Mapping[str, Any]) -> str:
    """Values as readable JSON."""
    return json.dumps(values, indent=1)
