"""An explanation by attributes as figures for a paper: its maps, its ranking, and why the first class is ahead of another."""

from __future__ import annotations

from collections.abc import Sequence

from zslviz.errors import ConfigError
from zslviz.photos.heatmaps import ColourScale
from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.attributes.map_words import called
from zslviz.tasks.attributes.requests import RankRequest, attribute_at, class_at
from zslviz.tasks.base.drawing import (
    WIDTH,
    MapPanel,
    PaperFigure,
    RankRow,
    draw_maps,
    draw_photo,
    draw_ranking,
    draw_waterfall,
)
from zslviz.tasks.base.numbers import equation, plain
from zslviz.tasks.base.wording import counted, size_text

MAPS, LINES, TERMS = 6, 10, 8


def maps_figure(
    explanation: Explanation,
    attributes: Sequence[int | str] | None = None,
    offer: str | None = None,
    request: RankRequest | None = None,
    width: float = WIDTH,
) -> PaperFigure:
    """The photo and the map of each named attribute, all granularities together, on one scale.

    attributes: by name or index; those that decide between the first two classes if None. offer: which sort of map, the first one
    offered if None. request: edits, which are said below the maps. width: inches. Without maps: the photo, and a sentence. Raises
    ConfigError, UnknownNameError.
    """
    request = request or RankRequest()
    space, values = explanation.space, explanation.values
    named = attributes is not None
    chosen = [attribute_at(space, one) for one in attributes or ()] if named else request.deciding(explanation, MAPS)
    if not chosen:
        raise ConfigError("Name at least one attribute to draw the map of.")
    if offer is None and not any(one.of == "attribute" for one in explanation.offers()):
        seen = (f"{space.attribute_names[a]}: {plain(float(values[a]))}" for a in chosen)
        return draw_photo(explanation, "\n".join((f"'{explanation.model}' has no maps. It saw:", *seen)), width)
    sort = explanation.offer_of(offer, "attribute")
    panels = []
    for a in chosen:
        shown = explanation.map(sort.name, a)
        caption = plain(float(values[a]))
        if shown.score is not None:
            caption = equation(shown.score, float(shown.values.sum(dtype="float64")))
        if a in request.image_edits:
            caption += f"\nedited to {plain(request.image_edits[a])}"
        panels.append(MapPanel(called(explanation, a), shown.values, caption))
    scale = ColourScale.shared([panel.values for panel in panels], sort.signed)
    note = "Below each map: what the model saw of the attribute (0 absent, 1 fully there)"
    note += " = what the places add + what comes from no place." if sort.exact else "."
    return draw_maps(explanation, panels, scale, sort.hint, note, width)


def ranking_figure(
    explanation: Explanation, request: RankRequest | None = None, top: int = LINES, width: float = WIDTH
) -> PaperFigure:
    """The first classes, trained on or not; after edits with the scores and ranks before them. Raises ConfigError."""
    request = request or RankRequest()
    ranking = request.rank(explanation)
    before = request.rank_unedited(explanation) if request.edited else None
    rows = [
        RankRow(
            line.name,
            line.seen,
            line.score,
            None if before is None else float(before.calibrated[line.index]),
            None if before is None else before.rank_of(line.index),
        )
        for line in ranking.lines(_asked(top, "class"))
    ]
    return draw_ranking(rows, 1, f"score{_handicap(ranking.gamma, bool(ranking.seen.any()))}", width)


def contributions_figure(
    explanation: Explanation,
    request: RankRequest | None = None,
    first: int | str | None = None,
    rival: int | str | None = None,
    count: int = TERMS,
    width: float = WIDTH,
) -> PaperFigure:
    """What the lead of a class over a rival is made of: attributes, all others together, the handicap for trained classes.

    first, rival: by name or index; the first class after the edits and the best of the others if None. count: how many attributes
    have a bar each. Raises ConfigError, UnknownNameError.
    """
    request = request or RankRequest()
    space, order = request.space(explanation), request.rank(explanation).order.tolist()
    one = order[0] if first is None else class_at(space, first)
    others = [index for index in order if index != one]
    if rival is None and not others:
        raise ConfigError(f"Only {space.class_names[one]} competes, so there is no lead over another class.")
    other = others[0] if rival is None else class_at(space, rival)
    if other == one:
        raise ConfigError("A class has no lead over itself; name two classes.")
    exact = explanation.contributions(one, other, request.gamma, request.image_edits, space)
    named = [a for a in exact.strongest(_asked(count, "attribute")) if exact.terms[a] != 0]
    against = explanation.rule.fuse(explanation.edited_scores(request.image_edits)) < 0  # as the sentence says it
    terms = [(f"{'not ' if against[a] else ''}{space.attribute_names[a]}", float(exact.terms[a])) for a in named]
    left = len(space.attributes) - len(named)
    rest = exact.margin - exact.calibration - sum(size for _, size in terms)
    if left and any(exact.terms[a] != 0 for a in range(len(exact.terms)) if a not in named):
        terms.append((counted(left, "other attribute"), rest))
    if exact.calibration:
        gamma = explanation.gamma if request.gamma is None else request.gamma
        terms.append((f"{'handicap' if gamma > 0 else 'head start'} of trained classes", exact.calibration))
    winner, loser = space.class_names[one], space.class_names[other]
    return draw_waterfall(
        terms, (f"{winner} over {loser}", exact.margin), f"for {winner} (right), for {loser} (left)", width
    )


def _asked(count: int, what: str) -> int:
    if count < 1:
        raise ConfigError(f"Ask for at least one {what}, not {count}.")
    return count


def _handicap(gamma: float, any_seen: bool) -> str:
    """What calibration did to the scores, in words."""
    if not gamma or not any_seen:
        return ""
    return f", {size_text(gamma)} {'taken off' if gamma > 0 else 'added to'} that of classes trained on"


FIGURES = {"maps": maps_figure, "ranking": ranking_figure, "contributions": contributions_figure}
