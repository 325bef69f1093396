"""Maps that know nothing of a photo, which any map of a model has to beat, and the order in which a map has places come first."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def centre_prior(height: int, width: int) -> NDArray[np.float32]:
    """1 at the photo's centre, falling in a straight line to 0 in its corners: float32 [height, width]."""
    y = (np.arange(height, dtype=np.float32) + 0.5) / height - 0.5
    x = (np.arange(width, dtype=np.float32) + 0.5) / width - 0.5
    return (1 - np.hypot(y[:, None], x[None, :]) / np.hypot(0.5, 0.5)).astype(np.float32)


def random_map(rng: np.random.Generator, grid: tuple[int, int]) -> NDArray[np.float32]:
    """A map as coarse as a real one that knows nothing: independent uniform cells, float32 [rows, columns].

    Single pixels blurred here and there would hardly disturb a network; blobs as large as those of real maps are a fair
    comparison.
    """
    return rng.uniform(size=grid).astype(np.float32)


def area_before(values: NDArray[np.float32], tie_breaker: NDArray[np.float32]) -> NDArray[np.float32]:
    """For every place of a map [H, W] the share of the area that is ranked before it, 0 for the map's maximum.

    Equal values (a Grad-CAM that is zero in half of the photo) follow in the order of another map.
    """
    order = np.lexsort((-tie_breaker.ravel(), -values.ravel()))
    rank = np.empty(order.size, dtype=np.float32)
    rank[order] = np.arange(order.size, dtype=np.float32) / order.size
    return rank.reshape(values.shape)
