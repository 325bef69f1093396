"""The part of on_gpu.py that compares: how far scores and maps are from the CPU's, and whether the rankings are the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

import numpy as np
from gpu_run import Row, Run, opened, tf32_in_convolutions

Floats = np.ndarray[Any, np.dtype[np.float32]]
TOLERANCE = 1e-3
"""By how much scores and maps on the GPU may differ from the CPU's, relative to the largest of a photo."""


def answers(run: Run) -> Iterator[list[Row]]:
    """Of every model on some example photos: with TF32 off, which is checked, and as PyTorch comes."""
    photos = run.examples[:: max(1, len(run.examples) // run.compared)][: run.compared]
    for info in run.models:
        expected = [opened(info.name, "cpu").explain(photo) for photo in photos]
        rows = []
        for default in (False, True):
            tf32_in_convolutions(default)
            found = [opened(info.name, run.device).explain(photo) for photo in photos]
            rows += _compared(f"{info.name}{', TF32 in convolutions' * default}", found, expected, not default)
        yield rows


def _compared(what: str, found: list[Any], expected: list[Any], checked: bool) -> list[Row]:
    rows = []
    for kind, arrays in (("scores", _scores), ("maps", _maps)):
        apart = max(_apart(arrays(a), arrays(b)) for a, b in zip(found, expected, strict=True))
        row = {"what": f"{what}: {kind}, furthest from the CPU's", "figure": f"{apart:.1e}"}
        if checked:
            row["figure"] += f", {'within' if apart <= TOLERANCE else 'not within'}"
            row["goal"] = f"within {TOLERANCE:g} of the largest"
        rows.append(row)
    orders = [(a.rank().order, b.rank().order) for a, b in zip(found, expected, strict=True)]
    same = sum(np.array_equal(a, b) for a, b in orders)
    best = sum(np.array_equal(a[:1], b[:1]) for a, b in orders)
    figure = f"{same} of {len(orders)}, the best {best}"
    rows.append({"what": f"{what}: photos with the CPU's ranking", "figure": figure})
    return rows


def _scores(explanation: Any) -> dict[str, Floats]:
    """The ranked things' own scores, and those that they are made of where a model gives such."""
    own = getattr(explanation, "scores", None)
    ranked = {"ranked": explanation.rank().scores}
    return ranked | {"own": own} if isinstance(own, np.ndarray) else ranked


def _maps(explanation: Any) -> dict[str, Floats]:
    """Every array of an explanation that lies on places; the photo is none."""
    values = {f.name: getattr(explanation, f.name) for f in fields(explanation) if f.name != "photo"}
    return {name: v for name, v in values.items() if isinstance(v, np.ndarray) and v.ndim > 2}


def _apart(found: Mapping[str, Floats], expected: Mapping[str, Floats]) -> float:
    """The largest difference, relative to the largest number of the same array; NaN counts as infinitely far."""
    assert found and found.keys() == expected.keys()
    apart = [float(np.abs(a - expected[n]).max() / max(np.abs(expected[n]).max(), 1e-12)) for n, a in found.items()]
    return max(d if np.isfinite(d) else np.inf for d in apart)
