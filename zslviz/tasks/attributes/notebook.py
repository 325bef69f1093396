"""What a notebook shows of an explanation by attributes."""

from __future__ import annotations

from zslviz.photos.heatmaps import ColourScale
from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.attributes.requests import RankRequest
from zslviz.tasks.attributes.sentence import hardly_said, sentence
from zslviz.tasks.attributes.unlike.told import unlike_sentence
from zslviz.tasks.attributes.whole_set.attribute_auc import hardly_marked
from zslviz.tasks.base.notebook import LINES, MAPS, Line, Shown, Summary


def summary(explanation: Explanation) -> Summary:
    """The answer in words, the first classes, and the attributes that decide between the first two."""
    offer = next((one for one in explanation.offers() if one.of == "attribute"), None)
    chosen = RankRequest().deciding(explanation, MAPS)
    maps = [None if offer is None else explanation.fused(offer.name)[a] for a in chosen]
    answer = sentence(explanation)
    told = unlike_sentence(explanation.strangeness), answer.text, hardly_said(explanation, answer)
    names, values = explanation.space.attribute_names, explanation.values
    return Summary(
        explanation,
        " ".join(filter(None, told)),
        [Line(line.name, line.seen, line.score) for line in explanation.rank().lines(LINES)],
        [
            Shown(f"{names[a]}{hardly_marked(explanation.areas, a)}", float(values[a]), layer)
            for a, layer in zip(chosen, maps, strict=True)
        ],
        None if offer is None else ColourScale.shared([m for m in maps if m is not None], offer.signed),
        "What decides between the first two" if offer is None else f"{offer.title}: what decides between the first two",
    )
