"""Classes that are described in part: what nobody said of them is taken from the known classes that are most like them.

A person who adds an animal gives a dozen numbers, not eighty-five. The others are the mean of the `NEAREST` known classes, where
classes are compared by what is given, in standard deviations of the table. On test photos a class filled so is
found far more often than one filled with the mean of the table, which is nobody's description.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

NEAREST = 3
LEAST_SPREAD = 0.02
"""Added to the spread of an attribute, so that one that no class or every class has decides nothing."""

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True, eq=False)
class Filled:
    """A whole description: values float32 [A]. donors: indices of the known classes whose mean stands where nothing was given."""

    values: NDArray[np.float32]
    donors: tuple[int, ...]


def distances(row: Floats, table: Floats, given: NDArray[np.bool_] | None = None) -> NDArray[np.float64]:
    """How far a row [A] is from each of K classes [K, A]: the root of the mean square over the given attributes (all if None).

    In standard deviations of the table, float64 [K].
    """
    known = table.astype(np.float64)
    use = np.ones(len(row), dtype=bool) if given is None else given
    steps = (known[:, use] - np.asarray(row, dtype=np.float64)[use]) / (known.std(axis=0)[use] + LEAST_SPREAD)
    return np.asarray(np.sqrt((steps**2).mean(axis=1)))


def nearest(row: Floats, table: Floats, given: NDArray[np.bool_] | None = None, count: int = NEAREST) -> list[int]:
    """The classes most like a row, most like it first; of equals the one listed first."""
    return [int(c) for c in np.argsort(distances(row, table, given), kind="stable")[:count]]


def filled(row: Floats, table: Floats, given: NDArray[np.bool_] | None = None) -> Filled:
    """A row [A] with what is not given filled from the known classes [K, A]; the mean of all of them where nothing is given.

    given: bool [A]; what is not NaN if None. There must be a known class.
    """
    given = np.isfinite(row) if given is None else given
    if given.all():
        return Filled(np.asarray(row, dtype=np.float32), ())
    donors = nearest(row, table, given) if given.any() else list(range(len(table)))
    mean = table[donors].astype(np.float64).mean(axis=0)
    return Filled(np.where(given, row, mean).astype(np.float32), tuple(donors))
