"""Explainer: a photo in, an Explanation out. The one door that the page, the command line and the API use."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from zslviz.backbones import Backbone, Pyramid, build_backbone, pick_device
from zslviz.checkpoints import Checkpoint, CheckpointInfo, list_checkpoints, load_checkpoint
from zslviz.errors import CheckpointError
from zslviz.explanation import Explanation, Timing
from zslviz.images import ImageSource, load_photo, to_network_input
from zslviz.models import MODELS
from zslviz.placement import cell_positions, place, placement_matrix
from zslviz.scoring import AttributeScale, Contributions, Ranking, ScoringRule
from zslviz.semantics import SemanticSpace

__all__ = ["CheckpointInfo", "Explainer", "list_checkpoints"]

_backbones: dict[tuple[str, str], Backbone] = {}
_backbones_lock = threading.Lock()


class Explainer:
    """A checkpoint with its backbone, ready to explain photos. Shared between visitors and read-only."""

    def __init__(self, checkpoint: Checkpoint, backbone: Backbone, device: torch.device) -> None:
        self.checkpoint = checkpoint
        self.device = device
        self._backbone = backbone
        self._zero_gpu = bool(os.environ.get("SPACES_ZERO_GPU"))
        # With ZeroGPU the GPU is there only during the backbone's call, so the head runs on the CPU.
        self._head_device = torch.device("cpu") if self._zero_gpu else device
        head = checkpoint.network.to(self._head_device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        head.fold()  # type: ignore[operator]
        self._network = head
        self._pyramid = _on_zero_gpu(self._compute_pyramid) if self._zero_gpu else self._compute_pyramid

    @classmethod
    def from_pretrained(cls, name_or_folder: str | Path, device: str | None = None) -> Explainer:
        """Loads a shipped checkpoint by name or any checkpoint's folder, on `device` (CUDA where there is one).

        Raises UnknownNameError, CheckpointError or ConfigError.
        """
        checkpoint = load_checkpoint(name_or_folder)
        where = pick_device(device)
        if checkpoint.backbone_state:
            return cls(checkpoint, own_backbone(checkpoint).to(where), where)
        return cls(checkpoint, shared_backbone(checkpoint.backbone, where), where)

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
    def space(self) -> SemanticSpace:
        return self.checkpoint.space

    @property
    def rule(self) -> ScoringRule:
        return self.checkpoint.rule

    @property
    def scale(self) -> AttributeScale:
        return self.checkpoint.scale

    @property
    def gamma(self) -> float:
        return self.checkpoint.gamma

    @property
    def metrics(self) -> Mapping[str, Any]:
        return self.checkpoint.metrics

    @property
    def granularities(self) -> tuple[str, ...]:
        return MODELS[self.checkpoint.system].granularities

    @torch.inference_mode()
    def explain(self, image: ImageSource) -> Explanation:
        """Scores and maps of one photo; the network runs once. Raises ImageError with one sentence."""
        started = time.perf_counter()
        photo = load_photo(image)
        pixels, geometry = to_network_input(photo, self.checkpoint.size)
        before = time.perf_counter()
        pyramid = self._pyramid(_as_batch([pixels]))
        backbone_ms = (time.perf_counter() - before) * 1e3
        output = self._network(pyramid, explain=True)
        assert output.attention is not None and output.evidence is not None and output.bias is not None
        context = None if output.attention_context is None else self._placed(output.attention_context)
        attention = self._placed(output.attention)
        for index in MODELS[self.checkpoint.system].over_attributes:
            # Shares of a region rather than of the photo: what cells share a place is averaged there, not added up.
            whole = torch.ones_like(output.attention[:, :, :1])
            attention[index] /= np.maximum(self._placed(whole)[index], 1e-6)
        return Explanation(
            model=self.name,
            photo=np.asarray(photo, dtype=np.uint8),
            geometry=geometry,
            granularities=self.granularities,
            space=self.space,
            scores=_numpy(output.scores[:, 0]),
            bias=_numpy(output.bias),
            attention=attention if context is None else attention + context,
            evidence=self._placed(output.evidence),
            attention_context=context,
            parts=None if output.parts is None else _numpy(output.parts[:, 0]),
            rule=self.rule,
            scale=self.scale,
            gamma=self.gamma,
            timing=Timing(backbone_ms, (time.perf_counter() - started) * 1e3, str(self.device)),
        )

    @torch.inference_mode()
    def scores(self, images: Iterable[ImageSource], batch_size: int = 8) -> Iterator[NDArray[np.float32]]:
        """Raw attribute scores [G, A] of many photos, in batches and without maps, in the order given."""
        batch: list[NDArray[np.uint8]] = []
        for image in images:
            batch.append(to_network_input(load_photo(image), self.checkpoint.size)[0])
            if len(batch) == batch_size:
                yield from self._batch_scores(batch)
                batch = []
        if batch:
            yield from self._batch_scores(batch)

    def rank(self, explanation: Explanation, **edits: Any) -> Ranking:
        """`Explanation.rank`: gamma, unseen_only, image_edits, space. The network does not run."""
        return explanation.rank(**edits)

    def contributions(
        self, explanation: Explanation, class_index: int, rival_index: int, **edits: Any
    ) -> Contributions:
        """`Explanation.contributions`: exact per-attribute terms of a margin."""
        return explanation.contributions(class_index, rival_index, **edits)

    def _placed(self, maps: Tensor) -> NDArray[np.float32]:
        """Maps [G, 1, A, m, m] of one photo, moved to where their cells lie in it: float32 [G, A, m, m]."""
        size, spec = self.checkpoint.size, self._backbone.spec
        shift = dict(zip((8, 16, 32), spec.shift, strict=True))
        moved = []
        for stride, granularity in zip(MODELS[self.checkpoint.system].strides, _numpy(maps[:, 0]), strict=True):
            moved.append(place(granularity, _placement(size, stride, granularity.shape[-1], shift[stride])))
        return np.stack(moved)

    def _batch_scores(self, batch: list[NDArray[np.uint8]]) -> list[NDArray[np.float32]]:
        scores = self._network(self._pyramid(_as_batch(batch))).scores
        return list(_numpy(scores.transpose(0, 1)))

    def _compute_pyramid(self, pixels: Tensor) -> Pyramid:
        with torch.inference_mode():
            stages = self._backbone(pixels.to(self.device), with_last="c5" in self._network.stages)
            pyramid = Pyramid(*(None if s is None else s.to(self._head_device) for s in stages))  # type: ignore[arg-type]
            if self.device.type == "cuda":
                torch.cuda.synchronize()
            return pyramid


@lru_cache(maxsize=32)
def _placement(size: int, stride: int, cells: int, shift: float) -> NDArray[np.float32]:
    return placement_matrix(cell_positions(size, stride, cells, shift), size)


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


def _as_batch(photos: list[NDArray[np.uint8]]) -> Tensor:
    """uint8 photos [S, S, 3] -> [B, 3, S, S]."""
    return torch.from_numpy(np.stack(photos)).permute(0, 3, 1, 2)


def _numpy(tensor: Tensor) -> NDArray[np.float32]:
    return np.ascontiguousarray(tensor.float().cpu().numpy())


def _on_zero_gpu(function: Any) -> Any:
    """Asks for the GPU of a Hugging Face Space with ZeroGPU around a call."""
    import spaces  # type: ignore[import-not-found]  # only there

    return spaces.GPU(function)
