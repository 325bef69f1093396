"""Devices, precision and processes, by Lightning Fabric: one process as it is, several under `torchrun`.

`torchrun --nproc-per-node 2 --nnodes 2 ... -m zslviz train NAME ...` starts the processes; what they share is here. The loss of a
batch is always computed over the whole batch: every process scores its share of the photos, the scores (small) are gathered
with their gradients, and the losses' terms that are not means over photos come out as in one process.
"""

from __future__ import annotations

import math
import os
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from zslviz.errors import ConfigError
from zslviz.runtime.allocator import keep_freed_memory
from zslviz.runtime.devices import compute_in_float32, pick_device

if TYPE_CHECKING:
    from lightning_fabric import Fabric


@dataclass(frozen=True)
class OneProcess:
    """What caching and measuring ask of a Fabric, where one process does all of it: they need no Lightning then."""

    device: torch.device
    world_size: ClassVar[int] = 1
    global_rank: ClassVar[int] = 0
    is_global_zero: ClassVar[bool] = True

    def barrier(self) -> None:
        """Nobody to wait for."""

    def rank_zero_first(self) -> AbstractContextManager[None]:
        """It is the first one."""
        return nullcontext()


def join(device: str | None = None) -> Fabric | OneProcess:
    """Who caches features or measures a model together: the processes that torchrun started, or this one. Raises ConfigError."""
    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        return launch(device)
    keep_freed_memory()
    compute_in_float32()
    return OneProcess(pick_device(device))


def launch(device: str | None = None, precision: Any = "32-true") -> Fabric:
    """The Fabric of this process: one device, or as many processes as torchrun started. Raises ConfigError.

    device: auto, cpu, cuda or cuda:N; under torchrun each process takes the device of its local rank.
    """
    from lightning_fabric import Fabric
    from lightning_fabric.strategies.ddp import DDPStrategy

    keep_freed_memory()
    compute_in_float32()
    where = pick_device(device)
    if precision == "16-mixed" and where.type == "cpu":
        raise ConfigError("Training in float16 needs a GPU; use 'precision: bf16-mixed' or '32-true' on the CPU.")
    processes, local = int(os.environ.get("WORLD_SIZE", "1")), int(os.environ.get("LOCAL_WORLD_SIZE", "1"))
    settings: dict[str, Any] = {"accelerator": where.type, "precision": precision}
    if processes > 1:
        # Some parameters get no gradient in some steps (centres of the official grouping; one granularity a pass).
        strategy = DDPStrategy(find_unused_parameters=True)
        fabric = Fabric(devices=local, num_nodes=processes // local, strategy=strategy, **settings)
    else:
        fabric = Fabric(devices=[where.index] if where.index is not None else 1, **settings)
    fabric.launch()
    return fabric


def share_of(fabric: Fabric | OneProcess, items: NDArray[Any]) -> NDArray[Any]:
    """This process's items: ceil(N / processes) of them in a row; the last one is repeated where they run out."""
    share = math.ceil(len(items) / fabric.world_size)
    mine = np.arange(fabric.global_rank * share, (fabric.global_rank + 1) * share)
    return items[np.minimum(mine, len(items) - 1)]


def gather(fabric: Fabric | OneProcess, tensor: Tensor, count: int, axis: int, gradients: bool = False) -> Tensor:
    """The tensors of all processes, joined along `axis` in the order of `share_of`, without its repetitions.

    With gradients, each process gets the sum of all processes' gradients; DDP's mean then makes it the whole batch's.
    """
    if isinstance(fabric, OneProcess) or fabric.world_size == 1:
        return tensor
    gathered = fabric.all_gather(tensor.contiguous(), sync_grads=gradients)
    assert isinstance(gathered, Tensor)
    return torch.cat(list(gathered), dim=axis).narrow(axis, 0, count)
