"""Pictures of pairs in a photo: where texts and queries looked, what places added to a pair, and what tells two pairs apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from zslviz.errors import ConfigError
from zslviz.photos.heatmaps import ColourScale, data_url, layer_png, overlay, png
from zslviz.tasks.base.pictures import MAP_WIDTH, THUMBNAIL_WIDTH, legend
from zslviz.tasks.compositional.explanation import CompositionExplanation, Floats
from zslviz.tasks.compositional.requests import Pair


@dataclass(frozen=True, eq=False)
class PairPicture:
    """One map [H, W] to be laid over the photo. kind: what is asked for by; words: what it shows."""

    kind: str
    words: str
    values: Floats
    scale: ColourScale


def pair_pictures(explanation: CompositionExplanation, pair: Pair, other: Pair | None) -> list[PairPicture]:
    """The maps of a pair, and of what sets it apart from another: those that the model has.

    Kinds: "state", "object", "pair" (where their texts looked, on one scale), "evidence", "other" (what places added to the pair
    and to the other one) and "difference", on one scale around 0.
    """
    space, found = explanation.space, []
    if explanation.state_attention is not None:
        looked = [
            ("state", space.states[pair[0]], explanation.state_map(pair[0])),
            ("object", space.objects[pair[1]], explanation.object_map(pair[1])),
            ("pair", explanation.pair_name(*pair), explanation.pair_map(*pair)),
        ]
        shares = ColourScale.shared("attention", [values for _, _, values in looked])
        found = [PairPicture(*one, shares) for one in looked]
    if explanation.refinement is not None:
        evidence = [("evidence", explanation.pair_name(*pair), explanation.pair_evidence(*pair))]
        if other is not None:
            name = explanation.pair_name(*other)
            evidence.append(("other", name, explanation.pair_evidence(*other)))
            evidence.append(("difference", f"for, not {name}", explanation.difference(pair, other)))
        signed = ColourScale.shared("evidence", [values for _, _, values in evidence])
        found += [PairPicture(*one, signed) for one in evidence]
    return found


def pair_answer(explanation: CompositionExplanation, pair: Pair, other: Pair | None) -> dict[str, Any]:
    """The layers of `pair_pictures` by kind, and the legends of both scales."""
    made = pair_pictures(explanation, pair, other)
    return {
        "maps": {p.kind: data_url(layer_png(p.values, explanation.map_geometry, p.scale, MAP_WIDTH)) for p in made},
        "legends": {p.scale.kind: legend(p.scale) for p in made},
    }


def multiples_answer(explanation: CompositionExplanation, kind: Any, pairs: Sequence[Pair]) -> dict[str, Any]:
    """Small multiples on one scale: where each query looked ("queries"), or the text of each state, object, or of some pairs.

    Raises ConfigError for another kind, or one that the model lacks.
    """
    space = explanation.space
    if kind == "queries":
        maps = [(f"query {i}", [str(i)], m) for i, m in enumerate(explanation.query_maps(), start=1)]
    elif kind == "states":
        maps = [(n, [n], explanation.state_map(i)) for i, n in enumerate(space.states)]
    elif kind == "objects":
        maps = [(n, [n], explanation.object_map(i)) for i, n in enumerate(space.objects)]
    elif kind == "pairs":
        named = [(explanation.pair_name(s, o), [space.states[s], space.objects[o]], s, o) for s, o in pairs]
        maps = [(name, key, explanation.pair_map(s, o)) for name, key, s, o in named]
    else:
        raise ConfigError("Small maps are of 'queries', 'states', 'objects' or 'pairs'.")
    scale = ColourScale.shared("attention", [values for _, _, values in maps])
    return {
        "kind": kind,
        "maps": [
            {
                "name": name,
                "key": key,
                "url": data_url(layer_png(values, explanation.map_geometry, scale, THUMBNAIL_WIDTH)),
            }
            for name, key, values in maps
        ],
        "legend": legend(scale),
    }


def overlay_png(
    explanation: CompositionExplanation, pair: Pair, other: Pair | None, kind: Any, opacity: float
) -> tuple[str, bytes]:
    """The photo at its full size with one of a pair's maps over it: words for its name, and the PNG. Raises ConfigError."""
    for p in pair_pictures(explanation, pair, other):
        if p.kind == kind:
            words = f"{explanation.pair_name(*pair)} {p.words}" if kind == "difference" else f"{p.words} {kind}"
            return words, png(
                overlay(explanation.photo, np.asarray(p.values), explanation.map_geometry, p.scale, opacity)
            )
    raise ConfigError("There is no such map of a pair.")
