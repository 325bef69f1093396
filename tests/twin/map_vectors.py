"""Shared vectors of maps of attributes: explanations with what Python draws and says of them, for the page to be held to.

A folder with bundles and `cases.json`: a list of cases, each with its bundle, answers of the panels' questions, and layers as
Python paints them (numbers of the colour table).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from tests.twin.vectors import KINDS, made_explanation
from zslviz.photos.geometry import Geometry
from zslviz.photos.heatmaps import ColourScale, drawn_size
from zslviz.tasks.attributes import pictures
from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.attributes.maps import AttributeMaps, drawn
from zslviz.tasks.base.photo import MapOffer

WIDE = 48
ANSWERED = MapOffer("answered", "attribute", "Found by its words", "How much each place answers to the attribute.")
GRIDS = ((9, 9), (18, 18), (7, 7), (3, 4))


def made_maps(seed: int) -> Explanation:
    """A made explanation with maps of several places, of photos of odd shapes; some attributes cannot be seen, some are empty."""
    rng = np.random.default_rng(seed)
    base = made_explanation(KINDS[seed % len(KINDS)], "plain", seed)
    g, a = base.scores.shape
    rows, columns = GRIDS[seed % len(GRIDS)]
    blobs = np.exp(-((np.arange(rows)[:, None] - rows * 0.4) ** 2 + (np.arange(columns) - columns * 0.6) ** 2) / 3)
    heights = rng.uniform(0.1, 0.6, (g, a, 1, 1)) * rng.choice([-1, 1], (1, a, 1, 1))
    evidence = rng.normal(0, 0.02, (g, a, rows, columns)) + heights * blobs
    evidence[:, a // 2] = 0
    width, height = int(rng.integers(20, 700)), int(rng.integers(20, 700))
    parts = rng.uniform(0, 1, (g, 5, rows, columns)).astype(np.float32) if seed % 2 else None
    answered = np.abs(evidence).astype(np.float32)
    answered[:, ::3] *= 0.05
    made = replace(
        base,
        photo=rng.integers(0, 256, (height, width, 3), dtype=np.uint8),
        geometry=Geometry.fit(width, height, 288),
        evidence=evidence.astype(np.float32),
        bias=(base.scores - evidence.sum((2, 3))).astype(np.float32),
        attention=np.abs(evidence).astype(np.float32),
        parts=parts,
        further=(AttributeMaps(ANSWERED, answered),),
    )
    visible = rng.random(a) < (0.7 if seed % 2 else 1.0)
    made.space.__dict__["visible"] = tuple(visible.tolist())  # as a data set's card would tell
    return made


def made_ones(count: int = 8) -> Iterator[Explanation]:
    yield from map(made_maps, range(count))


def painted(explanation: Explanation, values: np.ndarray, end: float, signed: bool, smooth: bool) -> dict[str, Any]:
    """A map [H, W] as Python paints it on a scale that ends there."""
    geometry = explanation.geometry
    width, height = drawn_size((geometry.width, geometry.height), WIDE)
    scale = ColourScale(-end if signed else 0.0, end, signed)
    laid = geometry.map_to_photo(drawn(values) if smooth else values, (height, width))
    return {
        "values": values.ravel().tolist(),
        "grid": list(values.shape),
        "scale": asdict(scale),
        "smooth": smooth,
        "size": [width, height],
        "levels": scale.levels(laid).ravel().tolist(),
    }


def write_map_vectors(folder: Path, explanations: Sequence[Explanation]) -> int:
    """Writes the cases of some explanations, and returns how many maps are in them."""
    cases, rng = [], np.random.default_rng(0)
    for number, explanation in enumerate(explanations):
        count = len(explanation.space.attributes)
        attributes = sorted({0, count // 2, count - 1, *rng.integers(0, count, 5).tolist()})
        asked: list[dict[str, Any]] = []
        layers = []
        for offer in (offer for offer in explanation.offers() if offer.of == "attribute"):
            for a in attributes:
                answer = pictures.maps_answer(explanation, a, offer)
                asked.append({"attribute": a, "kind": offer.name, "answer": answer})
                if answer["end"] > 0 and len(layers) < 6:
                    fused = explanation.fused(offer.name)[a]
                    layers.append(painted(explanation, fused, answer["end"], offer.signed, smooth=bool(a % 3)))
        places = [[float(rng.random()), float(rng.random())] for _ in range(12)]
        first = explanation.offer_of(None, "attribute")
        case = {
            "name": f"{explanation.model} {number}",
            "bundle": f"{number}.zslviz",
            "geometry": asdict(explanation.geometry),
            "maps": asked,
            "layers": layers,
            "palettes": [ColourScale(-1.0, 1.0, signed).palette().ravel().tolist() for signed in (False, True)],
            "thumbnails": {
                "attributes": attributes,
                "kind": first.name,
                "answer": pictures.thumbnails_answer(explanation, attributes, first),
            },
            "regions": [{"place": place, "answer": pictures.region_answer(explanation, *place)} for place in places],
            "parts": pictures.parts_answer(explanation),
        }
        (folder / case["bundle"]).write_bytes(explanation.bundle())
        cases.append(case)
    (folder / "cases.json").write_text(json.dumps(cases, allow_nan=False), encoding="utf-8")
    return sum(len(case["maps"]) for case in cases)
