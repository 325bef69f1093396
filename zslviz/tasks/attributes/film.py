"""Deletion and insertion frame by frame (Petsiuk et al. 2018): a photo that loses or regains the places that a map names first.

As the curves of `zslviz faithfulness`, for one photo and one attribute: places come in the order of the model's own map, of
Grad-CAM, of the distance from the middle, or by chance; what is taken away is blurred (`photos.covering`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zslviz.errors import ConfigError
from zslviz.photos.covering import Photo, blur
from zslviz.photos.heatmaps import shrink
from zslviz.photos.priors import area_before, centre_prior, random_map
from zslviz.tasks.attributes.explainer import AttributeExplainer
from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.attributes.gradcam import grad_cam_of
from zslviz.tasks.attributes.maps import EVIDENCE
from zslviz.tasks.base.photo import either

ORDERS = ("map", "Grad-CAM", "centre", "random")
WAYS = ("deletion", "insertion")
SHARES = (0.0, 0.1, 0.3, 0.6, 1.0)  # of the area
_WIDTH = 640  # of the photo that is worked on; the network reads less


@dataclass(frozen=True, eq=False)
class Frame:
    """A share of the area taken away or given back. photo: uint8 [height, width, 3]. scores: float32 [G, A], by the network."""

    share: float
    photo: Photo
    scores: NDArray[np.float32]


def film(
    explainer: AttributeExplainer, explanation: Explanation, attribute: int, order: str, way: str, seed: int = 0
) -> list[Frame]:
    """The frames of one order, and of one way: four runs of the network, one more for Grad-CAM. seed: of the random order.

    The frame of the whole photo has the scores of the explanation itself: one photo is told by one number. Raises ConfigError for
    an order or a way that there is not, or a model without maps of attributes.
    """
    for one, known in ((order, ORDERS), (way, WAYS)):
        if one not in known:
            raise ConfigError(f"There is no film of '{one[:40]}'; choose {either(known)}.")
    photo = shrink(explanation.photo, _WIDTH)
    shape = (photo.shape[0], photo.shape[1])
    chance = random_map(np.random.default_rng(seed), explanation.checked_grid())
    laid = explanation.geometry.map_to_photo(chance, shape)
    if order == "centre":
        values = centre_prior(*shape)
    elif order == "random":
        values = laid
    else:
        values = explanation.geometry.map_to_photo(_map(explainer, explanation, attribute, order), shape)
    before, blurred = area_before(values, laid), blur(photo)
    under, over = (photo, blurred) if way == "deletion" else (blurred, photo)
    photos = [np.where((before < share)[..., None], over, under) for share in SHARES]
    whole = SHARES.index(0.0 if way == "deletion" else 1.0)
    harmed = [one for number, one in enumerate(photos) if number != whole]
    scores = list(explainer.scores(harmed, batch_size=len(harmed)))
    scores.insert(whole, explanation.scores)
    return [Frame(share, one, found) for share, one, found in zip(SHARES, photos, scores, strict=True)]


def _map(explainer: AttributeExplainer, explanation: Explanation, attribute: int, order: str) -> NDArray[np.float32]:
    if order == "map":
        own: NDArray[np.float32] = explanation.fused(explanation.offer_of(None, EVIDENCE.of).name)[attribute]
        return own
    return grad_cam_of(explainer, explainer.features(explanation.photo), [attribute]).attributes[0]
