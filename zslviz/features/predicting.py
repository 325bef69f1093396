"""What a network makes of many photos: in batches, and every process of a launch takes a share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from zslviz.backbones import Features
from zslviz.features.sources import Source
from zslviz.runtime.processes import OneProcess, gather, share_of

if TYPE_CHECKING:
    from lightning_fabric import Fabric


@torch.no_grad()
def settle(network: nn.Module, fabric: Fabric) -> None:
    """Evaluation mode, with the first process's running statistics in every process: those that are saved.

    Each process has its own of the last step, of its share of the batch; photos would be scored by as many networks.
    """
    network.eval()
    if fabric.world_size > 1:
        for buffer in network.buffers():
            buffer.copy_(fabric.broadcast(buffer))


@torch.inference_mode()
def predict(
    score: Callable[[Features], tuple[Tensor, ...]],
    source: Source,
    photos: NDArray[np.integer[Any]],
    fabric: Fabric | OneProcess,
    batch_size: int = 64,
) -> tuple[Tensor, ...]:
    """What `score` gives for photos, float32 on the CPU; all processes get the whole.

    score: features of B photos, on the device of `fabric` -> tensors [B, ...]. photos: at least one.
    """
    mine = share_of(fabric, photos)
    batches = [mine[i : i + batch_size] for i in range(0, len(mine), batch_size)]
    scored = [score(source.plain(batch).to(fabric.device)) for batch in batches]
    parts = (torch.cat([part.float() for part in column]) for column in zip(*scored, strict=True))
    return tuple(gather(fabric, part, len(photos), axis=0).cpu() for part in parts)
