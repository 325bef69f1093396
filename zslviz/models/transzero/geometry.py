"""TransZero's geometry: how far regions lie apart, as the encoder's attention is told (arXiv 2112.01683)."""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor

SINES = 64  # 32 sines, 32 cosines
_NEAREST = 1e-3
_WAVES = 8


@lru_cache(maxsize=8)
@torch.inference_mode(False)  # it is kept: who explains first may train later
def embedding(height: int, width: int) -> Tensor:
    """Sinusoids of the log distances of all pairs of regions of a grid: float32 [R, R, 64].

    Cell (i, j) reaches from i / g to (i + 1) / g. Distances of centres, along rows first, are divided by the authors' side of a
    cell, 1 / g + 1 (note the 1). Boxes are all of one size, so that the logs of their ratios are zero but for rounding: everything
    is computed in single precision and in the authors' order, because angles are 100 times the logs and reach 690.
    """
    sides = []
    for side, cells in (
        (height, torch.arange(height).repeat_interleave(width)),
        (width, torch.arange(width).repeat(height)),
    ):
        low, high = cells.float() / side, (cells.float() + 1) / side
        sides.append(((low + high) * 0.5, (high - low) + 1.0))
    logs = [(((c[:, None] - c[None]) / size[:, None]).abs().clamp(min=_NEAREST)).log() for c, size in sides]
    logs += [(size[:, None] / size[None]).log() for _, size in sides]
    between = torch.stack(logs, dim=-1)  # [R, R, 4]
    waves = 1 / 1000 ** (torch.arange(_WAVES, dtype=torch.float32) / _WAVES)
    angles = (100 * between[..., None] * waves).flatten(2)  # [R, R, 32]
    return torch.cat([angles.sin(), angles.cos()], dim=-1)


@lru_cache(maxsize=8)
def apart(height: int, width: int) -> Tensor:
    """How many cells lie between the centres of all pairs of regions of a grid: [R, R]."""
    cells = torch.cartesian_prod(torch.arange(height), torch.arange(width)).float()
    return torch.cdist(cells, cells)
