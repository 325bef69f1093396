"""Standard units: what two models read, and where, on one scale.

A raw score has a unit of its model's own, so it says little beside another model's. In *standard units* a reading is

    z_a = sum_g share_g (s_ga - mean_ga) / std_ga

where mean and std are those of the model's raw scores over the photos it was trained on (`AttributeScale`): 0 is what the model
reads on average, 1 is one standard deviation more. The spread is the model's own over *training photos*, not the spread of the
class table over classes: that is the same for both models, so it would leave their units as they are, and a model whose readings
hardly move would look as if it never differed. Of several granularities z is the mean of their standard scores, each with its
share of the ranking, so it spreads a little less than 1.

The value shown on the page is table_mean + table_std z: value and standard unit tell the same, one on the class table's scale.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from zslviz.tasks.base.photo import MapOffer

if TYPE_CHECKING:
    from zslviz.tasks.attributes.explanation import Explanation

PART_OF_PHOTO = 100
"""Maps are told per hundredth of the picture: two models' places may be of different sizes."""


def standard_readings(explanation: Explanation) -> NDArray[np.float32]:
    """What the model read of every attribute, in standard units: float32 [A]."""
    scale = explanation.scale
    away = explanation.values.astype(np.float64) - scale.table_mean
    return np.asarray(away / scale.table_std, dtype=np.float32)


def standard_map(explanation: Explanation, offer: MapOffer, attribute: int) -> NDArray[np.float32]:
    """The map [H, W] of an attribute, all granularities together, per hundredth of the picture.

    Of maps of evidence, which are in units of the value: in standard units. Of others (attention) their own shares, in per cent.
    """
    values = explanation.fused(offer.name)[attribute].astype(np.float64)
    unit = float(explanation.scale.table_std[attribute]) if offer.signed else 1 / PART_OF_PHOTO
    return np.asarray(values * (values.size / (PART_OF_PHOTO * unit)), dtype=np.float32)
