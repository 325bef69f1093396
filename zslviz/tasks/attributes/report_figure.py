"""The figure of a report: the seen-unseen curve with its two operating points, and the accuracy of every class."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.ticker
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

from zslviz.tasks.attributes.space import class_reader
from zslviz.tasks.base.drawing import INK, QUIET, SEEN_COLOUR, STYLE, UNSEEN_COLOUR

DPI = 120
_MOST_NAMES = 260  # more bars than this are too thin for a name each
_STYLE = {**STYLE, "svg.fonttype": "none"}


def draw_report(content: Mapping[str, Any]) -> Figure:
    """Three panels: the curve, unseen classes and seen classes, each class a bar, best first. content: of `full_report`."""
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(14.5, 10.0), layout="constrained")
        grid = figure.add_gridspec(2, 2, width_ratios=(1, 1.9), height_ratios=(1.15, 1))
        label = f", {content['label']}" if content["label"] else ""
        figure.suptitle(f"{content['model']}{label}: {content['title']}", fontsize=12, x=0.01, ha="left")
        _draw_curve(figure.add_subplot(grid[0, 0]), content)
        _draw_classes(figure.add_subplot(grid[0, 1]), content, seen=False)
        _draw_classes(figure.add_subplot(grid[1, :]), content, seen=True)
        return figure


def save_figure(figure: Figure, path: Path, suffix: str) -> None:
    """Writes ".png" (in 64 colours, which a figure does not miss) or ".svg", the same bytes every time."""
    with mpl.rc_context(_STYLE):
        if suffix == ".svg":
            figure.savefig(path, format="svg", metadata={"Date": None})
            return
        drawn = io.BytesIO()
        figure.savefig(drawn, format="png", dpi=DPI)
    with Image.open(drawn) as picture:
        picture.convert("RGB").quantize(64).save(path, "PNG", optimize=True)


def _draw_curve(axes: Axes, content: Mapping[str, Any]) -> None:
    curve, oracle = content["curve"], content["oracle"]
    _draw_harmonic_lines(axes)
    axes.plot(curve["unseen"], curve["seen"], color=INK, linewidth=1.6)
    axes.fill_between(curve["unseen"], curve["seen"], color=QUIET, alpha=0.12, linewidth=0)
    axes.plot(
        content["u"], content["s"], "o", color="#1a7f4b", markersize=8,
        label=f"gamma from validation: H {100 * content['h']:.1f}",
    )  # fmt: skip
    axes.plot(
        oracle["u"], oracle["s"], "D", markerfacecolor="none", markeredgecolor="#a3232a", markersize=8,
        label=f"oracle gamma: H {100 * oracle['h']:.1f}",
    )  # fmt: skip
    axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="U: accuracy on unseen classes", ylabel="S: accuracy on seen classes")
    axes.set_aspect("equal")
    _in_per_cent(axes.xaxis, axes.yaxis)
    axes.set_title(f"Seen-unseen curve, area {100 * content['ausuc']:.1f}", fontsize=10, loc="left")
    axes.legend(loc="lower left", fontsize=8, frameon=True, edgecolor="none", framealpha=0.9)


def _draw_harmonic_lines(axes: Axes) -> None:
    """Thin lines of equal H: S = H U / (2 U - H)."""
    for h in np.arange(0.1, 1.0, 0.1):
        unseen = np.linspace(h / (2 - h), 1.0, 100)
        axes.plot(unseen, h * unseen / (2 * unseen - h), color=QUIET, linewidth=0.5, alpha=0.6, zorder=0)
        axes.annotate(
            f"H {100 * h:.0f}", (1.0, h / (2 - h)), fontsize=6.5, color=QUIET, ha="right", va="bottom", xytext=(-2, 1),
            textcoords="offset points",
        )  # fmt: skip


def _draw_classes(axes: Axes, content: Mapping[str, Any], seen: bool) -> None:
    rows = sorted((r for r in content["per_class"] if r["seen"] is seen), key=lambda r: -r["gzsl_accuracy"])
    kind, mean = ("seen", content["s"]) if seen else ("unseen", content["u"])
    places = np.arange(len(rows))
    axes.bar(places, [r["gzsl_accuracy"] for r in rows], width=0.78, color=SEEN_COLOUR if seen else UNSEEN_COLOUR)
    axes.plot(
        places, [r["t1_accuracy"] for r in rows], "_", color=INK, markersize=max(3.0, min(9.0, 420 / len(rows))),
        label=f"if only {kind} classes competed",
    )  # fmt: skip
    axes.axhline(mean, color=INK, linewidth=0.8, linestyle=(0, (4, 3)), label=f"mean, {100 * mean:.1f}")
    axes.set(xlim=(-0.7, len(rows) - 0.3), ylim=(0, 1.01))
    if len(rows) <= _MOST_NAMES:
        width = 72 * (13.3 if seen else 8.3) / max(len(rows), 1)  # points of a bar
        names = list(map(class_reader(content["data"]), (r["class"] for r in rows)))
        axes.set_xticks(places, names, rotation=90, fontsize=float(np.clip(0.92 * width, 2.5, 8)))
        axes.tick_params(axis="x", length=0, pad=1)
    else:
        axes.set_xlabel("class, by accuracy")
    _in_per_cent(axes.yaxis)
    axes.set_title(f"Each of the {len(rows)} {kind} classes when all classes compete", fontsize=10, loc="left")
    axes.legend(loc="lower right", bbox_to_anchor=(1, 1), borderaxespad=0, fontsize=8, frameon=False, ncols=2)


def _in_per_cent(*axes: Any) -> None:
    for axis in axes:
        axis.set_major_formatter(mpl.ticker.PercentFormatter(1.0, decimals=0))
