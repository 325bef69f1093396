"""Labels in a photo as figures for a paper: their maps and their ranking."""

from __future__ import annotations

from collections.abc import Sequence

from zslviz.errors import ConfigError
from zslviz.tasks.base.drawing import WIDTH, MapPanel, PaperFigure, RankRow, draw_maps, draw_ranking
from zslviz.tasks.base.numbers import plain
from zslviz.tasks.base.requests import index_at
from zslviz.tasks.multilabel.explanation import REGIONS, LabelExplanation
from zslviz.tasks.multilabel.requests import LabelRequest
from zslviz.tasks.multilabel.scales import map_scale

MAPS, LINES = 6, 10


def maps_figure(
    explanation: LabelExplanation,
    labels: Sequence[int | str] | None = None,
    request: LabelRequest | None = None,
    width: float = WIDTH,
) -> PaperFigure:
    """The photo and the map of each named label on the photo's one scale (`scales.map_scale`).

    labels: by name or index; the first of the ranking if None. width: inches. Raises ConfigError, UnknownNameError.
    """
    space = explanation.space
    if labels is None:
        chosen = [line.index for line in (request or LabelRequest()).rank(explanation).lines(MAPS)]
    else:
        chosen = [index_at(one, space.named_labels) for one in labels]
    if not chosen:
        raise ConfigError("Name at least one label to draw the map of.")
    scale = map_scale(explanation.region_scores, len(space))
    panels = []
    for i in chosen:
        caption = f"{plain(float(explanation.scores[i]))}{'' if space.seen[i] else ', never trained on'}"
        panels.append(MapPanel(space.label_names[i], explanation.region_scores[i], caption))
    counted = min(explanation.counted, explanation.region_scores[0].size)
    highest = "its highest region" if counted == 1 else f"the mean of its {counted} highest regions"
    note = f"Below each map: the label's score, {highest}. A place is clear where it says no more than nine in ten do."
    return draw_maps(explanation, panels, scale, REGIONS.hint.partition(";")[0], note, width)


def ranking_figure(
    explanation: LabelExplanation, request: LabelRequest | None = None, top: int = LINES, width: float = WIDTH
) -> PaperFigure:
    """The first labels, trained on or not. Raises ConfigError."""
    if top < 1:
        raise ConfigError(f"Ask for at least one label, not {top}.")
    ranking = (request or LabelRequest()).rank(explanation)
    if not len(ranking):
        raise ConfigError("There is no label that was never trained on, so nothing is left to rank.")
    rows = [RankRow(line.name, line.seen, line.calibrated) for line in ranking.lines(top)]
    less = (
        f", {plain(ranking.gamma)} taken off that of labels trained on" if ranking.gamma and ranking.seen.any() else ""
    )
    return draw_ranking(rows, 1, f"score{less}", width)


FIGURES = {"maps": maps_figure, "ranking": ranking_figure}
