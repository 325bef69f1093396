"""Sorts of maps of attributes: which there may be, and each in the units that it is shown in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from zslviz.tasks.attributes.scoring import AttributeScale
from zslviz.tasks.base.photo import MapOffer

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
class ShownMaps:
    """One sort of map, in the units that it is shown in. Signed maps: of the value that they add to; others: as they are."""

    own: AttributeMaps
    scale: AttributeScale

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

    def score(self, raw: NDArray[np.float32] | None, attribute: int, granularity: int | None) -> float:
        """Of an attribute, raw scores [G, A] or what of them comes from no place, in the map's units: of one granularity or all."""
        if raw is None:
            return 0.0
        if granularity is None:
            return float(self.scale.to_values(raw)[attribute])
        return float(self.scale.gain[granularity, attribute] * raw[granularity, attribute])

    @property
    def offered(self) -> bool:
        """Whether they tell anything: a mean over all places looks the same for every attribute."""
        values = self.own.values
        return self.own.offer.exact or values.shape[1] == 1 or not bool((values == values[:, :1]).all())
