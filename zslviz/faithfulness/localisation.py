"""The pointing game (Zhang et al. 2016) and energy inside parts: does a map lie on the part its attribute speaks of?

Everything is measured on the photo stretched to 224 x 224. A map hits if its maximum lies within 15 of those pixels (the paper's
tolerance) of the nearest visible part of its attribute. Energy is the share of a map's positive mass inside discs of that
radius around the parts, and inside the bird's box. Photos and attributes where chance is high (several parts, a small photo's
large bird) count like all others, so a figure means something only beside the priors'.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from zslviz.photos.geometry import Geometry

SIDE = 224
TOLERANCE = 15.0


class Marked(Protocol):
    """Where parts of photos are marked. groups: those of attributes that speak of parts. boxes: [photos, 4], as fractions."""

    @property
    def groups(self) -> Mapping[str, tuple[str, ...]]: ...
    @property
    def boxes(self) -> NDArray[np.floating[Any]]: ...
    def of_group(self, photo: int, group: str) -> NDArray[np.floating[Any]]: ...


@dataclass(frozen=True)
class Localisation:
    """How one map lies on its target. distance: of its maximum to the nearest part, in 224ths of the photo's sides.

    distance is infinite for a map that is the same everywhere and so points nowhere. energy_parts, energy_box: 0..1, and 0 for a
    map without positive mass.
    """

    distance: float
    energy_parts: float
    energy_box: float


@dataclass(frozen=True, eq=False)
class Target:
    """The visible parts of one attribute in one photo, and the box around the bird.

    points: [V, 2], x and y in pixels of the canvas. on_parts, around_parts: bool [224, 224], within the tolerance and within
    twice the tolerance of a part. in_box: bool [224, 224].
    """

    points: NDArray[np.float64]
    on_parts: NDArray[np.bool_]
    around_parts: NDArray[np.bool_]
    in_box: NDArray[np.bool_]

    @classmethod
    def of(cls, points: NDArray[np.floating], box: NDArray[np.floating], tolerance: float = TOLERANCE) -> Target:
        """points: [V, 2], x and y; box: left, top, right, bottom; all as fractions of the photo's width and height."""
        on_canvas = np.asarray(points, dtype=np.float64) * SIDE
        centres = np.arange(SIDE) + 0.5
        distance = np.hypot(
            centres[None, None, :] - on_canvas[:, 0, None, None], centres[None, :, None] - on_canvas[:, 1, None, None]
        )
        left, top, right, bottom = (np.asarray(box, dtype=np.float64) * SIDE).tolist()
        rows, columns = (centres >= top) & (centres <= bottom), (centres >= left) & (centres <= right)
        nearest = distance.min(axis=0)
        return cls(on_canvas, nearest <= tolerance, nearest <= 2 * tolerance, np.logical_and.outer(rows, columns))

    @property
    def chance(self) -> tuple[float, float, float]:
        """What a map that knows nothing gets: the shares of the photo's area on the parts, in the box, and around the parts."""
        return float(self.on_parts.mean()), float(self.in_box.mean()), float(self.around_parts.mean())


def localise(values: NDArray[np.float32], target: Target) -> Localisation:
    """Measures one map [224, 224] on the canvas against its target."""
    positive = np.maximum(values, 0)
    mass = float(positive.sum(dtype=np.float64))
    inside = [
        float(positive[mask].sum(dtype=np.float64)) / mass if mass > 0 else 0.0
        for mask in (target.on_parts, target.in_box)
    ]
    return Localisation(_distance(values, target), *inside)


def visible_targets(parts: Marked, groups: Sequence[str], photo: int, attributes: Iterable[int]) -> dict[int, Target]:
    """The targets of those attributes that speak of a part which is visible in a photo. groups: [A], of each attribute."""
    points = {int(a): parts.of_group(photo, groups[a]) for a in attributes if groups[a] in parts.groups}
    return {a: Target.of(places, parts.boxes[photo]) for a, places in points.items() if len(places)}


def localise_all(
    maps: Mapping[str, NDArray[np.float32]], geometry: Geometry, targets: Sequence[Target]
) -> dict[str, list[Localisation]]:
    """Measures maps [N, H, W] of a photo, by their names, against the targets of their N attributes."""
    side = (SIDE, SIDE)
    return {
        name: [localise(geometry.map_to_photo(one, side), t) for one, t in zip(values, targets, strict=True)]
        for name, values in maps.items()
    }


def _distance(values: NDArray[np.float32], target: Target) -> float:
    if values.max() == values.min():
        return float("inf")
    row, column = np.unravel_index(int(values.argmax()), values.shape)
    return float(np.hypot(target.points[:, 0] - (column + 0.5), target.points[:, 1] - (row + 0.5)).min())
