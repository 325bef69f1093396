"""Grounded attention: in training, an attribute's attention is asked to lie on the part that the attribute speaks of.

Our own term, beside the losses of the papers. For every training photo and every attribute that speaks of a part visible in it,
with a(r) the attention of the attribute on region r (it sums to one over the photo) and w(r) one within a radius of the part and
falling to zero over a soft edge:

    L_ground = mean over photos and such attributes of -log sum_r a(r) w(r)

The sum is the share of the attention that lies on the part. Marks of training photos alone are read; what a trained network needs
to see a photo is what it needed without the term.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from zslviz.backbones.features import Features
from zslviz.catalogue import data_card
from zslviz.errors import ConfigError
from zslviz.features.cache import FeatureCache
from zslviz.features.sources import CachedFeatures
from zslviz.models.output import AttributeOutput
from zslviz.photos.geometry import Geometry
from zslviz.photos.loading import upright_size
from zslviz.photos.placement import cell_positions
from zslviz.tasks.attributes.data import PartLocations, ZeroShotDataset
from zslviz.tasks.attributes.settings import Grounding

MARKS = "marks"
"""The stage that `GroundedFeatures` adds to a photo's features: where its parts are."""
_LEAST = 1e-6  # of a share, so that its logarithm is a number


def part_locations(dataset: ZeroShotDataset) -> PartLocations:
    """Where the parts of a data set's photos are marked. Raises ConfigError if they are not."""
    card = data_card(dataset.name)
    if card is None or card.part_locations is None:
        raise ConfigError(
            f"'grounding' needs photos in which parts are marked; those of '{dataset.name}' have none, so leave it out."
        )
    located: PartLocations = card.part_locations(dataset)
    return located


class PartMarks:
    """Where training photos' parts lie in the network input, and which attributes speak of them.

    Attributes whose groups speak of the same parts share a set; there are P sets. set_of: int64 [A], the set of an attribute, -1
    for one that speaks of no part. Raises ConfigError if no attribute does.
    """

    def __init__(self, dataset: ZeroShotDataset, located: PartLocations, photos: NDArray[np.int64], size: int) -> None:
        """photos: indices of those whose marks are read. size: side of the network input in pixels."""
        groups = dataset.space.groups
        sets = sorted({located.groups[group] for group in groups if group in located.groups})
        self.set_of = np.array([sets.index(located.groups[g]) if g in located.groups else -1 for g in groups])
        if not sets:
            raise ConfigError("No attribute speaks of a part that is marked in the photos; leave 'grounding' out.")
        self._members = [[located.parts.index(part) for part in parts] for parts in sets]
        self._row = np.full(len(dataset.files), -1)
        self._row[photos] = np.arange(len(photos))
        self._points = np.full((len(photos), len(located.parts), 2), np.inf, dtype=np.float32)
        for row, photo in enumerate(photos.tolist()):
            geometry, seen = Geometry.fit(*upright_size(dataset.files[photo]), size), located.visible[photo]
            on_photo = located.points[photo, seen] * (geometry.width, geometry.height)
            self._points[row, seen] = [geometry.photo_to_input(x, y) for x, y in on_photo]
        self._points /= size

    def distances(
        self, photos: NDArray[np.integer[Any]], mirrored: NDArray[np.bool_], at: NDArray[np.float64]
    ) -> NDArray[np.float32]:
        """[B, P, m, m]: from each cell to the nearest visible part of each set, as shares of the input's side; inf where none is.

        mirrored: [B], whether the network sees a photo mirrored. at: [m], the cells' centres across and down as shares of the side.
        """
        points, centres = self._points[self._row[photos]].copy(), at.astype(np.float32)  # [B, parts, 2]
        points[mirrored, :, 0] = 1 - points[mirrored, :, 0]
        away = np.where(np.isfinite(points[..., None]), np.abs(points[..., None] - centres), np.inf)  # [B, parts, 2, m]
        every = np.hypot(away[:, :, 0, None, :], away[:, :, 1, :, None])
        return np.stack([every[:, members].min(axis=1) for members in self._members], axis=1)

    def speaks(self, photos: NDArray[np.integer[Any]]) -> NDArray[np.bool_]:
        """[B, A]: whether an attribute speaks of a part that is visible in a photo."""
        visible = np.isfinite(self._points[self._row[photos], :, 0])
        of_set = np.stack([visible[:, members].any(axis=1) for members in self._members], axis=1)
        return of_set[:, self.set_of] & (self.set_of >= 0)


def nearness(distances: NDArray[np.float32], settings: Grounding) -> NDArray[np.float32]:
    """w of the formula above, for distances [..., m, m]: 0 to 1; 1 at the nearest cell where all are beyond the radius."""
    weights = np.clip(1 - (distances - settings.radius) / settings.edge, 0, 1)
    nearest = distances.min(axis=(-2, -1), keepdims=True)
    alone = (weights.max(axis=(-2, -1), keepdims=True) == 0) & np.isfinite(nearest) & (distances == nearest)
    return np.where(alone, np.float32(1), weights).astype(np.float32)


class GroundedFeatures(CachedFeatures):
    """Cached features with the stage `MARKS`: w of every photo, [B, G, P, m, m], for G granularities that are asked to look.

    positions: [G, m], centres of the cells of each as shares of the input's side. A mirrored photo's marks are mirrored with it.
    """

    def __init__(
        self,
        caches: Sequence[FeatureCache],
        stages: tuple[str, ...],
        marks: PartMarks,
        positions: NDArray[np.float64],
        settings: Grounding,
    ) -> None:
        super().__init__(caches, stages)
        self._marks, self._positions, self._settings = marks, positions, settings

    def _load(self, photos: NDArray[np.integer[Any]], chosen: NDArray[np.integer[Any]]) -> Features:
        features = super()._load(photos, chosen)
        mirrored = np.array([cache.spec.flip for cache in self.caches])[chosen]
        weights = [nearness(self._marks.distances(photos, mirrored, at), self._settings) for at in self._positions]
        return Features({**features.stages, MARKS: torch.from_numpy(np.stack(weights, axis=1))}, features.global_vector)

    def plain(self, photos: NDArray[np.integer[Any]]) -> Features:
        """Without marks: they are to be learned from, not measured on."""
        return super()._load(photos, np.zeros(len(photos), dtype=np.int64))


def positions_of(
    network: Any, grounded: Sequence[int], strides: Sequence[int], size: int, shift: Mapping[int, float]
) -> NDArray[np.float64]:
    """[G, m]: where the cells of each grounded granularity lie, as shares of the input's side.

    strides: of the stage that each granularity's regions come from. shift: pixels by stride (`BackboneSpec.shift`).
    """
    cells = size // network.map_stride
    return np.stack([cell_positions(size, strides[g], cells, shift[strides[g]]) / size for g in grounded])


def attended_share(output: AttributeOutput, marks: Tensor, set_of: Tensor) -> Tensor:
    """How much of each attribute's attention lies on its part: [G, B, A], 0 to 1 (of those that speak of none, of some part).

    output: of a network asked to `attend`. marks: [B, G, P, m, m]. set_of: [A].
    """
    assert output.attention is not None
    attention = output.attention
    if output.attention_context is not None:
        attention = attention + output.attention_context
    near = marks.transpose(0, 1).flatten(-2).to(attention)  # [G, B, P, R]
    of_sets = near @ attention.flatten(-2).mT  # [G, B, P, A]
    index = set_of.clamp(min=0).expand(*of_sets.shape[:2], 1, -1)
    return of_sets.gather(2, index).squeeze(2)


def grounding_loss(share: Tensor, speaks: Tensor) -> Tensor:
    """L_ground above of each granularity: share [G, B, A], speaks bool [B, A] -> [G]; zero where no attribute speaks of a part."""
    lost = -share.float().clamp(min=_LEAST).log() * speaks
    return lost.sum(dim=(1, 2)) / speaks.sum().clamp(min=1)
