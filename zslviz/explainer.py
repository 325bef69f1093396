"""Explainer: a photo in, an explanation out. The one door that the page, the command line and the API use.

`Explainer.from_pretrained` opens any checkpoint; what it returns depends on what the model scores: attributes
(`explainers.attributes`), labels (`explainers.labels`) or compositions (`explainers.compositions`).
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from typing_extensions import Self

from zslviz.backbones import Backbone, Pyramid, build_backbone, pick_device
from zslviz.checkpoints import (
    AnyCheckpoint,
    Checkpoint,
    CheckpointInfo,
    CompositionCheckpoint,
    LabelCheckpoint,
    list_checkpoints,
    load_any_checkpoint,
)
from zslviz.errors import CheckpointError
from zslviz.images import Geometry, ImageSource, load_photo, to_network_input
from zslviz.models import MODELS

__all__ = ["CheckpointInfo", "Explainer", "list_checkpoints"]

T = TypeVar("T")
_backbones: dict[tuple[str, str], Backbone] = {}
_backbones_lock = threading.Lock()


class Explainer:
    """A checkpoint with its backbone, ready to explain photos. Shared between visitors and read-only."""

    checkpoint: AnyCheckpoint
    scores_what: ClassVar[str] = "anything"

    def __init__(self, checkpoint: AnyCheckpoint, backbone: Backbone, device: torch.device) -> None:
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

        Raises UnknownNameError, CheckpointError (also if it is not of the kind that a subclass explains) or ConfigError.
        """
        checkpoint = load_any_checkpoint(name_or_folder)
        kind = _class_for(checkpoint)
        if not issubclass(kind, cls):
            scored = MODELS[checkpoint.system].kind
            raise CheckpointError(
                f"'{checkpoint.name}' scores {scored}; a model that scores {cls.scores_what} is needed here."
            )
        where = pick_device(device)
        if isinstance(checkpoint, CompositionCheckpoint) and checkpoint.encoder:
            from zslviz.backbones.clip import own_clip

            return kind(checkpoint, own_clip(checkpoint.backbone).to(where), where)
        if isinstance(checkpoint, Checkpoint) and checkpoint.backbone_state:
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


def _class_for(checkpoint: AnyCheckpoint) -> Any:
    """The explainer of a checkpoint's kind."""
    if isinstance(checkpoint, LabelCheckpoint):
        from zslviz.explainers.labels import LabelExplainer

        return LabelExplainer
    if isinstance(checkpoint, CompositionCheckpoint):
        from zslviz.explainers.compositions import CompositionExplainer

        return CompositionExplainer
    from zslviz.explainers.attributes import AttributeExplainer

    return AttributeExplainer


def shared_backbone(name: str, device: torch.device) -> Backbone:
    """One frozen backbone a name and device, however many models use it."""
    key = (name, str(device))
    with _backbones_lock:
        if key not in _backbones:
            _backbones[key] = build_backbone(name).to(device)
        return _backbones[key]


def own_backbone(checkpoint: Checkpoint) -> Backbone:
    """The backbone of a checkpoint whose training changed all of it. Raises CheckpointError if its weights do not fit."""
    backbone = build_backbone(checkpoint.backbone, weights=None)
    try:
        backbone.load_state_dict({name: tensor.float() for name, tensor in checkpoint.backbone_state.items()})
    except RuntimeError:
        raise CheckpointError(
            f"The checkpoint '{checkpoint.name}' does not hold the whole of its backbone '{checkpoint.backbone}'."
        ) from None
    return backbone.eval().requires_grad_(False)


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
