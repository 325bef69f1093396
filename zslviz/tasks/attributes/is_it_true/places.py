"""How much of exact evidence lies in a rectangle of the photo.

The evidence counted is that of the *smooth* maps (`photos.smoothing`), which are the ones drawn: what one brushes over is what is
taken away. A smooth map has the same sum as its cells, so nothing is lost or counted twice. Within a place of the fine grid
evidence lies evenly: a rectangle takes of it what it takes of its area. All of that is linear and separable: of a map E [H, W] a
rectangle holds

    rows^T E columns,   rows = S^T (what the rectangle takes of each fine row),   columns likewise,

with S [f H, H] the matrix that spreads rows over the fine grid.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zslviz.photos.covering import Region
from zslviz.photos.geometry import Geometry
from zslviz.photos.smoothing import FACTOR, spread

Doubles = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Places:
    """Exact evidence [G, A, H, W] in units of raw scores, and how its places lie over the photo."""

    evidence: NDArray[np.floating[Any]]
    geometry: Geometry

    def inside(self, region: Region) -> Doubles:
        """How much of the raw scores comes from a rectangle: float64 [G, A]."""
        rows, columns = (
            np.diff(self._rows([region.y0, region.y1]), axis=0)[0],
            np.diff(self._columns([region.x0, region.x1]), axis=0)[0],
        )
        return np.asarray(self.evidence.astype(np.float64) @ columns @ rows)

    def lines(self) -> tuple[list[float], list[float]]:
        """Where the maps' cells meet, as fractions of the photo's height and of its width; the photo's own edges are the ends."""
        at, (rows, columns) = self.geometry, self.evidence.shape[-2:]
        return _lines(rows, at.size, at.top, at.box_height), _lines(columns, at.size, at.left, at.box_width)

    def table(self, ys: list[float], xs: list[float]) -> Doubles:
        """A summed-area table: what lies above each of Y heights and left of each of X widths, float64 [Y, X, G, A]."""
        table = np.einsum(
            "yh,gahw,xw->yxga", self._rows(ys), self.evidence.astype(np.float64), self._columns(xs), optimize=True
        )
        return np.ascontiguousarray(table)

    def _rows(self, ends: list[float]) -> Doubles:
        return _before(ends, self.evidence.shape[-2], self.geometry.size, self.geometry.top, self.geometry.box_height)

    def _columns(self, ends: list[float]) -> Doubles:
        return _before(ends, self.evidence.shape[-1], self.geometry.size, self.geometry.left, self.geometry.box_width)


def _before(ends: list[float], cells: int, size: int, start: int, length: int) -> Doubles:
    """Of each of `cells` rows (or columns) of maps the share that lies between the photo's edge and each end: float64 [N, cells].

    ends: fractions of the photo's side, which lies in the network's input of `size` pixels from `start` on, `length` long.
    """
    fine = cells * FACTOR
    at = (start + np.asarray(ends, dtype=np.float64)[:, None] * length) / size * fine - np.arange(fine)
    edge = start / size * fine - np.arange(fine)
    return np.asarray((np.clip(at, 0, 1) - np.clip(edge, 0, 1)) @ spread(cells).astype(np.float64))


def _lines(cells: int, size: int, start: int, length: int) -> list[float]:
    inner = [(cell * size / cells - start) / length for cell in range(cells + 1)]
    return [0.0, *(at for at in inner if 1e-6 < at < 1 - 1e-6), 1.0]
