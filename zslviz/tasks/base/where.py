"""Where a map is strongest, in words: for who cannot see the picture, and for the sentence under it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from zslviz.tasks.base.photo import ExplainedPhoto

_ACROSS = ("left", "middle", "right")
_DOWN = ("upper", "middle", "lower")


def third(x: float, y: float) -> str:
    """The ninth of the photo that a place lies in, by fractions of its sides: "upper left", "middle right", "centre"."""
    across, down = (min(2, max(0, int(3 * share))) for share in (x, y))
    if across == down == 1:
        return "centre"
    return f"{_DOWN[down]} {_ACROSS[across]}"


def where_in_words(explanation: ExplainedPhoto, values: NDArray[np.float32], low: float = 0.0) -> str:
    """ "strongest at the upper left; 4 of 49 places come half-way to it or more". low: what counts as nothing.

    values: [H, W]. "" of a map that is nowhere above `low`.
    """
    top = float(values.max())
    if top <= low:
        return ""
    laid = explanation.map_geometry.map_to_photo(values, (60, 60))  # what lies beside the photo is none of its places
    y, x = np.unravel_index(int(laid.argmax()), laid.shape)
    near = int((values >= (low + top) / 2).sum())
    return (
        f"strongest at the {third((x + 0.5) / 60, (y + 0.5) / 60)}; "
        f"{near} of {values.size} places come half-way to it or more"
    )
