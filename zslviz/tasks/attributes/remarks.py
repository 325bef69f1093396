"""What a class table cannot do, told before training: attributes that cannot be learned, classes that are described alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from zslviz.tasks.attributes.space import SemanticSpace
from zslviz.tasks.base.wording import counted

NAMED = 4
NEAR = 0.98
"""Cosine of two descriptions from which on they are named as hard to tell apart."""

_LOOKED_AT = 1000  # pairs


def table_remarks(space: SemanticSpace) -> tuple[str, ...]:
    """Sentences on a table, none if there is nothing to remark.

    Which class has which attribute: `SemanticSpace.having`.
    """
    table, seen = np.asarray(space.table), np.asarray(space.seen)
    names = space.attribute_names
    varies = table.max(axis=0) > table.min(axis=0)
    having = space.having[seen].sum(axis=0)
    plain = [names[a] for a in np.flatnonzero(~varies)]
    none = [names[a] for a in np.flatnonzero(varies & (having == 0))]
    one = [names[a] for a in np.flatnonzero(varies & (having == 1))]
    told = []
    if plain:
        told.append(f"The same for every class, so that they tell nothing apart: {_listed(plain)}.")
    if none:
        told.append(f"Had by no class that is trained on, so that they cannot be learned: {_listed(none)}.")
    if one:
        told.append(
            f"Had by one class alone of those trained on, so that they may be learned as that class: {_listed(one)}."
        )
    return (*told, *_alike(space))


def checked_table(source: str | Path) -> Iterator[str]:
    """What is to be known of a table before anything is trained on it, line by line. source: a CSV file. Raises TableError."""
    space = SemanticSpace.from_csv(source)
    seen, classes = int(space.seen.sum()), len(space.classes)
    trained = f"{seen} to be trained on" if seen else "no column 'seen' marks any, so all are taken as trained on"
    yield (
        f"{'1 class' if classes == 1 else f'{classes} classes'} ({trained}), {counted(len(space.attributes), 'attribute')} in "
        f"{counted(len(set(space.groups)), 'group')}"
    )
    told = table_remarks(
        space
    )  # which attributes can be learned hangs on what is trained on: all, where nothing is marked
    if not seen:
        told = table_remarks(space.with_seen(range(classes)))
    yield from told or (
        "Nothing to remark: every attribute is had by two classes or more, and no two classes are nearly alike.",
    )
    yield from _nearest(space)


def _nearest(space: SemanticSpace) -> Iterator[str]:
    """The classes that are most alike, and in which attributes they differ most."""
    rows = np.asarray(space.prototypes)
    if len(rows) < 2:
        return
    upper = np.triu_indices(len(rows), 1)
    cosines = (rows @ rows.T)[upper]
    yield "Nearest classes, by the cosine of their descriptions, and what tells them apart most:"
    for pair in np.argsort(-cosines, kind="stable")[:NAMED]:
        one, other = int(upper[0][pair]), int(upper[1][pair])
        apart = np.abs(space.table[one] - space.table[other])
        most = [space.attribute_names[a] for a in np.argsort(-apart, kind="stable")[:3] if apart[a] > 0]
        yield f"  {cosines[pair]:.3f}  {space.class_names[one]} and {space.class_names[other]}: {', '.join(most) or 'nothing'}"


def _alike(space: SemanticSpace) -> list[str]:
    """Classes whose descriptions are equal or nearly so; the nearest first."""
    rows = np.asarray(space.prototypes)
    upper = np.triu_indices(len(rows), 1)
    cosines = (rows @ rows.T)[upper]
    equal, near = [], []
    for pair in np.argsort(-cosines, kind="stable")[:_LOOKED_AT]:
        one, other = int(upper[0][pair]), int(upper[1][pair])
        both = f"'{space.class_names[one]}' and '{space.class_names[other]}'"
        if np.array_equal(space.table[one], space.table[other]):
            equal.append(both)
        elif cosines[pair] >= NEAR:
            near.append(f"{both} (cosine {cosines[pair]:.3f})")
        else:
            break
    told = []
    if equal:
        told.append(f"Described by the same values, so that no model can tell them apart: {_listed(equal, '; ')}.")
    if near:
        told.append(f"Described nearly alike: {_listed(near, '; ')}.")
    return told


def _listed(names: Sequence[str], between: str = ", ") -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return between.join(names[:NAMED]) + more
