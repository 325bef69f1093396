"""Lines over the photo: the outline of an area, and the contours of a map, which show where its colours are the photo's own."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from zslviz.photos.heatmaps import ColourScale, drawn_size
from zslviz.tasks.base.photo import ExplainedPhoto

FRAME_WIDTH = 1000
"""Units of the lines' coordinates across the photo."""
TRACED_WIDTH = 500
LEVELS = (0.25, 0.5, 0.75)
"""Shares of a scale that contours are drawn at."""


def frame_of(explanation: ExplainedPhoto) -> tuple[tuple[int, int], float]:
    """(height, width) in pixels that areas of a photo are traced at, and how many units of the frame one of them is."""
    width, height = drawn_size((explanation.geometry.width, explanation.geometry.height), TRACED_WIDTH)
    return (height, width), FRAME_WIDTH / TRACED_WIDTH


def outline(mask: NDArray[np.uint8], unit: float) -> str:
    """The outline of a mask [height, width] as an SVG path, its corners in steps of one pixel. unit: of the frame to a pixel."""
    framed = np.pad(mask, 1)  # an area that touches the border gets an outline there, too
    contours, _ = cv2.findContours(framed, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    parts = []
    for contour in contours:
        corners = (cv2.approxPolyDP(contour, 0.8, closed=True)[:, 0] - 0.5) * unit
        if len(corners) > 2:
            parts.append("M" + "L".join(f"{x:.0f} {y:.0f}" for x, y in corners) + "Z")
    return "".join(parts)


def contours_answer(explanation: ExplainedPhoto, values: NDArray[np.float32], scale: ColourScale) -> dict[str, Any]:
    """Contours of a map [H, W] at a quarter, a half and three quarters of its scale, as SVG paths.

    width, height: of the frame that they are drawn in.
    Of a signed scale the shares are of its upper end, and of its lower end for what speaks against ("against").
    """
    (height, width), unit = frame_of(explanation)
    laid = explanation.map_geometry.map_to_photo(values, (height, width))
    lines = []
    for share in LEVELS:
        above = scale.high * share if scale.signed else scale.low + share * (scale.high - scale.low)
        lines.append((share, False, outline((laid >= above).astype(np.uint8), unit)))
        if scale.signed:
            lines.append((share, True, outline((laid <= scale.low * share).astype(np.uint8), unit)))
    return {
        "width": round(width * unit),
        "height": round(height * unit),
        "lines": [{"share": share, "against": against, "path": path} for share, against, path in lines if path],
    }
