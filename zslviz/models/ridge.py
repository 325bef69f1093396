"""Ridge regression, which what is solved for instead of descended to is made of."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class Ridge:
    """Ridge regression from x [N, C] to y [N, A], both centred; any number of ridges from one eigendecomposition."""

    def __init__(self, x: Array, y: Array) -> None:
        self.mean_x, self.mean_y = x.mean(axis=0), y.mean(axis=0)
        centred = x - self.mean_x
        self.values, self.vectors = np.linalg.eigh(centred.T @ centred)
        self.projected = self.vectors.T @ (centred.T @ (y - self.mean_y))

    def solve(self, ridge: float) -> tuple[Array, Array]:
        """Weight [A, C] and bias [A]. ridge: in mean eigenvalues of the features' scatter."""
        shrunk = self.projected / (self.values + ridge * self.values.mean())[:, None]
        weight = (self.vectors @ shrunk).T
        return weight, self.mean_y - weight @ self.mean_x
