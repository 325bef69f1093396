"""How far each granularity is trusted in a photo, in words, of models that trust them differently from photo to photo."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def trust_sentence(granularities: Sequence[str], trust: NDArray[np.float32] | None) -> str:
    """ "In this photo the model trusts fine 31 %, ...". "" where there is nothing to say.

    trust: float32 [G], sums to 1, as the network took it among the classes that it was made with.
    """
    if trust is None:
        return ""
    each = ", ".join(f"{name} {100 * share:.0f} %" for name, share in zip(granularities, trust.tolist(), strict=True))
    return f"In this photo the model trusts {each}: as sure as each is among the classes it was made with; no edit changes that."
