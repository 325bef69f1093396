"""What an attribute model returns."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True, eq=False)
class AttributeOutput:
    """Scores of G granularities (Mg-MRN 3) or sub-nets (MSDN 2) for B images and A attributes; maps only if asked for.

    scores: [G, B, A].
    attention: [G, B, A, H, W], weights on the granularity's own regions. attention_context: the same on the refined
        coarser context at the same places (Mg-MRN; zero where a granularity has none), or None.
    evidence: [G, B, A, H, W], what every place adds to the score, context included: evidence.sum((-2, -1)) + bias = scores.
    bias: [G, A], the part of the score that comes from no place.
    parts: [G, B, P, H, W], the part each place is assigned to (Mg-MRN, decoupled grouping), or None.
    """

    scores: Tensor
    attention: Tensor | None = None
    attention_context: Tensor | None = None
    evidence: Tensor | None = None
    bias: Tensor | None = None
    parts: Tensor | None = None
