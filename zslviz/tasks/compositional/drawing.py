"""Pairs of a state and an object in a photo as figures for a paper: maps of their words or of the pairs, and their ranking."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from zslviz.errors import ConfigError
from zslviz.photos.heatmaps import ColourScale
from zslviz.tasks.base.drawing import (
    WIDTH,
    MapPanel,
    PaperFigure,
    RankRow,
    draw_maps,
    draw_photo,
    draw_ranking,
)
from zslviz.tasks.base.numbers import equation, plain
from zslviz.tasks.compositional.explanation import CompositionExplanation
from zslviz.tasks.compositional.offers import ATTENTION, EVIDENCE
from zslviz.tasks.compositional.requests import Pair, PairRequest, pair_at

MAPS, LINES = 3, 10


def maps_figure(
    explanation: CompositionExplanation,
    pairs: Sequence[Sequence[str]] | None = None,
    offer: str | None = None,
    request: PairRequest | None = None,
    width: float = WIDTH,
) -> PaperFigure:
    """The photo and maps on one scale: where the text of each pair's state and object looked, or what places added to each pair.

    pairs: each by the names of its state and object; the first of the ranking if None. offer: "attention" (of the words),
    "evidence" or a stage's name (of the pairs); what is offered of the first two if None. width: inches. Without maps: the photo,
    and a sentence. Raises ConfigError, UnknownNameError.
    """
    request = request or PairRequest()
    named = pairs is not None
    chosen = [pair_at(explanation, pair) for pair in pairs or ()] if named else request.rank(explanation, MAPS).pairs
    if not chosen:
        raise ConfigError("Name at least one pair to draw the maps of.")
    offered = [one.name for one in (ATTENTION, EVIDENCE) if one in explanation.offers()]
    if offer is None and not offered:
        names = (f"{explanation.pair_name(*p)}: {plain(float(explanation.logits.pairs[p]))}" for p in chosen)
        return draw_photo(explanation, "\n".join((f"'{explanation.model}' has no maps of pairs.", *names)), width)
    sort = explanation.offer_of(offer or offered[0], "pair")
    exact = sort.name != ATTENTION.name
    panels = _of_pairs(explanation, chosen, sort.name) if exact else _of_words(explanation, chosen)
    scale = ColourScale.shared([panel.values for panel in panels], sort.signed)
    note = (
        "Below each map: the pair's own score = what the places add + what is in no place of the map." if exact else ""
    )
    return draw_maps(
        explanation, panels, scale, sort.hint if exact else "share of where a word's text looked", note, width
    )


def _of_words(explanation: CompositionExplanation, pairs: Sequence[Pair]) -> list[MapPanel]:
    """Of every state, then of every object, once each."""
    space = explanation.space
    states, objects = (dict.fromkeys(pair[i] for pair in pairs) for i in (0, 1))
    return [
        *(MapPanel(space.state_names[s], explanation.state_map(s), "state") for s in states),
        *(MapPanel(space.object_names[o], explanation.object_map(o), "object") for o in objects),
    ]


def _of_pairs(explanation: CompositionExplanation, pairs: Sequence[Pair], offer: str) -> list[MapPanel]:
    panels = []
    for pair in pairs:
        values: Any = explanation.map(offer, pair).values
        caption = equation(float(explanation.logits.pairs[pair]), float(values.sum(dtype="float64")))
        panels.append(MapPanel(explanation.pair_name(*pair), values, caption))
    return panels


def ranking_figure(
    explanation: CompositionExplanation, request: PairRequest | None = None, top: int = LINES, width: float = WIDTH
) -> PaperFigure:
    """The first pairs, trained on or not. Raises ConfigError."""
    if top < 1:
        raise ConfigError(f"Ask for at least one pair, not {top}.")
    ranking = (request or PairRequest()).rank(explanation, top)
    if not len(ranking):
        raise ConfigError("No pair competes, so nothing is left to rank; lower the threshold.")
    rows = [RankRow(line.name, line.seen, line.biased) for line in ranking.lines(top)]
    return draw_ranking(rows, 1, "score, with what is added to pairs never trained on", width)


FIGURES = {"maps": maps_figure, "ranking": ranking_figure}
