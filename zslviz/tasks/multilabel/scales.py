"""The colour scales that maps of labels are drawn on, wherever they are drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zslviz.photos.heatmaps import ColourScale
from zslviz.tasks.base.stretching import WEAK

FLOOR = 0.9  # share of all labels and places that a map leaves transparent


@dataclass(frozen=True)
class LabelScale:
    """The scale that a label's map is drawn on.

    reach: how far up the photo's one scale its strongest place comes, 1 at its top, 0 or less if it would not show. weak: whether
    that is too little to be seen. stretched: whether the scale is the label's own.
    """

    scale: ColourScale
    reach: float
    weak: bool
    stretched: bool


def map_scale(region_scores: NDArray[np.float32], own: int) -> ColourScale:
    """One scale for every label's map [K, H, W] of a photo: the highest tenth of the region scores of the model's `own` labels.

    A place that says no more for a label than nine in ten places say for theirs stays transparent. Added labels do not change it.
    """
    scores = region_scores[:own]
    return scale_of(float(np.quantile(scores, FLOOR)), float(scores.max()))


def label_scale(region_scores: NDArray[np.float32], label: int, own: int, stretch: bool | None = None) -> LabelScale:
    """The scale of a label's map: the photo's one scale, or the label's own where that is asked for, or the map is weak.

    stretch: None for what the map needs.
    """
    scale, values = map_scale(region_scores, own), region_scores[label]
    reach = (float(values.max()) - scale.low) / (scale.high - scale.low)
    weak = reach < WEAK
    stretched = weak if stretch is None else stretch
    return LabelScale(own_scale(values) if stretched else scale, reach, weak, stretched)


def own_scale(values: NDArray[np.float32]) -> ColourScale:
    """The scale of one label's map [H, W] that is looked at alone: from its median region to its highest."""
    return scale_of(float(np.median(values)), float(values.max()))


def scale_of(low: float, high: float) -> ColourScale:
    """From `low`, which stays clear, to `high`."""
    return ColourScale(low, high if high > low else low + 1.0)
