"""SemanticSpace: what classes are said to look like. Immutable; every edit gives a new space."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zslviz.catalogue import data_card
from zslviz.errors import TableError
from zslviz.files import read_text
from zslviz.tasks.attributes.class_table import GROUP_ROW, ClassTable, read_class_table
from zslviz.tasks.attributes.filling import filled
from zslviz.tasks.base.arrays import order_free_sums
from zslviz.tasks.base.space import Names, distinct, freeze

ROWS = 512  # of a table, in float64 at once
_FROM_TO = re.compile(r"(?<=\d) *- *(?=\d)")  # 5 - 9


@dataclass(frozen=True, eq=False)
class SemanticSpace:
    """Classes x attributes: K classes described by A attributes.

    classes, attributes: the data set's own names, unique. groups: the group of every attribute, length A.
    table: float32 [K, A], how much of attribute a class c has, as a fraction (0 none, 1 all); edits may leave 0..1.
    seen: bool [K], whether the class was trained on. word_vectors: float32 [A, D] of the attribute names, or None.
    name: of the data set, which may have its own way to write names. own: how many of the classes, from the first on, are the
    table's own, and not made up beside it; None if all are.
    """

    classes: tuple[str, ...]
    attributes: tuple[str, ...]
    groups: tuple[str, ...]
    table: NDArray[np.float32]
    seen: NDArray[np.bool_]
    word_vectors: NDArray[np.float32] | None = None
    name: str = field(default="", kw_only=True)
    own: int | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        k, a = len(self.classes), len(self.attributes)
        Names.check("class", self.classes)
        Names.check("attribute", self.attributes)
        if k == 0 or a == 0:
            raise TableError("A table needs at least one class and one attribute.")
        if self.table.shape != (k, a):
            raise TableError(f"The table is {self.table.shape}, but there are {k} classes and {a} attributes.")
        if len(self.groups) != a or self.seen.shape != (k,):
            raise TableError("Every attribute needs a group, and every class needs to be marked seen or unseen.")
        if not np.isfinite(self.table).all():
            row, column = np.argwhere(~np.isfinite(self.table))[0]
            raise TableError(f"'{self.attributes[column]}' of '{self.classes[row]}' is not a number; write 0 to 1.")
        if self.word_vectors is not None and self.word_vectors.shape[0] != a:
            raise TableError(f"There are {self.word_vectors.shape[0]} word vectors for {a} attributes.")
        freeze(self, table=np.float32, seen=np.bool_, word_vectors=np.float32)

    # -- names ------------------------------------------------------------------------------------------------------

    @cached_property
    def class_names(self) -> tuple[str, ...]:
        """Readable class names: `087.Mallard` of CUB is "Mallard", `red_plain` is "Red plain"; no two are alike."""
        return distinct(self.classes, map(class_reader(self.name), self.classes))

    @cached_property
    def attribute_names(self) -> tuple[str, ...]:
        """Readable attribute names: `has_bill_shape::hooked_seabird` is "bill shape: hooked seabird"; no two are alike."""
        card = data_card(self.name)
        readable = card.readable_attribute if card and card.readable_attribute else readable_attribute
        return distinct(self.attributes, map(readable, self.attributes))

    @cached_property
    def visible(self) -> tuple[bool, ...]:
        """Whether a place of a photo can show an attribute; what cannot be seen its data set tells (`DataCard.invisible`): [A]."""
        card = data_card(self.name)
        return tuple(card is None or attribute not in card.invisible for attribute in self.attributes)

    @cached_property
    def named_classes(self) -> Names:
        """The classes by their own and their readable names."""
        return Names("class", self.classes, self.class_names)

    @cached_property
    def named_attributes(self) -> Names:
        """The attributes by their own and their readable names."""
        return Names("attribute", self.attributes, self.attribute_names)

    def class_index(self, name: str) -> int:
        """Index of a class by its own or its readable name, in any case. Raises UnknownNameError with the nearest."""
        return self.named_classes.index(name)

    def attribute_index(self, name: str) -> int:
        """Index of an attribute by its own or its readable name, in any case. Raises UnknownNameError."""
        return self.named_attributes.index(name)

    # -- what scoring needs -----------------------------------------------------------------------------------------

    @cached_property
    def prototypes(self) -> NDArray[np.float32]:
        """The rows of the table at unit length, float32 [K, A]; a row of zeros stays zero."""
        norms = np.linalg.norm(self.table, axis=1, keepdims=True)
        result = (self.table / np.where(norms > 0, norms, 1)).astype(np.float32)
        result.setflags(write=False)
        return result

    @cached_property
    def lengths(self) -> NDArray[np.float64]:
        """The lengths of the table's rows, 1 for a row of zeros: float64 [K], what `prototypes` is before it is rounded."""
        some = (self.table[start : start + ROWS].astype(np.float64) for start in range(0, len(self.table), ROWS))
        norms = np.sqrt(np.concatenate([np.zeros(0), *(order_free_sums(rows**2) for rows in some)]))
        return np.where(norms > 0, norms, 1.0)

    @property
    def having(self) -> NDArray[np.bool_]:
        """Which classes have which attributes, bool [K, A]: at least half as much of it as the class that has most."""
        having: NDArray[np.bool_] = (self.table >= self.table.max(axis=0) / 2) & (self.table > 0)
        return having

    @property
    def derived_size(self) -> int:
        """Bytes of the arrays that come on demand."""
        return self.table.nbytes + len(self.classes) * (np.dtype(np.intp).itemsize + np.dtype(np.float64).itemsize)

    @cached_property
    def unseen_classes(self) -> NDArray[np.intp]:
        return np.flatnonzero(~self.seen)

    @cached_property
    def seen_classes(self) -> NDArray[np.intp]:
        return np.flatnonzero(self.seen)

    @property
    def own_table(self) -> NDArray[np.float32]:
        """The rows of the table's own classes: what is true of the table holds whatever classes are made up beside it."""
        return self.table[: self.own]

    # -- edits: each gives a new space ------------------------------------------------------------------------------

    def with_value(self, class_name: str, attribute: str, value: float) -> SemanticSpace:
        """A space in which one class is said to have another amount of one attribute."""
        return self.with_values({(self.class_index(class_name), self.attribute_index(attribute)): value})

    def with_values(self, values: Mapping[tuple[int, int], float]) -> SemanticSpace:
        """A space with other values at (class index, attribute index); the same space if there is none."""
        if not values:
            return self
        table = self.table.copy()
        for (row, column), value in values.items():
            table[row, column] = value
        table.setflags(write=False)
        return replace(self, table=table)

    def with_class(self, name: str, description: NDArray[np.floating[Any]], seen: bool = False) -> SemanticSpace:
        """A space with one more class (unseen unless said otherwise), described by [A] values."""
        row = np.asarray(description, dtype=np.float32).reshape(1, -1)
        if row.shape[1] != len(self.attributes):
            raise TableError(f"A class is described by {len(self.attributes)} values, not {row.shape[1]}.")
        return replace(
            self,
            classes=(*self.classes, name),
            table=np.concatenate([self.table, row]),
            seen=np.append(self.seen, seen),
        )

    def with_seen(self, seen_classes: Iterable[int]) -> SemanticSpace:
        """A space in which exactly the given class indices are seen."""
        seen = np.zeros(len(self.classes), dtype=bool)
        seen[list(seen_classes)] = True
        return replace(self, seen=seen)

    def take_classes(self, indices: Sequence[int] | NDArray[np.integer[Any]]) -> SemanticSpace:
        """A space with only the given classes, in the given order."""
        rows = np.asarray(indices, dtype=np.intp)
        names = tuple(self.classes[i] for i in rows)
        return replace(self, classes=names, table=self.table[rows], seen=self.seen[rows], own=None)

    # -- CSV --------------------------------------------------------------------------------------------------------

    def to_csv(self, path: str | Path | None = None) -> str:
        """The table as CSV: columns `class`, `seen`, one per attribute, and a first row with the groups.

        Returns the text, and writes it if a path is given. Values have the fewest digits that are read back as the same float32.
        Word vectors are not part of it.
        """
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["class", "seen", *self.attributes])
        writer.writerow([GROUP_ROW, "", *self.groups])
        for name, seen, row in zip(self.classes, self.seen, self.table, strict=True):
            writer.writerow([name, int(seen), *(np.format_float_positional(v, trim="-") for v in row)])
        if path is not None:
            Path(path).write_text(out.getvalue(), encoding="utf-8")
        return out.getvalue()

    @classmethod
    def from_csv(cls, source: str | Path, like: SemanticSpace | None = None) -> SemanticSpace:
        """Reads a table from a file's path or from CSV text (a string with a line break).

        Columns: `class`, optionally `seen` (1 or 0; if absent or empty, as in `like`, and unseen where that lacks the class), then
        one per attribute, parted by commas, semicolons or tabs. A row named `#group` gives the groups; without it a name like
        `group::value` brings its own. Values are fractions or per cent (`class_table.as_fractions`); decimals may all have a comma.

        With `like`, classes and attributes are those of that space where their names are, written in either way and in any case.
        Attributes without a column and empty cells keep the value that a class has there; of a new class they are filled
        (`filling`). `table_notes.read_table_of` says which. Raises TableError naming row and column of what is wrong.
        """
        is_text = isinstance(source, str) and "\n" in source
        text = str(source) if is_text else read_text(source, TableError)
        return cls.of_table(read_class_table(text, None if like is None else like.named_attributes), like)

    @classmethod
    def of_table(cls, table: ClassTable, like: SemanticSpace | None = None) -> SemanticSpace:
        """A table that was read. like: as in `from_csv`. Raises TableError."""
        own = map(group_of, table.attributes) if like is None else like.groups
        marks = table.seen or (None,) * len(table.classes)
        found = [None if like is None else like.named_classes.find(name) for name in table.classes]
        classes, rows, seen = [], [], []
        for name, row, mark, old in zip(table.classes, table.values, marks, found, strict=True):
            if like is None or old is None:
                classes.append(name)
                rows.append(row if like is None else _whole(name, row, like))
                seen.append(bool(mark))
            else:
                classes.append(like.classes[old])
                rows.append(np.where(np.isfinite(row), row, like.table[old]))
                seen.append(bool(like.seen[old] if mark is None else mark))
        return cls(
            tuple(classes),
            table.attributes,
            tuple(given or group for given, group in zip(table.groups, own, strict=True)),
            np.array(rows, dtype=np.float32).reshape(table.values.shape),
            np.array(seen, dtype=bool),
            None if like is None else like.word_vectors,
            name="" if like is None else like.name,
        )


def _whole(name: str, row: NDArray[np.float32], like: SemanticSpace) -> NDArray[np.float32]:
    """A new class's row with what is not given filled. Raises TableError if nothing is."""
    if not np.isfinite(row).any():
        raise TableError(f"The table says nothing of '{name}'; give at least one value.")
    return filled(row, like.table).values


def class_reader(data: str) -> Callable[[str], str]:
    """How names of classes of a data set become readable: its own way, or the plain one."""
    card = data_card(data)
    return card.readable_class if card and card.readable_class else readable_class


def readable_class(name: str) -> str:
    """`red_plain` -> "Red plain"; `1.5 L bottle` stays."""
    words = name.replace("_", " ").strip() or name
    return words[:1].upper() + words[1:]


def readable_attribute(name: str) -> str:
    """`has_size::small_(5_-_9_in)` -> "size: small (5–9 in)"; `has_shape::duck-like` -> "shape: duck-like".

    Here and in the data sets' own ways (`DataCard.readable_attribute`) alone names of attributes become readable: the page and the
    browser's arithmetic are told them.
    """
    group, separator, value = name.partition("::")
    text = f"{group.removeprefix('has_')}: {value}" if separator else name
    return _FROM_TO.sub("–", text.replace("_", " "))


def group_of(name: str) -> str:
    """The group that an attribute's name brings along: `has_wing_color::blue` -> "wing color", else "other"."""
    group, separator, _ = name.partition("::")
    return group.removeprefix("has_").replace("_", " ") if separator else "other"
