"""Do a photo's maps depend on the attribute that is asked for, or do they all peak in one place?

A model that looks at the animal's head whatever it is asked may point well in a scene, and tells nothing of the attribute.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from zslviz.faithfulness.maps import attribute_maps
from zslviz.faithfulness.summary import share
from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.base.where import NEAR, in_one_place, peaks


def measure_same_place(explanation: Explanation, seed: int) -> dict[str, Any]:
    """The record of one photo: for each sort of map, the share of all attributes that peak in one place.

    random: the same number of attributes with independent peaks, on the grid of this model.
    """
    attributes = len(explanation.space.attributes)
    shares = {name: in_one_place(peaks(maps)) for name, maps in attribute_maps(explanation, range(attributes)).items()}
    rows, columns = explanation.checked_grid()
    chance = np.random.default_rng(seed).uniform(size=(attributes, rows, columns)).astype(np.float32)
    return {"maps": {**shares, "random": in_one_place(peaks(chance))}}


def summarise_same_place(records: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """Means over photos, each [value, low, high] with a 95 % bootstrap interval over photos; None if nothing was measured."""
    if not records:
        return None
    values = {name: [r["maps"][name] for r in records if r["maps"][name] is not None] for name in records[0]["maps"]}
    return {
        "photos": len(records),
        "near": NEAR,
        "maps": {n: share(np.array(v, dtype=np.float64), np.arange(len(v))) for n, v in values.items() if v},
    }
