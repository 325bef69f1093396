"""How unlike all training photos a photo is, by the mean over regions of the encoder's last stage.

    distance(x) = 1 - |P (x - m)|^2 / |x - m|^2  +  1 - max_c cos(x - m, d_c)

m is the mean of the training photos, P their first principal axes, d_c the direction of a trained class's mean from m. The first
term is the share of x outside the axes (the residual of ViM, Wang et al. 2022, as a share), the second how far x points away from
every trained class. Both are near 0 in the middle of a class, and neither hangs on how strong the features are. The attribute
network has no say, so classes held out of the fit stand for classes never trained on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.linalg import eigsh

from zslviz.features.units import unit_rows

STAGE = "c5"
AXES = 64
ALARMS = 0.05
"""Share of photos of its own kinds that may be called unlike all that was shown, at most."""
_FOLDS = 10
_MANY = 4  # times the axes that are wanted: from so many on the others are not worth their while
_LEAST = 20  # photos, below which one in twenty is no photo
Rows = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Strangeness:
    """distance: of a photo, from 0 on. limit: beyond it a photo is unlike all that was shown.

    trained, held_out: the share of validation photos beyond it, of classes the fit knew and of classes it did not.
    """

    distance: float
    limit: float
    trained: float
    held_out: float

    @property
    def unlike(self) -> bool:
        """Whether the photo looks like nothing that was shown."""
        return self.distance > self.limit


@dataclass(frozen=True, eq=False)
class ShownPhotos:
    """Where N training photos of S classes lie among features of C channels.

    mean: float32 [C]. axes: float32 [R, C], principal axes of length 1. directions: float32 [S, C], of length 1, from the mean to
    that of each class. Axes and directions are half floats' numbers, as they are written. photos: N. limit, trained, held_out: as
    `Strangeness` has them.
    """

    mean: NDArray[np.float32]
    axes: NDArray[np.float32]
    directions: NDArray[np.float32]
    photos: int
    limit: float = 0.0
    trained: float = 0.0
    held_out: float = 0.0

    def distances(self, pooled: Rows) -> NDArray[np.float64]:
        """Of pooled features [N, C]: float64 [N]."""
        moved = pooled.astype(np.float64) - self.mean
        unit = unit_rows(moved)
        outside = 1 - np.square(unit @ self.axes.T.astype(np.float64)).sum(axis=1)
        nearest = (unit @ self.directions.T.astype(np.float64)).max(axis=1)
        distances: NDArray[np.float64] = outside + 1 - nearest
        return distances

    def of(self, pooled: Rows) -> list[Strangeness]:
        """One for each row of pooled features [N, C]."""
        return [Strangeness(float(d), self.limit, self.trained, self.held_out) for d in self.distances(pooled)]


def fitted(pooled: Rows, labels: NDArray[np.integer[Any]]) -> ShownPhotos:
    """On training photos' pooled features [N, C] with their classes [N]; its limit is still to be found (`validated`)."""
    mean = pooled.mean(axis=0, dtype=np.float64).astype(np.float32)
    moved = pooled.astype(np.float64) - mean
    axes = _principal(moved, min(AXES, max(1, len(moved) - 1)))
    directions = unit_rows(np.stack([moved[labels == c].mean(axis=0) for c in np.unique(labels)]))
    return ShownPhotos(mean, _halved(axes), _halved(directions), len(moved))


def validated(pooled: Rows, labels: NDArray[np.integer[Any]]) -> ShownPhotos | None:
    """The fit on all of some training photos with its limit; None of too few photos or classes.

    Ten times a tenth of the classes, and a tenth of the other classes' photos, is held out of a fit. The limit leaves no more than
    `ALARMS` of either kind beyond it, each photo measured where it was held out; test photos have no say.
    """
    if len(np.unique(labels)) < 2 or len(labels) < _LEAST:
        return None
    trained, held_out = (np.concatenate(parts) for parts in zip(*_held_out(pooled, labels), strict=True))
    if not len(trained):
        return None
    limit = max(float(np.quantile(distances, 1 - ALARMS, method="higher")) for distances in (trained, held_out))
    of_trained, of_held_out = (float((distances > limit).mean()) for distances in (trained, held_out))
    return replace(fitted(pooled, labels), limit=limit, trained=of_trained, held_out=of_held_out)


def _held_out(
    pooled: Rows, labels: NDArray[np.integer[Any]]
) -> Iterator[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Distances of photos held out of a fit, fold by fold: of classes it knows, and of classes it does not."""
    classes, number = np.unique(labels, return_inverse=True)
    folds = min(_FOLDS, len(classes))
    class_fold = number % folds
    within = np.zeros(len(labels), dtype=np.int64)  # of a class's photos each tenth one, so that no class is lost
    for c in range(len(classes)):
        own = np.flatnonzero(number == c)
        within[own] = np.arange(len(own)) % _FOLDS
    for fold in range(folds):
        other = class_fold != fold
        kept = other & (within != fold)
        if len(np.unique(labels[kept])) and kept.sum() > 1:
            fit = fitted(pooled[kept], labels[kept])
            yield fit.distances(pooled[other & (within == fold)]), fit.distances(pooled[~other])


def _principal(moved: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """The first principal axes [count, C] of rows [N, C] with mean 0, by the smaller of the two products."""
    few = len(moved) < moved.shape[1]
    product = moved @ moved.T if few else moved.T @ moved
    if len(product) <= _MANY * count:
        vectors = np.linalg.eigh(product)[1]
    else:  # these alone (Lanczos); begun with the same vector everywhere, so that nothing is drawn by chance
        vectors = eigsh(product, count, v0=product @ np.cos(np.arange(len(product))))[1]
    first = vectors[:, ::-1][:, :count].T
    return unit_rows(first @ moved) if few else first


def _halved(rows: NDArray[np.float64]) -> NDArray[np.float32]:
    return rows.astype(np.float16).astype(np.float32)
