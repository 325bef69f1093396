"""What a notebook shows of an explanation: one small still of HTML with its pictures in it, without matplotlib or a script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray

from zslviz.photos.heatmaps import ColourScale, data_url, jpeg, overlay, png, shrink, without_colour
from zslviz.tasks.base.numbers import plain
from zslviz.tasks.base.photo import ExplainedPhoto

LINES, MAPS = 3, 6
_PHOTO_WIDTH, _MAP_WIDTH = 240, 96  # pixels
_CELL = "text-align:left;padding:2px 12px 2px 0;vertical-align:top"


@dataclass(frozen=True)
class Line:
    """One line of a ranking as it is read."""

    name: str
    seen: bool
    score: float


@dataclass(frozen=True, eq=False)
class Shown:
    """One thing that the photo was explained by: its name, its number, and its map [H, W] if there is one."""

    name: str
    value: float
    values: NDArray[np.float32] | None


@dataclass(frozen=True, eq=False)
class Summary:
    """An explanation in short. sentence: the answer in words, "" of a task that has none. lines: the first of its ranking.

    things: what it was explained by, with a scale for all their maps together, None where there are none; what: what they are.
    """

    explanation: ExplainedPhoto
    sentence: str
    lines: Sequence[Line]
    things: Sequence[Shown]
    scale: ColourScale | None
    what: str

    def html(self) -> str:
        """As HTML: the photo, the sentence, a table of the ranking and one of the maps; every name is escaped."""
        photo = jpeg(shrink(self.explanation.photo, _PHOTO_WIDTH))
        lines = "".join(
            _row(f"{rank}.", escape(line.name), "trained on" if line.seen else "never trained on", plain(line.score))
            for rank, line in enumerate(self.lines, 1)
        )
        pictures = _row(*map(self._picture, self.things)) if self.scale else ""
        names = _row(*(f"{escape(thing.name)}<br>{plain(thing.value)}" for thing in self.things))
        said = f"<p>{escape(self.sentence)}</p>" if self.sentence else ""
        return (
            f'<div style="display:flex;flex-wrap:wrap;gap:16px;align-items:flex-start">'
            f'<img src="{data_url(photo, "image/jpeg")}" alt="the photo" width="{_PHOTO_WIDTH}">'
            f'<div style="max-width:40em"><b>{escape(self.explanation.model)}</b>{said}<table>{lines}</table></div></div>'
            f'<table><caption style="text-align:left">{escape(self.what)} ({self._scale_in_words()})</caption>'
            f"{pictures}{names}</table>"
        )

    def _scale_in_words(self) -> str:
        if self.scale is None:
            return "this model has no maps"
        colours = "blue against, red for" if self.scale.signed else "dark low, yellow high"
        low, high = (f"{end:.2g}".replace("-", "−") for end in (self.scale.low, self.scale.high))
        return f"one scale from {low} to {high}, {colours}"

    def _picture(self, thing: Shown) -> str:
        """The photo, small and grey, with the thing's map on it."""
        if thing.values is None or self.scale is None:
            return ""
        small = without_colour(shrink(self.explanation.photo, _MAP_WIDTH))
        laid = png(overlay(small, thing.values, self.explanation.map_geometry, self.scale), compression=9)
        return f'<img src="{data_url(laid)}" alt="where: {escape(thing.name)}" width="{_MAP_WIDTH}">'


def _row(*cells: str) -> str:
    return "<tr>" + "".join(f'<td style="{_CELL}">{cell}</td>' for cell in cells) + "</tr>"
