"""What a network is fed: cached features of photos, or the photos themselves.

Random choices (mirrored or not, which crop) are drawn for a whole batch before it is loaded, so that they are the same however many
processes share the batch and whenever a thread gets to loading it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from zslviz.backbones.encoder import BackboneEncoder
from zslviz.backbones.features import PIXELS, Features
from zslviz.backbones.opened import backbone_for
from zslviz.features.cache import FeatureCache
from zslviz.features.photo_set import PhotoSet
from zslviz.photos.loading import to_network_input

Photos = NDArray[np.integer[Any]]
Load = Callable[[NDArray[np.integer[Any]]], Features]


class Source(Protocol):
    """Photos by index as a network's input."""

    def draw(self, photos: Photos, rng: np.random.Generator) -> Load:
        """Draws a training batch's random choices; the function returned loads the photos at some positions of the batch."""

    def plain(self, photos: Photos) -> Features:
        """Photos as they are, for measuring."""


class CachedFeatures:
    """Stages from feature caches; in training every photo comes from one of them (as it is or mirrored) by chance.

    encoder: completes them by its global vector, on its own device; None leaves them without one.
    """

    def __init__(
        self, caches: Sequence[FeatureCache], stages: tuple[str, ...], encoder: BackboneEncoder | None = None
    ) -> None:
        self.caches = caches
        self.stages = stages
        self.encoder = encoder

    @classmethod
    def read_by(cls, network: nn.Module, caches: Sequence[FeatureCache], device: torch.device) -> CachedFeatures:
        """Whatever a network reads. Raises ConfigError if it wants a global vector that the backbone does not make."""
        reader: Any = network
        encoder = backbone_for(reader, caches[0].spec.backbone, device) if reader.wants_global else None
        return cls(caches, reader.stages, encoder)

    def draw(self, photos: Photos, rng: np.random.Generator) -> Load:
        chosen = rng.integers(len(self.caches), size=len(photos))
        return lambda positions: self._load(photos[positions], chosen[positions])

    def plain(self, photos: Photos) -> Features:
        return self._load(photos, np.zeros(len(photos), dtype=np.int64))

    @torch.no_grad()
    def _load(self, photos: Photos, chosen: NDArray[np.integer[Any]]) -> Features:
        needed = self.stages if self.encoder is None else self.encoder.needed(self.stages)
        parts = {i: self.caches[i].load(photos[chosen == i], needed) for i in np.unique(chosen)}
        order = torch.from_numpy(np.argsort(np.argsort(chosen, kind="stable"), kind="stable"))
        joined = {}
        for stage in needed:
            tensors = [loaded[stage] for loaded in parts.values()]
            joined[stage] = tensors[0] if len(tensors) == 1 else torch.cat(tensors)[order]
        if self.encoder is None:
            return Features(joined)
        whole = self.encoder.completed(Features(joined).to(self.encoder.device))
        return Features({name: whole.stages[name] for name in self.stages}, whole.global_vector)


class PhotoPixels:
    """The photos' own pixels, uint8 [B, 3, S, S], read when needed; in training mirrored and cropped by chance."""

    def __init__(self, dataset: PhotoSet, size: int, resize: int, flip: bool, threads: int = 4) -> None:
        self.dataset = dataset
        self.size = size
        self.resize = resize or size
        self.flip = flip
        self._pool = ThreadPoolExecutor(threads)

    def draw(self, photos: Photos, rng: np.random.Generator) -> Load:
        corners = rng.integers(self.resize - self.size + 1, size=(len(photos), 2))
        mirrored = rng.integers(2, size=len(photos)).astype(bool) & self.flip

        def read(position: int) -> NDArray[np.uint8]:
            top, left = corners[position]
            pixels = self._pixels(photos[position], self.resize)[top : top + self.size, left : left + self.size]
            return pixels[:, ::-1] if mirrored[position] else pixels

        return lambda positions: self._stack(read, positions)

    def plain(self, photos: Photos) -> Features:
        return self._stack(lambda photo: self._pixels(photo, self.size), photos)

    def _pixels(self, photo: int, side: int) -> NDArray[np.uint8]:
        return to_network_input(self.dataset.photo(photo), side)[0]

    def _stack(self, read: Callable[[int], NDArray[np.uint8]], items: NDArray[np.integer[Any]]) -> Features:
        pixels = np.stack(list(self._pool.map(read, items)))
        return Features({PIXELS: torch.from_numpy(np.ascontiguousarray(pixels)).permute(0, 3, 1, 2)})
