"""Photos to begin with: the shipped ones, and those of a data set of one's own."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from zslviz.catalogue import Task
from zslviz.errors import DataError, UnknownNameError

COLUMNS = ("file", "title", "kind", "note")  # of every list of examples; a task adds its own
DATA = "space"  # the one of a task that says for which data's models a photo is


@dataclass(frozen=True)
class Example:
    """A photo to begin with.

    task: of the models that it is for; data: the data set that they have to know, "" if any will do. kind: how it was made
    ("photo", "cutout", "drawing", "composition"). truth: what is known to be in it, by the columns that its task has. key: what it
    is asked for by, the file's name if empty (files of different folders may have the same name). shipped: where it lies below the
    shipped examples, "" of one's own.
    """

    path: Path
    title: str
    task: Task
    kind: str
    note: str
    truth: Mapping[str, str]
    data: str = ""
    key: str = ""
    shipped: str = ""

    @property
    def name(self) -> str:
        return self.key or self.path.name

    @property
    def told(self) -> dict[str, str]:
        """What the page is told of it, besides its picture and its name in links."""
        return {"file": self.name, "title": self.title, "kind": self.kind, "space": self.data, "path": self.shipped}

    def fits(self, data: str) -> bool:
        """Whether it is for models of this data set."""
        return self.data in ("", data)


def read_examples(folder: Path, task: Task, columns: Sequence[str]) -> list[Example]:
    """The examples of a task, photos first: those of the lists (examples.csv, in any folder below) with its columns.

    A file that is not there is left out; without columns no list is the task's. Raises DataError if such a list lacks file, title,
    kind or note.
    """
    found = []
    for listing in sorted(folder.rglob("examples.csv")):
        found += [
            Example(
                path=(path := listing.parent / Path(row["file"]).name),
                shipped=path.relative_to(folder).as_posix(),
                title=row["title"],
                task=task,
                kind=row["kind"],
                note=row["note"],
                truth={column: row[column] for column in columns if column != DATA},
                data=row[DATA] if DATA in columns else "",
            )
            for row in _rows(listing, columns)
        ]
    present = [e for e in found if e.path.is_file()]
    return sorted(present, key=lambda e: e.kind != "photo")  # stable: the list's order within a kind


def link_names(names: Sequence[str]) -> list[str]:
    """What links call examples of these names (`Example.name`): "giraffe" for "giraffe.jpg"; a second one gets a number."""
    found: list[str] = []
    for name in names:
        stem = unicodedata.normalize("NFKC", re.sub(r"\.\w+$", "", name)).lower()
        slug = re.sub(r"[\W_]+", "-", stem).strip("-") or "photo"
        further = (f"{slug}-{number}" for number in range(2, len(names) + 2))
        found.append(slug if slug not in found else next(one for one in further if one not in found))
    return found


def example_linked(examples: Sequence[Example], link: str) -> Example | None:
    """An example by what links call it; None if there is none."""
    return dict(zip(link_names([e.name for e in examples]), examples, strict=True)).get(link)


def example_named(examples: Sequence[Example], name: str) -> Example:
    """An example by its name. Raises UnknownNameError."""
    for example in examples:
        if example.name == name:
            return example
    raise UnknownNameError("example", Path(name).name, [e.name for e in examples])


def _rows(listing: Path, columns: Sequence[str]) -> Iterator[dict[str, str]]:
    """The lines of a list of examples, none if it has not these columns. Raises DataError if it lacks what every list has."""
    with listing.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        there = reader.fieldnames or ()
        if not columns or not set(columns) <= set(there):
            return
        missing = [column for column in COLUMNS if column not in there]
        if missing:
            raise DataError(f"'{listing}' has no column '{missing[0]}'; it needs {', '.join((*COLUMNS, *columns))}.")
        for row in reader:
            yield {column: (row[column] or "").strip() for column in (*COLUMNS, *columns)}
