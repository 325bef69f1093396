"""Pictures of pairs in a photo: where texts and queries looked, what places added to a pair, and what tells two pairs apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from zslviz.errors import ConfigError
from zslviz.photos.heatmaps import ColourScale
from zslviz.tasks.base import pictures
from zslviz.tasks.base.photo import MapOffer
from zslviz.tasks.base.pictures import layer_url, legend, thumbnail_url
from zslviz.tasks.compositional.explanation import ATTENTION, EVIDENCE, CompositionExplanation, Floats
from zslviz.tasks.compositional.requests import Pair


@dataclass(frozen=True, eq=False)
class PairPicture:
    """One map [H, W] to be laid over the photo. which: what it is asked for by; words: what it shows; offer: the sort of map."""

    which: str
    words: str
    values: Floats
    offer: MapOffer
    scale: ColourScale


def pair_pictures(explanation: CompositionExplanation, pair: Pair, other: Pair | None) -> list[PairPicture]:
    """The maps of a pair, and of what sets it apart from another: those that the model offers.

    Which: "state", "object", "pair" (where their texts looked, on one scale), "evidence", "other" (what places added to the pair
    and to the other one) and "difference", on one scale around 0.
    """
    space, offers, found = explanation.space, explanation.offers(), []
    if ATTENTION in offers:
        looked = [
            ("state", space.states[pair[0]], explanation.state_map(pair[0])),
            ("object", space.objects[pair[1]], explanation.object_map(pair[1])),
            ("pair", explanation.pair_name(*pair), explanation.pair_map(*pair)),
        ]
        found += _on_one_scale(looked, ATTENTION)
    if EVIDENCE in offers:
        evidence = [("evidence", explanation.pair_name(*pair), explanation.pair_evidence(*pair))]
        if other is not None:
            name = explanation.pair_name(*other)
            evidence.append(("other", name, explanation.pair_evidence(*other)))
            evidence.append(("difference", f"for, not {name}", explanation.difference(pair, other)))
        found += _on_one_scale(evidence, EVIDENCE)
    return found


def _on_one_scale(maps: Sequence[tuple[str, str, Floats]], offer: MapOffer) -> list[PairPicture]:
    scale = ColourScale.shared([values for _, _, values in maps], offer.signed)
    return [PairPicture(*one, offer, scale) for one in maps]


def pair_answer(explanation: CompositionExplanation, pair: Pair, other: Pair | None) -> dict[str, Any]:
    """The layers of `pair_pictures` by which they are, and the legends of both scales."""
    made = pair_pictures(explanation, pair, other)
    return {
        "maps": {p.which: layer_url(explanation, p.values, p.scale) for p in made},
        "legends": {p.offer.name: legend(p.scale) for p in made},
    }


def multiples_answer(explanation: CompositionExplanation, of: Any, pairs: Sequence[Pair]) -> dict[str, Any]:
    """Small multiples on one scale: where each query looked ("queries"), or the text of each state, object, or of some pairs.

    Raises ConfigError for maps of anything else, or that the model lacks.
    """
    space = explanation.space
    if of == "queries":
        maps = [(f"query {i}", [str(i)], m) for i, m in enumerate(explanation.query_maps(), start=1)]
    elif of == "states":
        maps = [(n, [n], explanation.state_map(i)) for i, n in enumerate(space.states)]
    elif of == "objects":
        maps = [(n, [n], explanation.object_map(i)) for i, n in enumerate(space.objects)]
    elif of == "pairs":
        named = [(explanation.pair_name(s, o), [space.states[s], space.objects[o]], s, o) for s, o in pairs]
        maps = [(name, key, explanation.pair_map(s, o)) for name, key, s, o in named]
    else:
        raise ConfigError("Small maps are of 'queries', 'states', 'objects' or 'pairs'.")
    scale = ColourScale.shared([values for _, _, values in maps])
    return {
        "kind": of,
        "maps": [
            {"name": name, "key": key, "url": thumbnail_url(explanation, values, scale)} for name, key, values in maps
        ],
        "legend": legend(scale),
    }


def overlay_png(
    explanation: CompositionExplanation, pair: Pair, other: Pair | None, which: Any, opacity: float
) -> tuple[str, bytes]:
    """The photo at its full size with one of a pair's maps over it: words for its name, and the PNG. Raises ConfigError."""
    for p in pair_pictures(explanation, pair, other):
        if p.which == which:
            words = f"{explanation.pair_name(*pair)} {p.words}" if which == "difference" else f"{p.words} {which}"
            return words, pictures.overlay_png(explanation, p.values, p.scale, opacity)
    raise ConfigError("There is no such map of a pair.")
