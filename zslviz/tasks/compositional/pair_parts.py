"""What a network gives of all pairs in one photo, by parts: their logits, and their texts as they are mapped on the photo."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from zslviz.tasks.compositional.scoring import fused_scores

Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class PairLogits:
    """Logits of one photo: pairs float32 [S, O], states [S], objects [O]."""

    pairs: Floats
    states: Floats
    objects: Floats

    @cached_property
    def fused(self) -> Floats:
        """Score of every pair from all three: float32 [S, O], worked out in float64 and rounded once."""
        logits = (part.astype(np.float64) for part in (self.pairs, self.states, self.objects))
        return fused_scores(*logits).astype(np.float32)

    @property
    def derived_size(self) -> int:
        """Bytes of the fused scores."""
        return self.pairs.size * np.dtype(np.float32).itemsize


@dataclass(frozen=True, eq=False)
class PairText:
    """Texts of pairs as they are mapped on the photo, by their parts, so that none is laid out for all S x O of them.

    See `models.output.CompositionText`; what the texts of a state and an object found in the photo is added to the first two.
    """

    pair_states: Floats  # [S, E]
    pair_objects: Floats  # [O, E]
    state_gates: Floats  # [S, E]
    object_gates: Floats  # [O, E]

    def pair(self, state: int, object_: int) -> Floats:
        """The text of one pair: [E]."""
        gated = self.state_gates[state] * self.object_gates[object_]
        return self.pair_states[state] + self.pair_objects[object_] + gated
