"""Frozen gates: what is linear once the numbers that only scale are held at their values of this photo (exact evidence)."""

from __future__ import annotations

from torch import Tensor, nn


def through_norm(norm: nn.LayerNorm, x: Tensor, directions: Tensor) -> Tensor:
    """g with g . x + directions . beta = directions . LN(x), the deviation held: C (gamma directions / sigma), C = I - 11'/d."""
    sigma = (x.var(-1, correction=0, keepdim=True) + norm.eps).sqrt()
    scaled = norm.weight * directions / sigma
    return scaled - scaled.mean(-1, keepdim=True)
