"""What a class table cannot do, told before training: attributes that cannot be learned, classes that are described alike."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from zslviz.tasks.attributes.space import SemanticSpace

NAMED = 4
NEAR = 0.98
"""Cosine of two descriptions from which on they are named as hard to tell apart."""

_LOOKED_AT = 1000  # pairs


def table_remarks(space: SemanticSpace) -> tuple[str, ...]:
    """Sentences on a table, none if there is nothing to remark.

    A class counts as having an attribute if it has at least half as much of it as the class that has most.
    """
    table, seen = np.asarray(space.table), np.asarray(space.seen)
    names = space.attribute_names
    most = table.max(axis=0)
    varies = table.max(axis=0) > table.min(axis=0)
    having = ((table >= most / 2) & (table > 0) & seen[:, None]).sum(axis=0)
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
