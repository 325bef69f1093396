"""What the maps of a multi-label model are worth: measured on scenes put together from the shipped cut-outs and landscapes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from zslviz.explainers.labels import LabelExplainer
from zslviz.faithfulness.label_maps import make_scenes, measure_label_maps
from zslviz.label_explanation import LabelExplanation

SCENE_FOLDER = Path(__file__).resolve().parents[2] / "assets" / "examples" / "multi"


def measure_label_model(explainer: LabelExplainer, folder: Path = SCENE_FOLDER) -> dict[str, Any]:
    """`measure_label_maps` of a model; labels that it was not made with are added by their names. Raises DataError.

    A map's zero is set to the mean of its regions, so that energy tells where it is above its own average.
    """
    explained: dict[int, LabelExplanation] = {}

    def map_of(photo: Image.Image, label: str) -> NDArray[np.floating[Any]]:
        if id(photo) not in explained:
            explained.clear()
            explained[id(photo)] = explainer.explain(photo)
        explanation = explained[id(photo)]
        if label not in explanation.space:
            explanation = explainer.add(explanation, label)
        values = explanation.region_scores[explanation.space.label_index(label)]
        return explanation.map_geometry.map_to_photo(values - values.mean())

    return measure_label_maps(map_of, make_scenes(folder))
