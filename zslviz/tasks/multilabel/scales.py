"""The colour scales that maps of labels are drawn on, wherever they are drawn."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from zslviz.photos.heatmaps import ColourScale

FLOOR = 0.9  # share of all labels and places that a map leaves transparent


def map_scale(region_scores: NDArray[np.float32], own: int) -> ColourScale:
    """One scale for every label's map [K, H, W] of a photo: the highest tenth of the region scores of the model's `own` labels.

    A place that says no more for a label than nine in ten places say for theirs stays transparent. Added labels do not change it.
    """
    scores = region_scores[:own]
    return _from(float(np.quantile(scores, FLOOR)), float(scores.max()))


def label_scale(region_scores: NDArray[np.float32], label: int, own: int) -> tuple[ColourScale, bool]:
    """The scale that a label's large map is drawn on, and whether it is the label's own.

    Where the map would stay transparent on the scale of all labels, its scale runs from the label's median region to its highest.
    """
    scale, values = map_scale(region_scores, own), region_scores[label]
    return (scale, False) if float(values.max()) > scale.low else (own_scale(values), True)


def own_scale(values: NDArray[np.float32]) -> ColourScale:
    """The scale of one label's map [H, W] that is looked at alone: from its median region to its highest."""
    return _from(float(np.median(values)), float(values.max()))


def _from(low: float, high: float) -> ColourScale:
    return ColourScale(low, high if high > low else low + 1.0)
