"""Cached features without their places: the mean over regions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zslviz.features.cache import FeatureCache


def region_means(
    cache: FeatureCache, photos: NDArray[np.integer[Any]], stages: Sequence[str] = ("c5",), batch: int = 128
) -> dict[str, NDArray[np.float32]]:
    """The mean over regions of each stage, by its name: float32 [N, C]. Raises DataError for a photo that is not cached."""
    means: dict[str, list[NDArray[np.float32]]] = {name: [] for name in stages}
    for start in range(0, len(photos), batch):
        for name, stage in cache.load(photos[start : start + batch], tuple(stages)).items():
            means[name].append(stage.mean((2, 3)).numpy())
    return {name: np.concatenate(parts) for name, parts in means.items()}
