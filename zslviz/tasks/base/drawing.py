"""Figures for papers: what those of all tasks share. Nothing of pyplot: no backend is chosen, no window opens, no setting stays."""

from __future__ import annotations

import io
import textwrap
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import ListedColormap, Normalize
from matplotlib.figure import Figure
from numpy.typing import NDArray

from zslviz.errors import ConfigError
from zslviz.photos.heatmaps import AGAINST_COLOUR, FOR_COLOUR, ColourScale, overlay, shrink, without_colour
from zslviz.tasks.base.numbers import plain, signed
from zslviz.tasks.base.photo import ExplainedPhoto
from zslviz.tasks.base.wording import ordinal

SEEN_COLOUR, UNSEEN_COLOUR, INK, QUIET = "#3f72b5", "#d97b29", "#222222", "#9a9a9a"
STYLE: dict[Any, Any] = {
    "font.size": 9.0, "axes.spines.top": False, "axes.spines.right": False, "axes.edgecolor": QUIET,
    "xtick.color": INK, "ytick.color": INK, "svg.hashsalt": "zslviz",
}  # fmt: skip
WIDTH = 7.0  # inches: the text of a page in two columns
_WIDEST = 40.0
SMALL, TINY = 8.0, 7.0  # points
_PAPER: dict[Any, Any] = {
    **STYLE, "pdf.fonttype": 42, "ps.fonttype": 42, "text.parse_math": False, "savefig.dpi": 300,
    "figure.constrained_layout.h_pad": 0.05,
}  # fmt: skip
_OWN = ("font.family", "font.sans-serif", "font.serif", "font.monospace", "font.cursive", "font.fantasy")
_UNDATED = {"pdf": {"CreationDate": None}, "svg": {"Date": None}}
_PHOTO_WIDTH = 800  # pixels, of a panel's photo at most
_OPACITY = 0.85
_COLUMNS, _PANEL = 4, 1.5  # panels beside each other at most, and inches that each has at least
_SHAPES = (0.2, 1.6)  # the least and the greatest height of a panel, in its widths
_ROW, _KEY = 0.27, 1.7  # inches: the height of a line of a table, the width of an entry of its key
_LETTER = 0.52  # the width of a letter, in its height


@contextmanager
def paper_style() -> Iterator[None]:
    """Matplotlib's own settings with ours on top, whatever a user has set, but for the user's fonts. Names are no mathematics."""
    settings: Any = mpl.rcParams
    fonts = {name: settings[name] for name in _OWN}
    with mpl.rc_context():
        mpl.rcdefaults()
        settings.update(fonts | _PAPER)
        yield


class PaperFigure(Figure):
    """A figure that is saved the same way everywhere: fonts embedded as TrueType, no date in the file, 300 dots an inch."""

    def savefig(self, fname: Any, **options: Any) -> None:  # type: ignore[override]
        """As matplotlib's, to a file or a stream; a figure that is saved again has the same bytes."""
        suffix = Path(fname).suffix if isinstance(fname, str | PathLike) else ""
        kind = (options.get("format") or suffix.removeprefix(".") or "png").lower()
        metadata = _UNDATED.get(kind, {}) | (options.pop("metadata", None) or {})
        with paper_style():
            super().savefig(fname, metadata=metadata, **options)

    def _repr_png_(self) -> bytes:
        drawn = io.BytesIO()
        self.savefig(drawn, format="png", dpi=110)
        return drawn.getvalue()


def check_width(width: float) -> None:
    """Raises ConfigError if no figure can be so many inches wide."""
    if not 1.0 <= width <= _WIDEST:
        raise ConfigError(f"A figure is between 1 and {_WIDEST:g} inches wide, not {width:g}.")


@contextmanager
def paper_figure(width: float, height: float) -> Iterator[PaperFigure]:
    """An empty figure of so many inches, to be filled inside; then its parts find their places, once, and stay there."""
    with paper_style():
        figure = PaperFigure(figsize=(width, height), layout="constrained")
        yield figure
        figure.draw_without_rendering()
        figure.set_layout_engine("none")


def fitted(text: str, inches: float, points: float, lines: int = 2) -> str:
    """A name in at most so many lines of that width, cut with "…" where it is longer."""
    room = max(4, int(72 * inches / (_LETTER * points)))
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    room = max(4, room - room * wide // (2 * max(len(text), 1)))  # such a letter takes the room of two
    return "\n".join(textwrap.wrap(" ".join(text.split()), room, max_lines=lines, placeholder="…"))


def _wrapped(text: str, inches: float, points: float) -> str:
    """A sentence in as many lines of that width as it takes."""
    return textwrap.fill(text, max(8, int(72 * inches / (_LETTER * points))))


# -- maps -------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class MapPanel:
    """One map [H, W] under its title; caption: a line or more below it."""

    title: str
    values: NDArray[np.float32]
    caption: str = ""


def draw_maps(
    explanation: ExplainedPhoto, panels: Sequence[MapPanel], scale: ColourScale, hint: str, note: str, width: float
) -> PaperFigure:
    """The photo, then maps over the photo without its colours, all on one scale, whose ends stand on its bar.

    hint: what a colour means. note: a sentence on the captions, or "". width: of the figure in inches. Raises ConfigError.
    """
    check_width(width)
    photo = shrink(explanation.photo, _PHOTO_WIDTH)
    grey = without_colour(photo)
    rows = -(-(len(panels) + 1) // int(np.clip(width / _PANEL, 1, _COLUMNS)))
    columns = -(-(len(panels) + 1) // rows)
    side = width / columns
    shape = float(np.clip(photo.shape[0] / photo.shape[1], *_SHAPES))
    titles = [fitted(panel.title, side, SMALL) for panel in panels]
    lines = max(t.count("\n") + p.caption.count("\n") + 2 for t, p in zip(titles, panels, strict=True))
    hint, note = _wrapped(hint, 0.95 * width, TINY), _wrapped(note, width, TINY)
    height = rows * (side * shape + 0.14 * lines + 0.15) + 0.5 + 0.14 * (hint.count("\n") + note.count("\n") + 2)
    with paper_figure(width, height) as figure:
        grid = figure.add_gridspec(rows, columns)
        axes = [figure.add_subplot(grid[i // columns, i % columns]) for i in range(len(panels) + 1)]
        _show(axes[0], photo, "photo", "")
        for place, panel, title in zip(axes[1:], panels, titles, strict=True):
            laid = overlay(grey, panel.values, explanation.map_geometry, scale, _OPACITY)
            _show(place, laid, title, panel.caption)
        _draw_scale(figure, axes, scale, hint, panels)
        if note:
            figure.supxlabel(note, fontsize=TINY, color=INK)
    return figure


def draw_photo(explanation: ExplainedPhoto, note: str, width: float) -> PaperFigure:
    """The photo alone, with a sentence on why there are no maps."""
    check_width(width)
    photo = shrink(explanation.photo, _PHOTO_WIDTH)
    side = width / 2
    with paper_figure(width, side * float(np.clip(photo.shape[0] / photo.shape[1], *_SHAPES)) + 0.2) as figure:
        place, words = figure.subplots(1, 2)
        _show(place, photo, "", "")
        words.set_axis_off()
        lines = [_wrapped(line, side, SMALL) for line in note.splitlines()]
        words.text(0.0, 0.5, "\n".join(lines), fontsize=SMALL, va="center", transform=words.transAxes)
    return figure


def _show(axes: Axes, picture: NDArray[np.uint8], title: str, caption: str) -> None:
    axes.imshow(picture)
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    axes.set_title(title, fontsize=SMALL, pad=3)
    axes.set_xlabel(caption, fontsize=TINY, labelpad=3)


def _draw_scale(
    figure: Figure, axes: Sequence[Axes], scale: ColourScale, hint: str, panels: Sequence[MapPanel]
) -> None:
    """The bar of colours with the numbers at its ends; where every map is empty, a sentence in its place."""
    if not any(panel.values.any() for panel in panels):
        figure.suptitle("These maps are 0 everywhere.", fontsize=TINY)
        return
    palette = scale.palette() / 255.0
    palette[:, 3] *= _OPACITY
    colours = ScalarMappable(Normalize(scale.low, scale.high), ListedColormap(palette))
    bar = figure.colorbar(colours, ax=list(axes), orientation="horizontal", fraction=0.05, shrink=0.5, aspect=45)
    bar.set_ticks(list(scale.ticks()), labels=[f"{tick:.2g}".replace("-", "−") for tick in scale.ticks()])
    bar.ax.tick_params(labelsize=TINY, length=2)
    bar.outline.set_linewidth(0.4)  # type: ignore[operator]
    bar.set_label(hint, fontsize=TINY)


# -- rankings ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RankRow:
    """One line of a ranking. before, rank_before: its score and rank before the edits, None where nothing is edited."""

    name: str
    seen: bool
    score: float
    before: float | None = None
    rank_before: int | None = None


def draw_ranking(rows: Sequence[RankRow], first: int, label: str, width: float) -> PaperFigure:
    """Names from the best down, each score a point: full and orange if never trained on, hollow and blue if trained on.

    first: the rank of the first row. label: of the axis of scores. Where something was edited, a thin line leads from the score
    before, and the rank before stands beside the number if it was another.
    """
    check_width(width)
    edited = any(row.before is not None for row in rows)
    columns = max(1, int(width / _KEY))
    with paper_figure(width, _ROW * len(rows) + 0.6 + 0.2 * -(-3 // columns)) as figure:
        axes = figure.add_subplot()
        places = np.arange(len(rows))
        for seen, colour, marker, words in (
            (False, UNSEEN_COLOUR, "D", "never trained on"),
            (True, SEEN_COLOUR, "o", "trained on"),
        ):
            at = [i for i, row in enumerate(rows) if row.seen is seen]
            if at:
                face = "white" if seen else colour
                axes.plot(
                    [rows[i].score for i in at], at, marker, markersize=5.5, markerfacecolor=face,
                    markeredgecolor=colour, markeredgewidth=1.4, zorder=3, label=words,
                )  # fmt: skip
        if edited:
            befores = [row.score if row.before is None else row.before for row in rows]
            axes.hlines(places, befores, [row.score for row in rows], color=QUIET, linewidth=1.0, zorder=1)
            axes.plot(befores, places, "|", color=INK, markersize=7, zorder=2, label="before the edits")
        for i, row in enumerate(rows):
            moved = row.rank_before is not None and row.rank_before not in (0, first + i)
            was = f"  was {ordinal(row.rank_before)}" if moved and row.rank_before else ""
            at_edge = axes.get_yaxis_transform()
            axes.text(1.02, i, f"{plain(row.score)}{was}", fontsize=SMALL, va="center", transform=at_edge)
        names = [f"{first + i}  {fitted(row.name, 0.35 * width, SMALL)}" for i, row in enumerate(rows)]
        _name_rows(axes, names)
        _label_scores(axes, label, width)
        figure.legend(loc="outside lower center", ncols=columns, fontsize=SMALL, frameon=False)
    return figure


def _label_scores(axes: Axes, label: str, width: float) -> None:
    axes.set_xlabel(_wrapped(label, 0.55 * width, SMALL), fontsize=SMALL)


def _name_rows(axes: Axes, names: Sequence[str]) -> None:
    axes.set_yticks(np.arange(len(names)), names, fontsize=SMALL)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.tick_params(axis="x", labelsize=TINY)
    axes.grid(axis="y", color=QUIET, alpha=0.25, linewidth=0.5)
    axes.set_axisbelow(True)


# -- what adds up -----------------------------------------------------------------------------------------------------------


def draw_waterfall(
    terms: Sequence[tuple[str, float]], total: tuple[str, float], label: str, width: float
) -> PaperFigure:
    """Bars that begin where the one above ends; the last is their sum from 0 on.

    terms: name and size of each. total: its name and size. label: of the axis.
    """
    check_width(width)
    favour, against = (tuple(channel / 255 for channel in colour) for colour in (FOR_COLOUR, AGAINST_COLOUR))
    with paper_figure(width, _ROW * (len(terms) + 1) + 0.8) as figure:
        axes = figure.add_subplot()
        start = 0.0
        for i, (_, size) in enumerate(terms):
            axes.barh(i, size, left=start, height=0.66, color=favour if size > 0 else against)
            axes.plot([start + size] * 2, [i, i + 1], color=QUIET, linewidth=0.7, zorder=1)
            start += size
        axes.barh(len(terms), total[1], height=0.66, color=INK)
        axes.axvline(0.0, color=INK, linewidth=0.6)
        axes.use_sticky_edges = False  # room beside the outermost bars
        for i, (_, size) in enumerate((*terms, total)):
            axes.text(
                1.02, i, signed(size), fontsize=SMALL, va="center", transform=axes.get_yaxis_transform(),
                fontweight="bold" if i == len(terms) else "normal",
            )  # fmt: skip
        _name_rows(axes, [fitted(name, 0.35 * width, SMALL) for name, _ in (*terms, total)])
        _label_scores(axes, label, width)
    return figure
