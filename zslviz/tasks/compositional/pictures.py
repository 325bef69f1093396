"""Pictures of pairs in a photo: where texts and queries looked, what places added to a pair, and what tells two pairs apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from zslviz.errors import ConfigError
from zslviz.photos.heatmaps import ColourScale
from zslviz.tasks.base import pictures
from zslviz.tasks.base.likeness import alike
from zslviz.tasks.base.outlines import contours_answer
from zslviz.tasks.base.photo import MapOffer
from zslviz.tasks.base.pictures import layer_url, legend, thumbnail_url
from zslviz.tasks.base.stretching import WEAK
from zslviz.tasks.base.where import where_in_words
from zslviz.tasks.compositional.explanation import CompositionExplanation, Floats
from zslviz.tasks.compositional.offers import ATTENTION, EVIDENCE
from zslviz.tasks.compositional.requests import Pair

SCALED_BY = 100
"""How many of the best pairs the photo's one scale of evidence is taken over."""


@dataclass(frozen=True, eq=False)
class PairPicture:
    """One map [H, W] to be laid over the photo. which: what it is asked for by; words: what it shows; offer: the sort of map.

    reach: how far up the photo's one scale the strongest place comes of it and those beside it; stretched: whether `scale` is
    theirs alone.
    """

    which: str
    words: str
    values: Floats
    offer: MapOffer
    scale: ColourScale
    reach: float
    stretched: bool


def pair_pictures(
    explanation: CompositionExplanation, pair: Pair, other: Pair | None, stretch: bool | None = None
) -> list[PairPicture]:
    """The maps of a pair, and of what sets it apart from another: those that the model offers, each sort on the photo's one scale.

    Which: "pair", "state", "object" (where their texts looked), "evidence", "other" (what places added to the pair and to the other
    one), "difference", and what places of single stages added to the pair, its state and its object, by their offers' names.
    stretch: each sort on a scale of its own; None for those that are weak.
    """
    space, offers, found = explanation.space, explanation.offers(), []
    if ATTENTION in offers:
        looked = [
            ("pair", explanation.pair_name(*pair), explanation.pair_map(*pair)),
            ("state", space.state_names[pair[0]], explanation.state_map(pair[0])),
            ("object", space.object_names[pair[1]], explanation.object_map(pair[1])),
        ]
        found += _on_one_scale(looked, ATTENTION, attention_scale(explanation), stretch)
    if EVIDENCE in offers:
        pair_name = explanation.pair_name(*pair)
        evidence = [("evidence", pair_name, explanation.pair_evidence(*pair))]
        if other is not None:
            name = explanation.pair_name(*other)
            evidence.append(("other", name, explanation.pair_evidence(*other)))
            evidence.append(("difference", f"for, not {name}", explanation.difference(pair, other)))
        named = {"pair": pair_name, "state": space.state_names[pair[0]], "object": space.object_names[pair[1]]}
        at = {"pair": pair, "state": pair[0], "object": pair[1]}
        for offer, _ in () if explanation.by_stage is None else explanation.by_stage.offers():
            evidence.append((offer.name, named[offer.of], explanation.map(offer.name, at[offer.of]).values))
        found += _on_one_scale(evidence, EVIDENCE, evidence_scale(explanation), stretch)
    return found


def attention_scale(explanation: CompositionExplanation) -> ColourScale:
    """The photo's one scale of where texts looked: from 0 to the largest share of any of them."""
    assert explanation.state_attention is not None and explanation.object_attention is not None, "maps are offered"
    return ColourScale.shared([explanation.state_attention, explanation.object_attention])


def evidence_scale(explanation: CompositionExplanation) -> ColourScale:
    """The photo's one scale of what places add: to the strongest place of any of the best `SCALED_BY` listed pairs, around 0.

    Where a network adds up by stages, of any stage for them, for a state or an object as well.
    """
    best = explanation.rank(top=SCALED_BY).pairs
    maps = [explanation.pair_evidence(*pair) for pair in best]
    for stage in explanation.stages:
        maps += [*(stage.pairs[pair] for pair in best), stage.states, stage.objects]
    return ColourScale.shared(maps, signed=True)


def _on_one_scale(
    maps: Sequence[tuple[str, str, Floats]], offer: MapOffer, of_photo: ColourScale, stretch: bool | None
) -> list[PairPicture]:
    strongest = max(float(np.abs(values).max()) for _, _, values in maps)
    reach = strongest / of_photo.high
    stretched = reach < WEAK if stretch is None else stretch
    scale = ColourScale.shared([values for _, _, values in maps], offer.signed) if stretched else of_photo
    return [PairPicture(*one, offer, scale, reach, stretched) for one in maps]


def pair_answer(
    explanation: CompositionExplanation, pair: Pair, other: Pair | None, stretch: bool | None = None
) -> dict[str, Any]:
    """The layers of `pair_pictures` by which they are, and the legends of both scales; equal maps have one layer.

    same: which maps a layer shows besides its own. where: in words. legends: None of maps that are 0 everywhere.
    """
    made = pair_pictures(explanation, pair, other, stretch)
    groups = []
    for offer in (ATTENTION, EVIDENCE):
        those = [p for p in made if p.offer is offer]
        if offer is EVIDENCE:  # they differ in height as well, which is what they are compared by
            groups += [[p] for p in those]
        else:
            groups += [[those[i] for i in group] for group in alike([p.values for p in those])]
    drawn = [group[0] for group in groups]
    return {
        "maps": {p.which: layer_url(explanation, p.values, p.scale) for p in drawn},
        "same": {group[0].which: [p.which for p in group[1:]] for group in groups},
        "contours": {p.which: contours_answer(explanation, p.values, p.scale) for p in drawn},
        "where": {p.which: where_in_words(explanation, p.values) for p in drawn},
        "legends": {p.offer.name: legend(p.scale) if p.reach > 0 else None for p in drawn},
        "scaling": {p.offer.name: _scaling(p) for p in drawn},
    }


def _scaling(picture: PairPicture) -> dict[str, Any]:
    return {
        "weak": picture.reach < WEAK,
        "stretched": picture.stretched,
        "reach": picture.reach,
    }


def multiples_answer(explanation: CompositionExplanation, of: Any, pairs: Sequence[Pair]) -> dict[str, Any]:
    """Small maps on one scale: where each query looked ("queries"), or the text of each state, object, or of some pairs.

    Those whose maps are the same have one picture. Raises ConfigError for maps of anything else, or that the model lacks.
    """
    space = explanation.space
    if of == "queries":
        maps = [(f"query {i}", [str(i)], m) for i, m in enumerate(explanation.query_maps(), start=1)]
    elif of == "states":
        maps = [(n, [n], explanation.state_map(i)) for i, n in enumerate(space.state_names)]
    elif of == "objects":
        maps = [(n, [n], explanation.object_map(i)) for i, n in enumerate(space.object_names)]
    elif of == "pairs":
        named = [(explanation.pair_name(s, o), [space.state_names[s], space.object_names[o]], s, o) for s, o in pairs]
        maps = [(name, key, explanation.pair_map(s, o)) for name, key, s, o in named]
    else:
        raise ConfigError("Small maps are of 'queries', 'states', 'objects' or 'pairs'.")
    scale = ColourScale.shared([values for _, _, values in maps]) if of == "queries" else attention_scale(explanation)
    return {
        "kind": of,
        "maps": [
            {
                "things": [{"name": maps[i][0], "key": maps[i][1]} for i in group],
                "url": thumbnail_url(explanation, maps[group[0]][2], scale),
            }
            for group in alike([values for _, _, values in maps])
        ],
        "legend": legend(scale),
    }


def overlay_png(
    explanation: CompositionExplanation,
    pair: Pair,
    other: Pair | None,
    which: Any,
    opacity: float,
    stretch: bool | None = None,
) -> tuple[str, bytes]:
    """The photo at its full size with one of a pair's maps over it: words for its name, and the PNG. Raises ConfigError."""
    for p in pair_pictures(explanation, pair, other, stretch):
        if p.which == which:
            words = f"{explanation.pair_name(*pair)} {p.words}" if which == "difference" else f"{p.words} {which}"
            return words, pictures.overlay_png(explanation, p.values, p.scale, opacity)
    raise ConfigError("There is no such map of a pair.")
