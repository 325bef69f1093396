"""What the parts of on_gpu.py share: where and how often is measured, the shipped models, photos, and TF32."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import torch
from common import interleaved

from zslviz.checkpoints.listing import CheckpointInfo, list_checkpoints
from zslviz.explainer import Explainer
from zslviz.photos.loading import load_photo, to_network_input
from zslviz.runtime.places import examples_folder
from zslviz.tasks.base.explainer import as_batch

Row = dict[str, str]
Times = dict[str, list[float]]


@dataclass(frozen=True)
class Run:
    """What is measured, and how often. device: "cuda" or "cpu". batch: photos at a time. photos: of a prediction.

    compared: example photos whose answers are compared. rounds, seconds: of a timing, whichever is reached first.
    names: of the models, all if None.
    """

    device: str
    batch: int = 64
    photos: int = 192
    compared: int = 8
    rounds: int = 20
    seconds: float = 2.0
    quick: bool = False
    names: list[str] | None = None

    def finish(self) -> None:
        """Waits until the GPU is done."""
        if self.device == "cuda":
            torch.cuda.synchronize()

    def timed(self, sides: Mapping[str, Callable[[], Any]], share: float = 1.0, warmup: int = 1) -> Times:
        """Seconds of each, in turn. share: of `seconds`."""
        return interleaved(sides, self.rounds, warmup, self.finish, share * self.seconds)

    @property
    def card(self) -> str:
        """What a heading calls the device."""
        return torch.cuda.get_device_name() if self.device == "cuda" else "a CPU"

    @cached_property
    def examples(self) -> list[Path]:
        """The example photos, of all tasks."""
        return sorted(examples_folder().rglob("*.jpg"))

    @cached_property
    def models(self) -> list[CheckpointInfo]:
        """Every shipped model that sees photos, or those that were named."""
        return [info for info in list_checkpoints() if info.sees and (self.names is None or info.name in self.names)]

    def repeated(self, count: int) -> list[Path]:
        """The examples, again and again until they are so many."""
        return (self.examples * (count // len(self.examples) + 1))[:count]


@cache
def opened(name: str, device: str) -> Any:
    """The explainer of a shipped model on a device, opened once."""
    return Explainer.from_pretrained(name, device=device)


def network_inputs(photos: list[Path], size: int) -> torch.Tensor:
    """uint8 [B, 3, S, S]."""
    return as_batch([to_network_input(load_photo(photo), size)[0] for photo in photos])


def tf32_in_convolutions(allowed: bool) -> None:
    """PyTorch's default is True; products of matrices never use it by default, and do not here."""
    torch.backends.cudnn.allow_tf32 = allowed
    torch.backends.cuda.matmul.allow_tf32 = False
