"""Sorts of maps of attributes: which there may be, and each in the units that it is shown in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from zslviz.photos.smoothing import FACTOR, smooth
from zslviz.tasks.attributes.scoring import AttributeScale
from zslviz.tasks.base.photo import MapOffer
from zslviz.tasks.base.where import near_each

EVIDENCE = MapOffer(
    "evidence",
    "attribute",
    "What speaks for it",
    "What the model counted, place by place, for the attribute and against it.",
    exact=True,
    signed=True,
)
ATTENTION = MapOffer("attention", "attribute", "Where it looked", "Where the model looked for the attribute.")
CLASS_EVIDENCE = MapOffer(
    "class evidence",
    "class",
    "What speaks for it",
    "What each place adds to the score of the class, by all its attributes.",
    exact=True,
    signed=True,
)

NOTHING = 0.1
"""Share of the highest place of a photo's maps below which a place counts for nothing."""


@dataclass(frozen=True, eq=False)
class AttributeMaps:
    """One sort of map of every attribute, as the network gives it.

    values: float32 [G, A, H, W]. bias: float32 [G, A], what comes from no place: with the sum over places it makes the raw scores.
    None of maps that are not exact.
    """

    offer: MapOffer
    values: NDArray[np.float32]
    bias: NDArray[np.float32] | None = None


@dataclass(frozen=True, eq=False)
class Peaks:
    """How high the maps of all attributes of a photo are as they are drawn (`drawn`), by size.

    heights: float32 [A], of the strongest place of each. special: the same of what is special for each. common:
    bool [A], which of those that a photo can show are strongest at one and the same place, where the most of them are.
    """

    heights: NDArray[np.float32]
    special: NDArray[np.float32]
    common: NDArray[np.bool_]


def drawn(maps: NDArray[np.float32]) -> NDArray[np.float32]:
    """Maps [..., H, W] as they are drawn: smooth, on a finer grid [..., f H, f W], still in units of one place of their own."""
    return smooth(maps) * np.float32(FACTOR * FACTOR)


@dataclass(frozen=True, eq=False)
class ShownMaps:
    """One sort of map, in the units that it is shown in. Signed maps: of the value that they add to; others: as they are.

    visible: of every attribute, whether a photo can show it.
    """

    own: AttributeMaps
    scale: AttributeScale
    visible: tuple[bool, ...]

    def layers(self, what: int | Sequence[int] | slice) -> NDArray[np.float32]:
        """Maps of each granularity of an attribute [G, H, W], or of several [G, N, H, W]."""
        values = self.own.values[:, what]
        return (self.scale.gain[:, what, None, None] * values).astype(np.float32) if self.own.offer.signed else values

    @cached_property
    def fused(self) -> NDArray[np.float32]:
        """Maps of all attributes [A, H, W]: signed ones summed over granularities, others averaged by share of the ranking."""
        if self.own.offer.signed:
            return self.scale.map_to_values(self.own.values)
        return np.einsum("g,gahw->ahw", self.scale.weights, self.own.values).astype(np.float32)

    @cached_property
    def shares(self) -> NDArray[np.float32]:
        """How much of what the fused maps are made of each granularity brings, by size: float32 [G], sums to 1 (or is all 0)."""
        counts = self.scale.gain if self.own.offer.signed else self.scale.weights[:, None]
        sizes = np.abs(counts * np.abs(self.own.values).sum(axis=(2, 3))).sum(axis=1)
        return (sizes / max(float(sizes.sum()), 1e-12)).astype(np.float32)

    @cached_property
    def usual(self) -> NDArray[np.float32]:
        """How places share out what is counted for the photo's attributes on average, by size: [H, W], sums to 1 (or is all 0)."""
        sizes = np.abs(self.fused).sum(axis=0, dtype=np.float64)
        return (sizes / max(float(sizes.sum()), 1e-12)).astype(np.float32)

    def special(self, what: int | slice) -> NDArray[np.float32]:
        """What is special for an attribute [H, W], or for several: its map less its own sum shared out as usual; sums to 0."""
        maps = self.fused[what]
        return maps - maps.sum(axis=(-2, -1), keepdims=True) * self.usual

    @cached_property
    def peaks(self) -> Peaks:
        fine = np.abs(drawn(self.fused))
        flat = fine.reshape(len(fine), -1)
        rows, columns = np.unravel_index(flat.argmax(axis=1), fine.shape[1:])
        places = np.stack([(rows + 0.5) / fine.shape[1], (columns + 0.5) / fine.shape[2]], axis=1)
        heights = flat.max(axis=1)
        told = np.array(self.visible) & (heights > 0)
        near = near_each(places) & told
        most = int(np.where(told, near.sum(axis=1), 0).argmax())
        special = np.abs(drawn(self.special(slice(None)))).max(axis=(1, 2))
        return Peaks(heights, special, near[most] & told)

    def end(self, special: bool = False) -> float:
        """The end of the photo's one scale: how high the highest map of an attribute is that a photo can show; 0 if all are empty.

        special: of what is special for each attribute.
        """
        heights = self.peaks.special if special else self.peaks.heights
        shown = heights[np.array(self.visible)]
        return float((shown if len(shown) else heights).max())

    def at(self, row: int, column: int) -> list[tuple[int, float]]:
        """Attributes that a place speaks for or against: (index, what its map has there), largest sizes first.

        None of what no photo can show, and none that counts for less than `NOTHING` of the highest place of all maps; of maps that
        are shares (attention) none either that has less than twice the mean of its places.
        """
        there, sizes, visible = self.fused[:, row, column], np.abs(self.fused), np.array(self.visible)
        least = np.float32(NOTHING) * sizes[visible].max(initial=0.0)
        enough = np.maximum(least, 0 if self.own.offer.signed else 2 * sizes.mean(axis=(1, 2)))
        counts = visible & (np.abs(there) >= enough) & (there != 0)
        return [(int(a), float(there[a])) for a in np.argsort(-np.abs(there), kind="stable") if counts[a]]

    def score(self, raw: NDArray[np.float32] | None, attribute: int, granularity: int | None) -> float:
        """Of an attribute, raw scores [G, A] or what of them comes from no place, in the map's units: of one granularity or all."""
        if raw is None:
            return 0.0
        if granularity is None:
            return float(self.scale.to_values(raw)[attribute])
        return float(self.scale.gain[granularity, attribute] * raw[granularity, attribute])

    def from_no_place(self) -> NDArray[np.float32]:
        """What the bias of each attribute, all granularities together, adds to its value: [A]; 0 of maps that are not exact."""
        if self.own.bias is None:
            return np.zeros(self.own.values.shape[1], dtype=np.float32)
        return np.asarray((self.scale.gain.astype(np.float64) * self.own.bias).sum(axis=0), dtype=np.float32)

    @property
    def offered(self) -> bool:
        """Whether they tell anything: a mean over all places looks the same for every attribute."""
        values = self.own.values
        return self.own.offer.exact or values.shape[1] == 1 or not bool((values == values[:, :1]).all())
