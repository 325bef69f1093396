"""Explainer: a photo in, an explanation out. The one door that the page, the command line and the API use.

`Explainer.from_pretrained` opens any checkpoint; what it returns depends on what the model scores: attributes
(`tasks.attributes.explainer`), labels (`tasks.multilabel.explainer`) or compositions (`tasks.compositional.explainer`).
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from typing_extensions import Self

from zslviz.backbones import Backbone, Pyramid
from zslviz.backbones.opened import own_backbone, shared_backbone
from zslviz.catalogue import TASKS, Task, part
from zslviz.checkpoints.base import Checkpoint
from zslviz.checkpoints.listing import CheckpointInfo, list_checkpoints
from zslviz.errors import CheckpointError
from zslviz.photos.geometry import Geometry
from zslviz.photos.loading import ImageSource, load_photo, to_network_input
from zslviz.runtime.devices import pick_device

__all__ = ["CheckpointInfo", "Explainer", "list_checkpoints"]

T = TypeVar("T")


class Explainer:
    """A checkpoint with its backbone, ready to explain photos. Shared between visitors and read-only."""

    checkpoint: Checkpoint
    task: ClassVar[Task]

    def __init__(self, checkpoint: Checkpoint, backbone: Backbone, device: torch.device) -> None:
        self.checkpoint = checkpoint
        self.device = device
        self._backbone = backbone
        self._zero_gpu = bool(os.environ.get("SPACES_ZERO_GPU"))
        # With ZeroGPU the GPU is there only during the backbone's call, so the head runs on the CPU.
        self._head_device = torch.device("cpu") if self._zero_gpu else device
        self._network: Any = self._prepared(checkpoint.network)
        self._pyramid = _on_zero_gpu(self._compute_pyramid) if self._zero_gpu else self._compute_pyramid

    def _prepared(self, network: nn.Module) -> nn.Module:
        """The head on its device."""
        return network.to(self._head_device, memory_format=torch.channels_last)  # type: ignore[no-any-return, call-overload]

    @classmethod
    def from_pretrained(cls, name_or_folder: str | Path, device: str | None = None) -> Self:
        """Loads a shipped checkpoint by name or any checkpoint's folder, on `device` (CUDA where there is one).

        Raises UnknownNameError, CheckpointError (also if it is not of the task that a subclass explains) or ConfigError.
        """
        checkpoint = Checkpoint.load(name_or_folder)
        kind = part(checkpoint.task, "explainer").EXPLAINER
        if not issubclass(kind, cls):
            scored = TASKS[checkpoint.task].scores
            raise CheckpointError(
                f"'{checkpoint.name}' scores {scored}; a model that scores {TASKS[cls.task].scores} is needed here."
            )
        where = pick_device(device)
        if checkpoint.encoder:
            from zslviz.backbones.clip import own_clip

            return kind(checkpoint, own_clip(checkpoint.backbone).to(where), where)
        if checkpoint.backbone_state:
            return kind(checkpoint, own_backbone(checkpoint).to(where), where)
        return kind(checkpoint, shared_backbone(checkpoint.backbone, where), where)

    @property
    def name(self) -> str:
        return self.checkpoint.name

    @property
    def title(self) -> str:
        return self.checkpoint.title

    @property
    def data(self) -> str:
        return self.checkpoint.data

    @property
    def metrics(self) -> Mapping[str, Any]:
        return self.checkpoint.metrics

    def explain(self, image: ImageSource) -> Any:
        """Scores and maps of one photo; the network runs once. Raises ImageError with one sentence."""
        raise NotImplementedError

    def _seen(self, image: ImageSource) -> tuple[NDArray[np.uint8], Geometry, Pyramid, float]:
        """The photo, how it lies in the network input, its features, and the backbone's milliseconds."""
        photo = load_photo(image)
        pixels, geometry = to_network_input(photo, self.checkpoint.size)
        before = time.perf_counter()
        pyramid = self._pyramid(as_batch([pixels]))
        return np.asarray(photo, dtype=np.uint8), geometry, pyramid, (time.perf_counter() - before) * 1e3

    @torch.inference_mode()
    def _in_batches(
        self, images: Iterable[ImageSource], score: Callable[[Pyramid], Iterable[T]], batch_size: int
    ) -> Iterator[T]:
        """What `score` makes of the features of many photos, photo by photo in the order given."""
        batch: list[NDArray[np.uint8]] = []
        for image in images:
            batch.append(to_network_input(load_photo(image), self.checkpoint.size)[0])
            if len(batch) == batch_size:
                yield from score(self._pyramid(as_batch(batch)))
                batch = []
        if batch:
            yield from score(self._pyramid(as_batch(batch)))

    def _compute_pyramid(self, pixels: Tensor) -> Pyramid:
        with torch.inference_mode():
            stages = self._backbone(pixels.to(self.device), with_last="c5" in self._network.stages)
            pyramid = Pyramid(*(None if s is None else s.to(self._head_device) for s in stages))  # type: ignore[arg-type]
            if self.device.type == "cuda":
                torch.cuda.synchronize()
            return pyramid


def as_batch(photos: list[NDArray[np.uint8]]) -> Tensor:
    """uint8 photos [S, S, 3] -> [B, 3, S, S]."""
    return torch.from_numpy(np.stack(photos)).permute(0, 3, 1, 2)


def as_numpy(tensor: Tensor) -> NDArray[np.float32]:
    """A tensor as a contiguous float32 array."""
    return np.ascontiguousarray(tensor.float().cpu().numpy())


def _on_zero_gpu(function: Any) -> Any:
    """Asks for the GPU of a Hugging Face Space with ZeroGPU around a call."""
    import spaces  # type: ignore[import-not-found]  # only there

    return spaces.GPU(function)
