"""Photos as a frozen encoder gives them (`zslviz.backbones.encoder`), encoded whenever they are needed: nothing is cached."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from zslviz.backbones.encoder import Encoder
from zslviz.backbones.features import PIXELS, Features
from zslviz.features.photo_set import PhotoSet
from zslviz.features.sources import Load, PhotoPixels

Photos = NDArray[np.integer[Any]]


class EncodedPhotos:
    """A `Source` of what an encoder makes of photos. stages: of its features. flip: photos are mirrored by chance in training."""

    def __init__(
        self,
        dataset: PhotoSet,
        encoder: Encoder,
        stages: tuple[str, ...],
        device: torch.device,
        flip: bool = False,
    ) -> None:
        self.encoder = encoder
        self.stages = stages
        self.device = device
        self.pixels = PhotoPixels(dataset, encoder.size, resize=0, flip=flip)

    def draw(self, photos: Photos, rng: np.random.Generator) -> Load:
        """Draws a training batch's random choices; the function returned encodes the photos at some positions of the batch."""
        load = self.pixels.draw(photos, rng)
        return lambda positions: self._encode(load(positions))

    def plain(self, photos: Photos) -> Features:
        return self._encode(self.pixels.plain(photos))

    @torch.no_grad()
    def _encode(self, photos: Features) -> Features:
        return self.encoder.encode(photos.stages[PIXELS].to(self.device), self.stages)
