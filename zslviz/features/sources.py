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
from torch import Tensor

from zslviz.backbones import Pyramid
from zslviz.features.cache import STAGES, FeatureCache
from zslviz.features.photo_set import PhotoSet
from zslviz.photos.loading import to_network_input

Photos = NDArray[np.integer[Any]]
Inputs = Pyramid | Tensor
Load = Callable[[NDArray[np.integer[Any]]], Inputs]


class Source(Protocol):
    """Photos by index as a network's input."""

    def draw(self, photos: Photos, rng: np.random.Generator) -> Load:
        """Draws a training batch's random choices; the function returned loads the photos at some positions of the batch."""

    def plain(self, photos: Photos) -> Inputs:
        """Photos as they are, for measuring."""


class CachedFeatures:
    """A pyramid from feature caches; in training every photo comes from one of them (as it is or mirrored) by chance."""

    def __init__(self, caches: Sequence[FeatureCache], stages: tuple[str, ...]) -> None:
        self.caches = caches
        self.stages = stages

    def draw(self, photos: Photos, rng: np.random.Generator) -> Load:
        chosen = rng.integers(len(self.caches), size=len(photos))
        return lambda positions: self._load(photos[positions], chosen[positions])

    def plain(self, photos: Photos) -> Pyramid:
        return self._load(photos, np.zeros(len(photos), dtype=np.int64))

    def _load(self, photos: Photos, chosen: NDArray[np.integer[Any]]) -> Pyramid:
        parts = {i: self.caches[i].load(photos[chosen == i], self.stages) for i in np.unique(chosen)}
        order = torch.from_numpy(np.argsort(np.argsort(chosen, kind="stable"), kind="stable"))
        joined = {}
        for stage in self.stages:
            tensors = [loaded[stage] for loaded in parts.values()]
            joined[stage] = tensors[0] if len(tensors) == 1 else torch.cat(tensors)[order]
        return Pyramid(*(joined.get(stage) for stage in STAGES))  # type: ignore[arg-type]


class PhotoPixels:
    """uint8 pixels [B, 3, S, S] of the photos, read when needed; in training mirrored and cropped by chance."""

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

    def plain(self, photos: Photos) -> Tensor:
        return self._stack(lambda photo: self._pixels(photo, self.size), photos)

    def _pixels(self, photo: int, side: int) -> NDArray[np.uint8]:
        return to_network_input(self.dataset.photo(photo), side)[0]

    def _stack(self, read: Callable[[int], NDArray[np.uint8]], items: NDArray[np.integer[Any]]) -> Tensor:
        pixels = np.stack(list(self._pool.map(read, items)))
        return torch.from_numpy(np.ascontiguousarray(pixels)).permute(0, 3, 1, 2)


def to_device(inputs: Inputs, device: torch.device) -> Inputs:
    """A network's input on another device."""
    if isinstance(inputs, Tensor):
        return inputs.to(device)
    return Pyramid(*(None if stage is None else stage.to(device) for stage in inputs))  # type: ignore[arg-type]
