"""How a setting is chosen on validation: measurements averaged over problems, the best of them, and the middle of a plateau."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import Field, fields, replace
from statistics import fmean
from typing import Any, ClassVar, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray


class Measurement(Protocol):
    """A dataclass: fields of type float are figures, the others say what was measured."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    @property
    def merit(self) -> float:
        """What is maximised."""


M = TypeVar("M", bound=Measurement)


def average(same: Sequence[M]) -> M:
    """The mean of the figures of one and the same candidate."""
    figures = [f.name for f in fields(same[0]) if f.type in (float, "float")]
    return replace(same[0], **{name: fmean(getattr(m, name) for m in same) for name in figures})


def averages(problems: Sequence[Sequence[M]]) -> list[M]:
    """Every candidate, averaged over the validation problems. problems: of each, all its candidates in the same order."""
    return [average(same) for same in zip(*problems, strict=True)]


def best(measured: Sequence[M]) -> M:
    """The candidate with the highest merit, the first of them."""
    return max(measured, key=lambda measurement: measurement.merit)


def plateau(values: NDArray[np.float64], merit: NDArray[np.float64], width: float) -> int:
    """Where the middle is of the values whose merit is within `width` of the best: steadier than the very best."""
    good = np.flatnonzero(merit >= merit.max() - width)
    ordered = good[np.argsort(values[good], kind="stable")]
    return int(ordered[len(ordered) // 2])
