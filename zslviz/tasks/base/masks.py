"""Pictures put together so that the place of everything in them is known, and how a map lies on such a place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.stats import rankdata

SOLID = 127  # alpha above which a pixel counts as covered


@dataclass(frozen=True)
class OnMask:
    """How a map lies on the pixels of a mask. A map that is the same everywhere, and so tells nothing, gets `area` and 0.5.

    pointing: is the highest place inside? (Zhang et al. 2018; of several highest places, the share of them that is inside.)
    energy: the share of the map's positive values inside, 0 for a map without any (Wang et al. 2020, Score-CAM). ranking: the
    chance that a place inside is higher than one outside, which unlike energy does not depend on the map's zero. area: the mask's
    share of the picture.
    """

    pointing: float
    energy: float
    ranking: float
    area: float


def on_mask(values: NDArray[np.floating[Any]], mask: NDArray[np.bool_]) -> OnMask:
    """Measures a map [H, W] on a mask of the same shape."""
    positive = np.maximum(values, 0)
    return OnMask(
        pointing=share_of_highest(values, mask),
        energy=float(positive[mask].sum() / max(positive.sum(), 1e-12)),
        ranking=ranking(values, mask),
        area=float(mask.mean()),
    )


def share_of_highest(values: NDArray[np.floating[Any]], mask: NDArray[np.bool_]) -> float:
    """Of a map's highest places, the share inside the mask: a constant map points nowhere."""
    return float(mask[values == values.max()].mean())


def ranking(values: NDArray[np.floating[Any]], mask: NDArray[np.bool_]) -> float:
    """The chance that a value inside the mask is above one outside (equal ones count half): the area under the ROC curve."""
    inside, outside = int(mask.sum()), int((~mask).sum())
    if not inside or not outside:
        return 0.5
    ranks = rankdata(values.ravel())[mask.ravel()].sum()
    return float((ranks - inside * (inside + 1) / 2) / (inside * outside))


def paste(photo: Image.Image, layer: Image.Image) -> NDArray[np.bool_]:
    """Lays a transparent picture of the same size over an RGB photo, in place; the pixels that it covers: bool [height, width]."""
    photo.paste(layer, (0, 0), layer)
    return np.asarray(np.asarray(layer)[:, :, 3] > SOLID)
