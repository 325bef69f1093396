"""What a system that answers twice, before and after it refines something of a photo or of its words, calls that."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Refining:
    """Words of one system, for page and shell; those of a system that gives none are right of any.

    before, after: names of its two answers ("At first sight"). turned: what the refinement did, with {} in the place of how far, an
    angle. beside: what the part of a pair's own score is called that no place adds.
    """

    before: str = "Before refinement"
    after: str = "Refined"
    turned: str = "The refinement turned photo and words by {} from each other."
    beside: str = "From no place"

    def told_turn(self, moved: float) -> str:
        """`turned`, of 1 - cosine: "... by 11°."."""
        return self.turned.format(f"{math.degrees(math.acos(min(1.0, max(-1.0, 1.0 - moved)))):.0f}°")
