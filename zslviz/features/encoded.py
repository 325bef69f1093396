"""Photos as a frozen encoder gives them (`zslviz.backbones.encoder`), encoded whenever they are needed: nothing is cached."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from zslviz.backbones.encoder import EncodedImage, Encoder
from zslviz.features.photo_set import PhotoSet
from zslviz.features.sources import PhotoPixels

Photos = NDArray[np.integer[Any]]


class EncodedPhotos:
    """A `Source` of `EncodedImage`s. flip: photos are mirrored by chance in training."""

    def __init__(self, dataset: PhotoSet, encoder: Encoder, device: torch.device, flip: bool = False) -> None:
        self.encoder = encoder
        self.device = device
        self.pixels = PhotoPixels(dataset, encoder.size, resize=0, flip=flip)

    def draw(self, photos: Photos, rng: np.random.Generator) -> Callable[[Photos], EncodedImage]:
        """Draws a training batch's random choices; the function returned encodes the photos at some positions of the batch."""
        load = self.pixels.draw(photos, rng)
        return lambda positions: self._encode(load(positions))  # type: ignore[arg-type]

    def plain(self, photos: Photos) -> EncodedImage:
        return self._encode(self.pixels.plain(photos))

    @torch.no_grad()
    def _encode(self, pixels: Tensor) -> EncodedImage:
        return self.encoder.encode(pixels.to(self.device))
