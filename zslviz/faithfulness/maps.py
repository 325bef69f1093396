"""The maps that are compared: an explanation's own, and the priors that any map has to beat."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from zslviz.photos.smoothing import smooth
from zslviz.tasks.attributes.explanation import Explanation

Maps = dict[str, NDArray[np.float32]]


def attribute_maps(explanation: Explanation, attributes: Sequence[int]) -> Maps:
    """Maps [N, h, w] of N attributes by name: fused evidence and attention, both smoothed, and those of each granularity."""
    chosen = list(attributes)
    evidence, attention = explanation.fused_evidence[chosen], explanation.fused_attention[chosen]
    maps = {
        "evidence": evidence,
        "evidence, smooth": smooth(evidence),
        "attention": attention,
        "attention, smooth": smooth(attention),
    }
    if len(explanation.granularities) > 1:
        for index, name in enumerate(explanation.granularities):
            maps[f"evidence, {name}"] = explanation.value_evidence[index, chosen]
            maps[f"attention, {name}"] = explanation.attention[index, chosen]
    return maps


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
