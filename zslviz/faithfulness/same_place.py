"""Do a photo's maps depend on the attribute that is asked for, or do they all peak in one place?

A model that looks at the animal's head whatever it is asked may point well in a scene, and tells nothing of the attribute.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zslviz.faithfulness.maps import attribute_maps
from zslviz.faithfulness.summary import share
from zslviz.tasks.attributes.explanation import Explanation

NEAR = 1 / 9
"""As a share of the photo's side: one cell of a map of 9 x 9, two of a finer one of 18 x 18, so that models can be compared."""


def measure_same_place(explanation: Explanation, seed: int) -> dict[str, Any]:
    """The record of one photo: for each sort of map, the share of all attributes that peak in one place.

    random: the same number of attributes with independent peaks, on the grid of this model.
    """
    attributes = len(explanation.space.attributes)
    shares = {name: in_one_place(peaks(maps)) for name, maps in attribute_maps(explanation, range(attributes)).items()}
    rows, columns = explanation.checked_grid()
    chance = np.random.default_rng(seed).uniform(size=(attributes, rows, columns)).astype(np.float32)
    return {"maps": {**shares, "random": in_one_place(peaks(chance))}}


def peaks(maps: NDArray[np.float32]) -> NDArray[np.float64]:
    """Where maps [N, H, W] are highest, as fractions of height and width: [M, 2], of the M that are not the same everywhere."""
    flat = maps.reshape(len(maps), -1)
    flat = flat[flat.max(axis=1) > flat.min(axis=1)]
    rows, columns = np.unravel_index(flat.argmax(axis=1), maps.shape[1:])
    return np.stack([(rows + 0.5) / maps.shape[1], (columns + 0.5) / maps.shape[2]], axis=1)


def in_one_place(found: NDArray[np.float64], near: float = NEAR) -> float | None:
    """The largest share of peaks [M, 2] that lie within `near`, in both directions, of one of them; None if there are none."""
    if not len(found):
        return None
    apart = np.abs(found[:, None] - found[None]).max(axis=-1)
    return round(float((apart <= near + 1e-6).mean(axis=1).max()), 6)


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
