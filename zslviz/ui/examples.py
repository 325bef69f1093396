"""The example photos that are shipped, and what is known about each."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from zslviz.errors import DataError, UnknownNameError
from zslviz.tasks.attributes.space import readable_class

if TYPE_CHECKING:
    from zslviz.tasks.attributes.data import ZeroShotDataset
    from zslviz.tasks.compositional.space import CompositionSpace

FOLDER = Path(__file__).resolve().parents[2] / "assets" / "examples"
EXAMPLE_CLASSES = 6  # of a data set's seen and of its unseen classes
LABEL_FOLDER = FOLDER / "multi"
COMPOSITION_FOLDER = FOLDER / "fashion"
_COLUMNS = ("file", "title", "space", "true_class", "seen", "kind", "note")
_LABEL_COLUMNS = ("file", "title", "labels", "kind", "note")
_COMPOSITION_COLUMNS = ("file", "title", "state", "object", "kind", "note")


class ExamplePhoto(Protocol):
    """An example of any tab. name: what it is asked for by."""

    @property
    def name(self) -> str: ...

    @property
    def path(self) -> Path: ...

    @property
    def note(self) -> str: ...


E = TypeVar("E", bound=ExamplePhoto)


@dataclass(frozen=True)
class Example:
    """One shipped photo, or one of a data set.

    space: the data set whose models it is for. true_class: its class there, "" if it is of none of them. seen: whether
    that class was trained on, None if there is no such class. kind: "photo" or "cutout". key: what it is asked for by, the
    file's name if empty (files of different folders may have the same name).
    """

    path: Path
    title: str
    space: str
    true_class: str
    seen: bool | None
    kind: str
    note: str
    key: str = ""

    @property
    def name(self) -> str:
        return self.key or self.path.name

    @property
    def class_name(self) -> str:
        """The true class in readable words, "" if there is none."""
        return readable_class(self.true_class) if self.true_class else ""


@dataclass(frozen=True)
class LabelExample:
    """A shipped photo with several things in it. labels: what is known to be there. kind: "photo" or "composition"."""

    path: Path
    title: str
    labels: tuple[str, ...]
    kind: str
    note: str

    @property
    def name(self) -> str:
        return self.path.name


@dataclass(frozen=True)
class CompositionExample:
    """A shipped photo of one thing. state, object: what it shows, "" where no word of the data fits. kind: "photo" or "drawing"."""

    path: Path
    title: str
    state: str
    object: str
    kind: str
    note: str

    @property
    def name(self) -> str:
        return self.path.name

    def seen_in(self, space: CompositionSpace) -> bool | None:
        """Whether a model with this space was trained on the pair; None if it does not know it."""
        if self.state not in space.states or self.object not in space.objects:
            return None
        return bool(space.seen[space.state_index(self.state), space.object_index(self.object)])


def read_examples(folder: Path = FOLDER) -> list[Example]:
    """The examples listed in FOLDER/examples.csv whose files are there, photos before cut-outs; none without a list.

    Raises DataError if the list lacks a column.
    """
    examples = [_example(folder, row) for row in _rows(folder, _COLUMNS)]
    present = [e for e in examples if e.path.is_file()]
    return sorted(present, key=lambda e: e.kind != "photo")  # stable: the list's order within a kind


def read_label_examples(folder: Path = LABEL_FOLDER) -> list[LabelExample]:
    """The examples for label models listed in FOLDER/examples.csv (labels separated by ";") whose files are there.

    Raises DataError if the list lacks a column.
    """
    examples = [
        LabelExample(
            path=folder / Path(row["file"]).name,
            title=row["title"].strip(),
            labels=tuple(label.strip() for label in row["labels"].split(";") if label.strip()),
            kind=row["kind"].strip(),
            note=row["note"].strip(),
        )
        for row in _rows(folder, _LABEL_COLUMNS)
    ]
    return [e for e in examples if e.path.is_file()]


def read_composition_examples(folder: Path = COMPOSITION_FOLDER) -> list[CompositionExample]:
    """The examples for compositional models listed in FOLDER/examples.csv whose files are there.

    Raises DataError if the list lacks a column.
    """
    examples = [
        CompositionExample(
            folder / Path(row["file"]).name, *(row[column].strip() for column in _COMPOSITION_COLUMNS[1:])
        )
        for row in _rows(folder, _COMPOSITION_COLUMNS)
    ]
    return [e for e in examples if e.path.is_file()]


def example_named(examples: Sequence[E], name: str) -> E:
    """An example by its name. Raises UnknownNameError."""
    for example in examples:
        if example.name == name:
            return example
    raise UnknownNameError("example", Path(name).name, [e.name for e in examples])


def examples_of(dataset: ZeroShotDataset) -> list[Example]:
    """A test photo each of some unseen classes, then of some seen ones: photos that its models were not trained on."""
    found = []
    for part in (dataset.test_unseen, dataset.test_seen):
        classes: dict[int, Path] = {}
        for index in part:
            classes.setdefault(int(dataset.labels[index]), dataset.files[index])
        for label, path in list(classes.items())[:EXAMPLE_CLASSES]:
            name = dataset.space.classes[label]
            key = f"{dataset.name}/{path.parent.name}/{path.name}"
            seen = bool(dataset.space.seen[label])
            found.append(Example(path, readable_class(name), dataset.name, name, seen, "photo", "", key))
    return found


def _rows(folder: Path, columns: tuple[str, ...]) -> list[dict[str, str]]:
    """The lines of FOLDER/examples.csv, none without such a file. Raises DataError if a column is missing."""
    listing = folder / "examples.csv"
    if not listing.is_file():
        return []
    with listing.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        missing = [c for c in columns if c not in (reader.fieldnames or ())]
        if missing:
            raise DataError(f"'{listing.name}' has no column '{missing[0]}'; it needs {', '.join(columns)}.")
        return list(reader)


def _example(folder: Path, row: dict[str, str]) -> Example:
    return Example(
        path=folder / Path(row["file"]).name,
        title=row["title"].strip(),
        space=row["space"].strip(),
        true_class=row["true_class"].strip(),
        seen=row["seen"].strip().casefold() in {"1", "true", "yes", "seen"} if row["true_class"].strip() else None,
        kind=row["kind"].strip(),
        note=row["note"].strip(),
    )
