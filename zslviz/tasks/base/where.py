"""Where maps are strongest: in words, for who cannot see the picture and for the sentence under it, and whether they agree."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from zslviz.photos.smoothing import smooth
from zslviz.tasks.base.photo import ExplainedPhoto

NEAR = 1 / 9
"""As a share of the photo's side: one cell of a map of 9 x 9, two of a finer one of 18 x 18, so that models can be compared."""
FEW = 9
"""One in so many places are the few that words tell the share of."""
_LAID = 60
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
    near = int((values >= (low + top) / 2).sum())
    return (
        f"strongest at the {_strongest(explanation, values)}; "
        f"{near} of {values.size} places come half-way to it or more"
    )


def share_in_words(explanation: ExplainedPhoto, values: NDArray[np.float32], of: str) -> str:
    """ "most at the upper middle; 62 % of what speaks for it in 9 of 81 places". of: what the places of the map share out.

    values: [H, W], of which those above 0 count. "" of a map that is nowhere above 0.
    """
    counted = np.maximum(values, 0).astype(np.float64)
    whole = float(counted.sum())
    if whole <= 0:
        return ""
    few = -(-values.size // FEW)
    part = float(np.sort(counted, axis=None)[-few:].sum())
    places = f"{few} of {values.size} places"
    return (
        f"most at the {_strongest(explanation, smooth(values))}; {int(100 * part / whole + 0.5)} % of {of} in {places}"
    )


def _strongest(explanation: ExplainedPhoto, values: NDArray[np.float32]) -> str:
    laid = explanation.map_geometry.map_to_photo(
        values, (_LAID, _LAID)
    )  # what lies beside the photo is none of its places
    y, x = np.unravel_index(int(laid.argmax()), laid.shape)
    return third((x + 0.5) / _LAID, (y + 0.5) / _LAID)


# -- of many maps -----------------------------------------------------------------------------------------------------------


def peaks(maps: NDArray[np.float32]) -> NDArray[np.float64]:
    """Where maps [N, H, W] are highest, as fractions of height and width: [M, 2], of the M that are not the same everywhere."""
    flat = maps.reshape(len(maps), -1)
    flat = flat[flat.max(axis=1) > flat.min(axis=1)]
    rows, columns = np.unravel_index(flat.argmax(axis=1), maps.shape[1:])
    return np.stack([(rows + 0.5) / maps.shape[1], (columns + 0.5) / maps.shape[2]], axis=1)


def near_each(found: NDArray[np.float64], near: float = NEAR) -> NDArray[np.bool_]:
    """[M, M]: which peaks [M, 2] lie within `near` of which, in both directions."""
    return np.asarray(np.abs(found[:, None] - found[None]).max(axis=-1) <= near + 1e-6)


def in_one_place(found: NDArray[np.float64], near: float = NEAR) -> float | None:
    """The largest share of peaks [M, 2] that lie within `near`, in both directions, of one of them; None if there are none."""
    if not len(found):
        return None
    return round(float(near_each(found, near).mean(axis=1).max()), 6)
