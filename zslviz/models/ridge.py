"""Ridge regression, which what is solved for instead of descended to is made of."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class Ridge:
    """Ridge regression from x [N, C] to y [N, A], both centred; any number of ridges from one eigendecomposition.

    mean_value: the mean of all C eigenvalues of the scatter of x, in which ridges are given; 1 where x does not vary, so that
    the weights are 0 and not 0 / 0.
    """

    def __init__(self, x: Array, y: Array) -> None:
        self.mean_x, self.mean_y = x.mean(axis=0), y.mean(axis=0)
        centred = x - self.mean_x
        if len(x) < x.shape[1]:  # the other C - N eigenvalues are 0, and nothing lies in their directions
            _, singular, directions = np.linalg.svd(centred, full_matrices=False)
            self.values, self.vectors = singular**2, directions.T
            self.mean_value = self.values.sum() / x.shape[1]
        else:
            self.values, self.vectors = np.linalg.eigh(centred.T @ centred)
            self.mean_value = self.values.mean()
        self.mean_value = self.mean_value if self.mean_value > 0 else 1.0
        self.projected = self.vectors.T @ (centred.T @ (y - self.mean_y))

    def solve(self, ridge: float) -> tuple[Array, Array]:
        """Weight [A, C] and bias [A]. ridge: in mean eigenvalues of the features' scatter."""
        shrunk = self.projected / (self.values + ridge * self.mean_value)[:, None]
        weight = (self.vectors @ shrunk).T
        return weight, self.mean_y - weight @ self.mean_x
