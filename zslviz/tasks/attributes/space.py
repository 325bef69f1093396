"""SemanticSpace: what classes are said to look like. Immutable; every edit gives a new space."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zslviz.catalogue import data_card
from zslviz.errors import TableError
from zslviz.tasks.base.space import Names, freeze

GROUP_ROW = "#group"
MAX_CSV_BYTES = 50 * 2**20


@dataclass(frozen=True, eq=False)
class SemanticSpace:
    """Classes x attributes: K classes described by A attributes.

    classes, attributes: the data set's own names, unique. groups: the group of every attribute, length A.
    table: float32 [K, A], how much of attribute a class c has, as a fraction (0 none, 1 all); edits may leave 0..1.
    seen: bool [K], whether the class was trained on. word_vectors: float32 [A, D] of the attribute names, or None.
    name: of the data set, which may have its own way to write names.
    """

    classes: tuple[str, ...]
    attributes: tuple[str, ...]
    groups: tuple[str, ...]
    table: NDArray[np.float32]
    seen: NDArray[np.bool_]
    word_vectors: NDArray[np.float32] | None = None
    name: str = field(default="", kw_only=True)

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
        """Readable class names: `087.Mallard` of CUB is "Mallard", `red_plain` is "Red plain"."""
        return tuple(map(class_reader(self.name), self.classes))

    @cached_property
    def attribute_names(self) -> tuple[str, ...]:
        """Readable attribute names: `has_bill_shape::hooked_seabird` is "bill shape: hooked seabird"."""
        card = data_card(self.name)
        readable = card.readable_attribute if card and card.readable_attribute else readable_attribute
        return tuple(map(readable, self.attributes))

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

    @property
    def derived_size(self) -> int:
        """Bytes of the arrays that come on demand."""
        return self.table.nbytes + len(self.classes) * np.dtype(np.intp).itemsize

    @cached_property
    def unseen_classes(self) -> NDArray[np.intp]:
        return np.flatnonzero(~self.seen)

    @cached_property
    def seen_classes(self) -> NDArray[np.intp]:
        return np.flatnonzero(self.seen)

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
        return replace(self, classes=tuple(self.classes[i] for i in rows), table=self.table[rows], seen=self.seen[rows])

    # -- CSV --------------------------------------------------------------------------------------------------------

    def to_csv(self, path: str | Path | None = None) -> str:
        """The table as CSV: columns `class`, `seen`, one per attribute, and a first row with the groups.

        Returns the text, and writes it if a path is given. Word vectors are not part of it.
        """
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["class", "seen", *self.attributes])
        writer.writerow([GROUP_ROW, "", *self.groups])
        for name, seen, row in zip(self.classes, self.seen, self.table, strict=True):
            writer.writerow([name, int(seen), *(repr(float(v)) for v in row)])
        if path is not None:
            Path(path).write_text(out.getvalue(), encoding="utf-8")
        return out.getvalue()

    @classmethod
    def from_csv(cls, source: str | Path, like: SemanticSpace | None = None) -> SemanticSpace:
        """Reads a table from a file's path or from CSV text (a string with a line break).

        Columns: `class`, optionally `seen` (1 or 0; if absent, as in `like`, and unseen where that lacks the class), then one per
        attribute. A row named `#group` gives
        the groups; without it a name like `group::value` brings its own. With `like`, the attributes must be the same
        (in any order) and the word vectors are taken over. Raises TableError naming row and column of what is wrong.
        """
        rows = _csv_rows(_csv_text(source))
        if not rows:
            raise TableError("The table is empty; its first line must be 'class,seen,' and the attributes' names.")
        header = [cell.strip() for cell in rows[0][1]]
        if "class" not in header:
            raise TableError("The table has no column 'class'; name the column of the class names so.")
        class_column = header.index("class")
        seen_column = header.index("seen") if "seen" in header else None
        columns = [i for i, cell in enumerate(header) if i not in (class_column, seen_column) and cell]
        attributes = [header[i] for i in columns]
        if like is not None:
            columns, attributes = _in_order_of(like, columns, attributes)
        names: list[str] = []
        seen: list[bool] = []
        table: list[list[float]] = []
        groups = [group_of(a) for a in attributes] if like is None else list(like.groups)
        for line, row in rows[1:]:
            if len(row) != len(header):
                raise TableError(f"Line {line} of the table has {len(row)} cells, but the header has {len(header)}.")
            name = row[class_column].strip()
            if name == GROUP_ROW:
                groups = [row[i].strip() or group_of(header[i]) for i in columns]
                continue
            if not name:
                raise TableError(f"Line {line} of the table has no class name.")
            names.append(name)
            seen.append(_seen_in(like, name) if seen_column is None else _truth(row[seen_column], line))
            table.append([_number(row[i], line, header[i]) for i in columns])
        return cls(
            tuple(names),
            tuple(attributes),
            tuple(groups),
            np.array(table, dtype=np.float32).reshape(len(names), len(attributes)),
            np.array(seen, dtype=bool),
            None if like is None else like.word_vectors,
            name="" if like is None else like.name,
        )


def class_reader(data: str) -> Callable[[str], str]:
    """How names of classes of a data set become readable: its own way, or the plain one."""
    card = data_card(data)
    return card.readable_class if card and card.readable_class else readable_class


def readable_class(name: str) -> str:
    """`red_plain` -> "Red plain"; `1.5 L bottle` stays."""
    words = name.replace("_", " ").strip() or name
    return words[:1].upper() + words[1:]


def readable_attribute(name: str) -> str:
    """`has_bill_shape::curved_(up_or_down)` -> "bill shape: curved (up or down)"; `long_legs` -> "long legs"."""
    group, separator, value = name.partition("::")
    if not separator:
        return name.replace("_", " ")
    return f"{group.removeprefix('has_').replace('_', ' ')}: {value.replace('_', ' ').replace('-', ' ')}"


def group_of(name: str) -> str:
    """The group that an attribute's name brings along: `has_wing_color::blue` -> "wing color", else "other"."""
    group, separator, _ = name.partition("::")
    return group.removeprefix("has_").replace("_", " ") if separator else "other"


def _csv_rows(text: str) -> list[tuple[int, list[str]]]:
    """The rows that are not blank, each with the number of its (last) line."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    try:
        return [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise TableError(f"Line {reader.line_num} of the table is not CSV ({error}).") from None


def _csv_text(source: str | Path) -> str:
    if isinstance(source, str) and "\n" in source:
        return source
    path = Path(source)
    try:
        if path.stat().st_size > MAX_CSV_BYTES:
            raise TableError(f"'{path.name}' is larger than 50 MB; that is not a class table.")
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise TableError(f"'{path.name}' is not a text file; save the table as CSV in UTF-8.") from None
    except OSError as error:
        raise TableError(f"The table '{path.name}' cannot be read ({error.strerror}).") from None


def _seen_in(like: SemanticSpace | None, name: str) -> bool:
    """Whether a space has a class of that name that was trained on."""
    found = None if like is None else like.named_classes.find(name)
    return like is not None and found is not None and bool(like.seen[found])


def _in_order_of(like: SemanticSpace, columns: list[int], attributes: list[str]) -> tuple[list[int], list[str]]:
    position = dict(zip(attributes, columns, strict=True))
    if len(position) < len(attributes):
        twice = next(a for i, a in enumerate(attributes) if a in attributes[:i])
        raise TableError(f"The attribute '{twice}' is listed twice; every attribute needs its own column.")
    missing = [a for a in like.attributes if a not in position]
    if missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise TableError(
            f"The table has no column '{missing[0]}'{more}; it needs one for every attribute of the model."
        )
    extra = [a for a in attributes if a not in set(like.attributes)]
    if extra:
        raise TableError(f"The table has a column '{extra[0]}', which the model does not know; remove it.")
    return [position[a] for a in like.attributes], list(like.attributes)


def _number(cell: str, line: int, column: str) -> float:
    try:
        value = float(cell)
    except ValueError:
        raise TableError(f"Line {line}, column '{column}': '{_brief(cell)}' is not a number; write 0 to 1.") from None
    if not abs(value) <= float(np.finfo(np.float32).max):
        raise TableError(f"Line {line}, column '{column}': '{_brief(cell)}' is not a finite number; write 0 to 1.")
    return value


def _truth(cell: str, line: int) -> bool:
    text = cell.strip().casefold()
    if text in {"1", "true", "yes", "seen"}:
        return True
    if text in {"0", "false", "no", "unseen", ""}:
        return False
    raise TableError(f"Line {line}, column 'seen': '{_brief(cell)}' must be 1 (trained on) or 0 (unseen).")


def _brief(cell: str) -> str:
    """A cell as it can stand in a sentence."""
    words = " ".join(cell.split())
    return words if len(words) <= 40 else f"{words[:40]}..."
