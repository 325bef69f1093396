"""The colour scales that maps of labels are drawn on, wherever they are drawn."""

from __future__ import annotations

import numpy as np

from zslviz.photos.heatmaps import ColourScale
from zslviz.tasks.multilabel.explanation import LabelExplanation

FLOOR = 0.9  # share of all labels and places that a map leaves transparent


def map_scale(explanation: LabelExplanation, own: int) -> ColourScale:
    """One scale for every label's map of a photo: the highest tenth of the region scores of the model's `own` labels.

    A place that says no more for a label than nine in ten places say for theirs stays transparent. Added labels do not change it.
    """
    scores = explanation.region_scores[:own]
    low, high = float(np.quantile(scores, FLOOR)), float(scores.max())
    return ColourScale("attention", low, high if high > low else low + 1.0)


def label_scale(explanation: LabelExplanation, label: int, own: int) -> tuple[ColourScale, bool]:
    """The scale that a label's large map is drawn on, and whether it is the label's own.

    Where the map would stay transparent on the scale of all labels, its scale runs from the label's median region to its highest.
    """
    scale, values = map_scale(explanation, own), explanation.region_scores[label]
    return (scale, False) if float(values.max()) > scale.low else (own_scale(explanation, label), True)


def own_scale(explanation: LabelExplanation, label: int) -> ColourScale:
    """The scale of one label's map that is looked at alone: from its median region to its highest."""
    values = explanation.region_scores[label]
    low, high = float(np.median(values)), float(values.max())
    return ColourScale("attention", low, high if high > low else low + 1.0)
