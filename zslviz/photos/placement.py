"""Where the cells of a map really lie in the network input, and moving maps there.

A cell of an m x m map is drawn as the m-th part of the input, but what it saw lies elsewhere, for two reasons. Halving with
aligned corners samples a stage from its first to its last cell, so the outer regions of Mg-MRN's fine and middle
granularity see the border and not the middle of the outer cell. And a backbone whose strided convolutions pad on one side
only (TensorFlow's "same" padding, EfficientNet) sees each cell of its deep stages shifted to one side.

`placement_matrix` spreads what each cell counted over the regular cells on both sides of its true place. Its columns sum to one,
so attention still sums to one and evidence still adds up to the score.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def cell_positions(side: int, stride: int, cells: int, shift: float) -> NDArray[np.float64]:
    """Centres in pixels of the input, for a stage of a given stride brought to `cells` regions with aligned corners.

    side: of the input. shift: how many pixels further right and down than its middle a cell of that stage sees.
    """
    own = side // stride
    index = np.linspace(0, own - 1, cells)  # aligned corners: the first region is the first cell, the last the last
    return (index + 0.5) * stride + shift


def placement_matrix(positions: NDArray[np.float64], side: int) -> NDArray[np.float32]:
    """[m, m]: column j says how cell j is shared among the regular cells, whose centres are at (i + 1/2) side / m."""
    cells = len(positions)
    at = np.clip(positions / side * cells - 0.5, 0, cells - 1)
    low = np.minimum(at.astype(int), max(cells - 2, 0))
    share = at - low
    matrix = np.zeros((cells, cells), dtype=np.float32)
    columns = np.arange(cells)
    matrix[low, columns] += 1 - share
    if cells > 1:
        matrix[low + 1, columns] += share
    return matrix


def place(maps: NDArray[np.float32], matrix: NDArray[np.float32]) -> NDArray[np.float32]:
    """Moves square maps [..., m, m] to where they belong; the sum of every map stays what it was."""
    return np.ascontiguousarray(matrix @ maps @ matrix.T)


def spread_matrix(side: int, cells: int, fine: int) -> NDArray[np.float32]:
    """[fine, cells]: how what each of `cells` cells counted is shared among a finer grid's cells over the same input side.

    Each coarse cell's number is parted by area, so a column sums to one and maps keep their sums.
    """
    coarse_edges = np.linspace(0, side, cells + 1)
    fine_edges = np.linspace(0, side, fine + 1)
    low = np.maximum(fine_edges[:-1, None], coarse_edges[None, :-1])
    high = np.minimum(fine_edges[1:, None], coarse_edges[None, 1:])
    return (np.clip(high - low, 0, None) / (side / cells)).astype(np.float32)


def on_one_grid(maps: Sequence[NDArray[np.float32]], side: int) -> NDArray[np.float32]:
    """Maps [..., h, w] that several square grids share between them, added up on the finest of the grids; sums are kept."""
    finest = max(piece.shape[-1] for piece in maps)
    whole = np.zeros((*maps[0].shape[:-2], finest, finest), dtype=np.float32)
    for piece in maps:
        whole += on_finer_grid(piece, side, finest)
    return whole


def on_finer_grid(maps: NDArray[np.float32], side: int, fine: int, shift: float = 0.0) -> NDArray[np.float32]:
    """Maps [..., m, m] on a grid of `fine` x `fine` cells; sums are kept.

    shift: how many pixels of the input further right and down its cells see than those of the finer grid.
    """
    cells = maps.shape[-1]
    if shift:
        maps = place(maps, placement_matrix(cell_positions(side, side // cells, cells, shift), side))
    matrix = spread_matrix(side, cells, fine)
    return np.ascontiguousarray(matrix @ maps @ matrix.T)
