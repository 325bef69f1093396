"""Classes by parts of others, by numbers, from a row of a table, from one to five photos, or blank."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zslviz.errors import ConfigError, TableError, UnknownNameError, listed
from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.attributes.filling import filled
from zslviz.tasks.attributes.invent.invention import Invention, Origin
from zslviz.tasks.attributes.space import SemanticSpace
from zslviz.tasks.attributes.table_notes import ReadTable, read_table_of

MOST_PHOTOS = 5
Donor = str | tuple[str, float]


def by_parts(space: SemanticSpace, base: str | None, parts: Mapping[str, Donor], name: str = "") -> Invention:
    """A class whose groups of attributes are those of others: "body of a horse, coat of a zebra".

    base: the class of all groups that are not named; None if these are to be filled. parts: group -> the class that gives it, or
    (class, share): 1 is as that class has it, 0 as the base has it. name: "horse with coat and pattern of zebra" if not given.
    Raises UnknownNameError, ConfigError.
    """
    names = space.class_names
    start: NDArray[np.float64] = np.full(len(space.attributes), np.nan)
    origins: list[Origin | None] = [None] * len(start)
    told = []
    if base is not None:
        at = space.class_index(base)
        start, told = space.table[at].astype(np.float64), [names[at]]
        origins = [Origin("class", f"as {names[at]}", (at,))] * len(start)
    values = start.copy()
    for group, donor in parts.items():
        giver, share = donor if isinstance(donor, tuple) else (donor, 1.0)
        if not 0 <= share <= 1:
            raise ConfigError(f"The share of '{giver}' in '{group}' must lie between 0 and 1, not {share:g}.")
        if base is None and share < 1:
            raise ConfigError(f"'{group}' is only partly that of '{giver}'; name the class that gives the rest.")
        members, index = _members(space, group), space.class_index(giver)
        row = space.table[index].astype(np.float64)
        values[members] = row[members] if share == 1 else (1 - share) * start[members] + share * row[members]
        part = "" if share == 1 else f"{share:.0%} "
        for a in members:
            before = origins[a] if share < 1 else None
            text = f"{part}as {names[index]}" + (f", the rest {before.text}" if before else "")
            origins[a] = Origin("class", text, (index, *(before.classes if before else ())))
        told.append(f"{part}{group} of {names[index]}")
    if not told:
        raise ConfigError("A class by parts needs a class to begin with, or a group and the class that gives it.")
    return _whole(space, values, origins, f"By parts: {'; '.join(told)}.", name or " + ".join(told))


def _members(space: SemanticSpace, group: str) -> NDArray[np.intp]:
    """The attributes of a group. Raises UnknownNameError."""
    wanted = group.casefold().strip()
    found = np.array([a for a, own in enumerate(space.groups) if own.casefold() == wanted], dtype=np.intp)
    if not len(found):
        raise UnknownNameError("group of attributes", group, dict.fromkeys(space.groups))
    return found


def by_numbers(
    space: SemanticSpace, values: Mapping[str, float], name: str = "new class", base: str | None = None
) -> Invention:
    """A class by some of its values, fractions by the names of attributes; the others are those of a base, or filled.

    With no value and no base it is *blank*: the mean of all classes. Raises UnknownNameError, ConfigError.
    """
    row: NDArray[np.float64] = np.full(len(space.attributes), np.nan)
    origins: list[Origin | None] = [None] * len(row)
    told = []
    if base is not None:
        at = space.class_index(base)
        row, told = space.table[at].astype(np.float64), [f"like {space.class_names[at]}"]
        origins = [Origin("class", f"as {space.class_names[at]}", (at,))] * len(row)
    for attribute, value in values.items():
        at = space.attribute_index(attribute)
        if not 0 <= value <= 1:
            raise ConfigError(f"'{attribute}' is {value:g}; a class is described by values between 0 and 1.")
        row[at], origins[at] = value, Origin("given", f"{value:g}")
    if values:
        told.append(f"{len(values)} of {len(row)} values given")
    return _whole(space, row, origins, f"By numbers: {'; '.join(told)}." if told else "Blank.", name)


def with_numbers(invention: Invention, values: Mapping[str, float]) -> Invention:
    """An invention with some values given as numbers. Raises UnknownNameError, ConfigError."""
    if not values:
        return invention
    given = by_numbers(invention.space, values)
    own = [origin.kind == "given" for origin in given.origins]
    origins = tuple(
        new if new.kind == "given" else old for new, old in zip(given.origins, invention.origins, strict=True)
    )
    told = f"{invention.told.removesuffix('.')}; {sum(own)} given as numbers."
    return replace(
        invention, values=np.where(own, given.values, invention.values).astype(np.float32), origins=origins, told=told
    )


def from_table(space: SemanticSpace, source: str | Path, name: str = "") -> Invention:
    """The new class of a table (CSV), which may say a part of its values. name: which one, where there are several.

    source: a file's path, or its text, as of `SemanticSpace.from_csv`. Raises TableError, UnknownNameError.
    """
    table = read_table_of(space, source)
    new = _new(space, table)
    if name:
        new = [table.space.class_index(name)]
    if len(new) != 1:
        names = listed([table.space.classes[c] for c in new])
        held = f"it holds {names}" if new else "all its classes are known already"
        which = "The table" if isinstance(source, str) and "\n" in source else f"The table '{source}'"
        raise TableError(f"{which} must hold one new class, or the name of one must be given; {held}.")
    return _of_row(space, table, new[0])


def all_from_table(space: SemanticSpace, source: str | Path) -> list[Invention]:
    """The new classes of a table, in its order. Raises TableError if there is none."""
    table = read_table_of(space, source)
    new = _new(space, table)
    if not new:
        raise TableError("The table holds no new class: all its classes are known already.")
    return [_of_row(space, table, c) for c in new]


def _new(space: SemanticSpace, table: ReadTable) -> list[int]:
    return [c for c, known in enumerate(table.space.classes) if known not in space.named_classes]


def _of_row(space: SemanticSpace, table: ReadTable, c: int) -> Invention:
    row = table.space.table[c, :].astype(np.float64)
    given = table.given[c]
    origins = [Origin("given", f"{value:g}") if own else None for value, own in zip(row, given, strict=True)]
    told = f"From a table: {int(given.sum())} of {len(row)} values given."
    return _whole(space, np.where(given, row, np.nan), origins, told, table.space.classes[c])


def by_photos(space: SemanticSpace, explanations: Sequence[Explanation], name: str = "new class") -> Invention:
    """A class as the model sees one to five photos of it (few-shot, ◇): the mean of their values, within the ranges of the table.

    Raises ConfigError for more photos or none.
    """
    return by_values(space, [explanation.values for explanation in explanations], name)


def by_values(space: SemanticSpace, seen: Sequence[NDArray[np.floating[Any]]], name: str = "new class") -> Invention:
    """`by_photos` of what was seen in each: [A] values on the scale of the table."""
    if not 1 <= len(seen) <= MOST_PHOTOS:
        raise ConfigError(f"A class is made from 1 to {MOST_PHOTOS} photos, not {len(seen)}.")
    mean = np.stack(seen).astype(np.float64).mean(axis=0)
    low, high = np.clip(space.table.min(axis=0), 0, 1), np.clip(space.table.max(axis=0), 0, 1)
    photos = "1 photo" if len(seen) == 1 else f"{len(seen)} photos"
    origins = (Origin("photos", f"as seen in {photos}"),) * len(mean)
    told = f"From {photos} (few-shot, ◇): as the model sees them."
    return Invention(name, space, np.clip(mean, low, high).astype(np.float32), origins, told, few_shot=True)


def _whole(
    space: SemanticSpace, row: NDArray[np.float64], origins: Sequence[Origin | None], told: str, name: str
) -> Invention:
    """An invention with what nobody said filled, and that in its sentence."""
    whole = filled(row, space.table)
    if not whole.donors:
        return Invention(name, space, whole.values, tuple(o for o in origins if o is not None), told)
    everybody = len(whole.donors) == len(space.classes)
    donors = "all classes" if everybody else ", ".join(space.class_names[c] for c in whole.donors)
    rest = Origin("filled", f"the mean of {donors}", whole.donors)
    left = sum(origin is None for origin in origins)
    told = f"{told} {left} of {len(row)} values are the mean of {donors}."
    return Invention(name, space, whole.values, tuple(origin or rest for origin in origins), told)
