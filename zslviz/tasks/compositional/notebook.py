"""What a notebook shows of pairs in a photo."""

from __future__ import annotations

from zslviz.photos.heatmaps import ColourScale
from zslviz.tasks.base.notebook import LINES, Line, Shown, Summary
from zslviz.tasks.compositional.explanation import CompositionExplanation
from zslviz.tasks.compositional.offers import ATTENTION, EVIDENCE


def summary(explanation: CompositionExplanation) -> Summary:
    """The first pairs of those that are listed, each with where its words looked, or else with what places added to it."""
    ranking = explanation.rank(top=LINES)
    offer = next((one for one in (ATTENTION, EVIDENCE) if one in explanation.offers()), None)
    maps = [None if offer is None else explanation.map(offer.name, pair).values for pair in ranking.pairs]
    lines = ranking.lines()
    return Summary(
        explanation,
        "",
        [Line(line.name, line.seen, line.biased) for line in lines],
        [Shown(line.name, line.biased, layer) for line, layer in zip(lines, maps, strict=True)],
        None if offer is None else ColourScale.shared([m for m in maps if m is not None], offer.signed),
        "The first pairs" if offer is None else offer.title,
    )
