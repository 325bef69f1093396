"""Deletion and insertion curves (Petsiuk et al. 2018, RISE, sec. 4.2): does the score follow the places a map names?

Places are ranked by a map. Deletion blurs the top share of the photo's area, insertion reveals it on the blurred photo, and the
photo runs through the network again. A map that tells the truth makes the score fall early (small area under the deletion
curve) and rise early (large area under the insertion curve). Departures from the paper: the blurred photo is the background of
both curves; and the blur is much stronger than the paper's 5 pixels (`photos.covering` has it, and why).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zslviz.photos.covering import Photo, blur

Scores = Callable[[Iterable[Photo]], NDArray[np.float32]]

FRACTIONS = (0.1, 0.3, 0.6)  # of the area; 0 and 1 are shared by all orders


@dataclass(frozen=True, eq=False)
class Curves:
    """T scores of one photo along the curves of several orders.

    whole, blurred: float32 [T], the shared ends. deletion, insertion: per order float32 [F, T], at each of the F fractions.
    """

    fractions: tuple[float, ...]
    whole: NDArray[np.float32]
    blurred: NDArray[np.float32]
    deletion: Mapping[str, NDArray[np.float32]]
    insertion: Mapping[str, NDArray[np.float32]]

    def deletion_area(self, order: str) -> NDArray[np.float64]:
        """Areas [T] under the deletion curve, on the scale of the scores."""
        return area(self.fractions, self.whole, self.deletion[order], self.blurred)

    def insertion_area(self, order: str) -> NDArray[np.float64]:
        """Areas [T] under the insertion curve."""
        return area(self.fractions, self.blurred, self.insertion[order], self.whole)


def area(
    fractions: tuple[float, ...], first: NDArray[np.float32], between: NDArray[np.float32], last: NDArray[np.float32]
) -> NDArray[np.float64]:
    """Area under a curve over 0..1 by the trapezoid rule: its values [T] at 0, [F, T] at the fractions and [T] at 1."""
    at = np.array([0.0, *fractions, 1.0])
    values = np.concatenate([first[None], between, last[None]]).astype(np.float64)
    return (np.diff(at)[:, None] * (values[1:] + values[:-1]) / 2).sum(0)


def measure_curves(
    photo: Photo, orders: Mapping[str, NDArray[np.float32]], scores: Scores, fractions: tuple[float, ...] = FRACTIONS
) -> Curves:
    """Runs a photo [H, W, 3] with each order's places [H, W] (from `photos.priors.area_before`) blurred and revealed.

    scores: photos -> float32 [n, T]; it is called once, with 2 + 2 x orders x fractions photos.
    """
    values = scores(_versions(photo, orders, fractions))
    steps = len(fractions)
    parts = dict(zip(orders, values[2:].reshape(len(orders), 2, steps, -1), strict=True))
    deletion = {name: part[0] for name, part in parts.items()}
    insertion = {name: part[1] for name, part in parts.items()}
    return Curves(fractions, values[0], values[1], deletion, insertion)


def _versions(photo: Photo, orders: Mapping[str, NDArray[np.float32]], fractions: tuple[float, ...]) -> Iterator[Photo]:
    blurred = blur(photo)
    yield photo
    yield blurred
    for before in orders.values():
        for under, over in ((photo, blurred), (blurred, photo)):
            for fraction in fractions:
                yield np.where((before < fraction)[..., None], over, under)
