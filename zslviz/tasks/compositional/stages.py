"""Networks that add up by stages: what places of the low and of the high layers added to every logit in one photo."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zslviz.tasks.base.photo import MapOffer
from zslviz.tasks.compositional.pair_parts import PairLogits

Floats = NDArray[np.float32]
_PARTS = {"pair": "pairs", "state": "states", "object": "objects"}  # of maps and logits, by what they are of


@dataclass(frozen=True, eq=False)
class StageMaps:
    """What the places of one stage added. name: of the stage ("the NAME layers").

    pairs: float32 [S, O, H, W]. states: [S, H, W]. objects: [O, H, W].
    """

    name: str
    pairs: Floats
    states: Floats
    objects: Floats

    @property
    def by_thing(self) -> dict[str, Floats]:
        """Its maps by what they are of."""
        return {"pair": self.pairs, "state": self.states, "object": self.objects}

    @property
    def sums(self) -> PairLogits:
        """What all its places together added to each logit, added up in float64."""
        return PairLogits(*(m.sum(axis=(-2, -1), dtype=np.float64).astype(np.float32) for m in self.by_thing.values()))

    def offer(self, of: str) -> MapOffer:
        """Its map of a pair, a state or an object."""
        name = self.name if of == "pair" else f"{self.name}-{of}"
        hint = f"What each place added to the {of}'s own score through the {self.name} layers."
        return MapOffer(name, of, f"What the {self.name} layers counted", hint, exact=True, signed=True)


@dataclass(frozen=True, eq=False)
class Stages:
    """All stages of a network, the first one first, on one grid.

    apart: of each logit, what comes from no place; with all places of all stages it is the logit. turned: how far the photo turned
    the texts of pairs, 1 - cosine, on average.
    """

    maps: tuple[StageMaps, ...]
    apart: PairLogits
    turned: float

    def offers(self) -> Iterator[tuple[MapOffer, StageMaps]]:
        """Maps of each stage, those of pairs first."""
        for of in _PARTS:
            for stage in self.maps:
                yield stage.offer(of), stage

    def map(self, offer: MapOffer, what: Any) -> tuple[Floats, float] | None:
        """One of these maps, and what it makes together with the other stages and what comes from no place; None of others."""
        for one, stage in self.offers():
            if one == offer:
                values: Floats = stage.by_thing[offer.of][what]
                others = [float(getattr(o.sums, _PARTS[offer.of])[what]) for o in self.maps if o is not stage]
                beside = float(getattr(self.apart, _PARTS[offer.of])[what])
                return values, float(values.sum(dtype=np.float64)) + sum(others) + beside
        return None

    def pair_evidence(self, state: int, object_: int) -> Floats:
        """What each place of all stages added to a pair: float32 [H, W]."""
        evidence: Floats = np.sum([stage.pairs[state, object_] for stage in self.maps], axis=0, dtype=np.float32)
        return evidence

    @property
    def place_sums(self) -> Floats:
        """What all places together added to every pair: float32 [S, O]."""
        summed: Floats = np.sum([stage.sums.pairs for stage in self.maps], axis=0, dtype=np.float32)
        return summed
