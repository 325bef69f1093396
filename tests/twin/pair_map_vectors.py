"""Shared vectors of pairs: their maps (`pair_vectors.py`)."""

from __future__ import annotations

from typing import Any

import numpy as np

from zslviz.tasks.compositional.explanation import CompositionExplanation
from zslviz.tasks.compositional.pictures import pair_pictures


def maps_of(explanation: CompositionExplanation) -> list[dict[str, Any]]:
    """The maps of some pairs, each beside another one, and how far those of the bundle may be off."""
    found, (states, objects) = [], explanation.space.shape
    for pair, other in (((0, 0), (states - 1, objects - 1)), ((states - 1, 0), (0, objects - 1))):
        pictures = {p.which: p.values for p in pair_pictures(explanation, pair, other)}
        steps = {
            which: float(np.abs(values).max()) / (255 if which in ("pair", "state", "object") else 127)
            for which, values in pictures.items()
        }
        if "difference" in steps:
            steps["difference"] = steps["evidence"] + steps["other"]
        if "pair" in steps:
            steps["pair"] = (steps["state"] + steps["object"]) / 2
        maps = {which: {"values": values.ravel().tolist(), "step": steps[which]} for which, values in pictures.items()}
        found.append({"pair": pair, "other": other, "maps": maps})
    return found
