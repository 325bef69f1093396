"""Explainer: a photo in, an explanation out. The one door that the page, the command line and the API use.

`Explainer.from_pretrained` opens any checkpoint; what it returns depends on what the model scores: attributes
(`tasks.attributes.explainer`), labels (`tasks.multilabel.explainer`) or compositions (`tasks.compositional.explainer`).
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from typing_extensions import Self

from zslviz.backbones import Features
from zslviz.backbones.encoder import Encoder
from zslviz.backbones.opened import encoder_of
from zslviz.catalogue import TASKS, Task, part
from zslviz.checkpoints.base import Checkpoint
from zslviz.checkpoints.listing import CheckpointInfo, list_checkpoints
from zslviz.errors import CheckpointError
from zslviz.photos.geometry import Geometry
from zslviz.photos.loading import ImageSource, load_photo, to_network_input
from zslviz.runtime.devices import pick_device
from zslviz.tasks.base.photo import Timing
from zslviz.words.source import WordSource

__all__ = ["CheckpointInfo", "Explainer", "list_checkpoints"]


@dataclass(frozen=True, eq=False)
class EncodedPhoto:
    """A photo on its way to an explanation. pixels: uint8 [H, W, 3]. geometry: how it lies in the network's input.

    features: of this one photo. started: when it came, on the clock of `time.perf_counter`. encoder_ms: the encoder's share.
    """

    pixels: NDArray[np.uint8]
    geometry: Geometry
    features: Features
    device: str
    started: float
    encoder_ms: float

    def timing(self) -> Timing:
        """How long it took until now."""
        return Timing(self.encoder_ms, (time.perf_counter() - self.started) * 1e3, self.device)


class Explainer:
    """A checkpoint with its encoder, ready to explain photos. Shared between visitors and read-only."""

    checkpoint: Checkpoint
    task: ClassVar[Task]

    def __init__(self, checkpoint: Checkpoint, encoder: Encoder, device: torch.device) -> None:
        """encoder: what the checkpoint's network sees with (`encoder_of`), on `device`."""
        self.checkpoint = checkpoint
        self.encoder = encoder
        self.device = device
        zero_gpu = bool(os.environ.get("SPACES_ZERO_GPU"))
        # With ZeroGPU the GPU is there only during the encoder's call, so the head runs on the CPU.
        self._head_device = torch.device("cpu") if zero_gpu else device
        self._network: Any = self._prepared(checkpoint.network)
        self._encode = _on_zero_gpu(self._encoded) if zero_gpu else self._encoded

    def _prepared(self, network: nn.Module) -> nn.Module:
        """The head on its device."""
        return network.to(self._head_device, memory_format=torch.channels_last)  # type: ignore[no-any-return, call-overload]

    @classmethod
    def from_pretrained(cls, name_or_folder: str | Path, device: str | None = None) -> Self:
        """Loads a checkpoint on `device` (CUDA where there is one): a shipped one by name, any one's folder, or one on the
        Hugging Face Hub ("user/repository", "user/repository@revision").

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
        return kind(checkpoint, encoder_of(checkpoint, where), where)

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

    def words(self) -> WordSource | str | None:
        """What gives the words of its data their vectors: a source, its name, or None where there are none. Raises ConfigError."""
        return None

    def explain(self, image: ImageSource) -> Any:
        """Scores and maps of one photo; the network runs once. Raises ImageError with one sentence."""
        raise NotImplementedError

    def scores_of(self, features: Features) -> NDArray[np.float32]:
        """Scores of B photos from their features, such as cached ones, without maps: [B, ...]."""
        raise NotImplementedError

    @torch.inference_mode()
    def scores(self, images: Iterable[ImageSource], batch_size: int = 8) -> Iterator[NDArray[np.float32]]:
        """Scores of many photos as `scores_of` gives them, in batches and without maps, photo by photo in the order given."""
        batch: list[NDArray[np.uint8]] = []
        for image in images:
            batch.append(to_network_input(load_photo(image), self.checkpoint.size)[0])
            if len(batch) == batch_size:
                yield from self.scores_of(self._encode(as_batch(batch)))
                batch = []
        if batch:
            yield from self.scores_of(self._encode(as_batch(batch)))

    def features(self, image: ImageSource) -> Features:
        """What the network reads of one photo. Raises ImageError with one sentence."""
        return self._photographed(image).features

    def _photographed(self, image: ImageSource) -> EncodedPhoto:
        """A photo, cut to the network's input and encoded. Raises ImageError with one sentence."""
        started = time.perf_counter()
        photo = load_photo(image)
        pixels, geometry = to_network_input(photo, self.checkpoint.size)
        before = time.perf_counter()
        features = self._encode(as_batch([pixels]))
        encoder_ms = (time.perf_counter() - before) * 1e3
        return EncodedPhoto(np.asarray(photo, np.uint8), geometry, features, str(self.device), started, encoder_ms)

    @torch.inference_mode()
    def _encoded(self, pixels: Tensor) -> Features:
        features = self.encoder.encode(pixels.to(self.device), self._network.stages).to(self._head_device)
        if self.device.type == "cuda":
            torch.cuda.synchronize()
        return features


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
