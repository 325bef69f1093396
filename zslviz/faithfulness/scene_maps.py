"""How a model's maps lie in scenes whose places are known: one record a scene."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from zslviz.faithfulness.maps import Maps, attribute_maps, class_maps
from zslviz.faithfulness.scenes import PLACES, SIDE, Plan, asked_attributes, can_be_made, draw, plan
from zslviz.photos.geometry import Geometry
from zslviz.photos.priors import centre_prior
from zslviz.photos.smoothing import smooth
from zslviz.tasks.attributes.data import ZeroShotDataset
from zslviz.tasks.attributes.explainer import AttributeExplainer
from zslviz.tasks.attributes.gradcam import grad_cam_of
from zslviz.tasks.base.masks import on_mask

CANVAS = 112  # pixels a side on which maps are measured: every fourth of a scene's
FIGURES = ("pointing", "energy", "ranking")


@dataclass(frozen=True, eq=False)
class SceneMeasurement:
    """One model on scenes of a data set.

    photos: those that scenes are made of. labels: int64 [N], the class of each photo in the model's table. content: tells a photo
    from another that took its place.
    """

    explainer: AttributeExplainer
    dataset: ZeroShotDataset
    photos: NDArray[np.int64]
    labels: NDArray[np.int64]
    seed: int
    content: Callable[[int], str]

    def kinds(self) -> list[str]:
        """The sorts of scenes that there are photos for."""
        return [kind for kind in PLACES if can_be_made(kind, self.photos, self.dataset.labels)]

    def content_of(self, kind: str, number: int) -> str:
        """Tells a scene, and what is asked in it, from another one of its number."""
        planned, asked = self._planned(kind, number)
        told = json.dumps([asdict(planned), asked, [self.content(photo) for photo in planned.photos]])
        return hashlib.sha256(told.encode()).hexdigest()[:16]

    def measure(self, kind: str, number: int) -> dict[str, Any]:
        """How the maps of attributes, and those of the photos' classes, lie on the photo that they are of."""
        planned, asked = self._planned(kind, number)
        scene = draw(planned, [self.dataset.photo(photo) for photo in planned.photos])
        masks = on_canvas(scene.masks)
        features, encoded = self.explainer.encode_photo(Image.fromarray(scene.picture))
        explanation = self.explainer.explain_encoded(features, encoded)
        classes = self.labels[list(planned.photos)].tolist()
        attributes = [attribute for _, attribute in asked]
        yardstick = grad_cam_of(self.explainer, features, attributes, classes)
        of_attributes = attribute_maps(explanation, attributes) | _both("Grad-CAM", yardstick.attributes)
        of_classes: Maps = {
            name: one
            for own, maps in class_maps(explanation, classes).items()
            for name, one in _both(own, maps).items()
        }
        of_classes |= _both("Grad-CAM", yardstick.classes)
        places = [place for place, _ in asked]
        geometry, every = explanation.geometry, range(len(classes))
        return {
            "attributes": {
                "of": attributes,
                **_told(planned, places, masks),
                **lie(of_attributes, geometry, masks[places]),
            },
            "classes": {"of": classes, **_told(planned, every, masks), **lie(of_classes, geometry, masks)},
        }

    def _planned(self, kind: str, number: int) -> tuple[Plan, list[tuple[int, int]]]:
        planned = plan(kind, number, self.photos, self.dataset.labels, self.seed)
        classes = self.labels[list(planned.photos)]
        return planned, asked_attributes(planned, number, self.explainer.space.table, classes, self.seed)


def on_canvas(masks: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Masks [P, SIDE, SIDE] at the middle of each of the canvas' pixels: bool [P, CANVAS, CANVAS]."""
    step = SIDE // CANVAS
    return masks[:, step // 2 :: step, step // 2 :: step]


def lie(maps: Mapping[str, NDArray[np.float32]], geometry: Geometry, masks: NDArray[np.bool_]) -> dict[str, Any]:
    """For each sort of map, N maps [N, h, w] with a mask each [N, CANVAS, CANVAS]: rows of pointing, energy and ranking."""
    canvas = (CANVAS, CANVAS)
    centre = centre_prior(*canvas)
    rows = {"centre": [_row(centre, mask) for mask in masks]}
    for name, values in maps.items():
        laid = (geometry.map_to_photo(one, canvas) for one in values)
        rows[name] = [_row(one, mask) for one, mask in zip(laid, masks, strict=True)]
    return {"maps": rows}


def _told(planned: Plan, places: Sequence[int], masks: NDArray[np.bool_]) -> dict[str, Any]:
    return {
        "places": [planned.places[place] for place in places],
        "area": [round(float(masks[place].mean()), 6) for place in places],
    }


def _row(values: NDArray[np.float32], mask: NDArray[np.bool_]) -> list[float]:
    found = on_mask(values, mask)
    return [round(float(getattr(found, figure)), 6) for figure in FIGURES]


def _both(name: str, maps: NDArray[np.float32]) -> Maps:
    return {name: maps, f"{name}, smooth": smooth(maps)}
