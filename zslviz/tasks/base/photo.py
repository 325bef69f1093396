"""What every explanation of a photo has, whatever is predicted."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Timing:
    """Milliseconds of one explanation, and where the network ran."""

    backbone_ms: float
    total_ms: float
    device: str
