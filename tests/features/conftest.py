"""A small backbone with random weights that counts what it sees, and photos that can be changed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from zslviz.backbones import Backbone, Features, build_backbone
from zslviz.features.cache import CacheSpec
from zslviz.photos.loading import load_photo

SPEC = CacheSpec("efficientnet_lite0", 32)


class Killed(Exception):
    pass


class CountingBackbone(Backbone):
    """Counts the photos it sees, and is killed after a number of them."""

    seen = 0
    limit = 10**9

    def forward(self, pixels: torch.Tensor) -> Features:
        if self.seen + len(pixels) > self.limit:
            raise Killed
        self.seen += len(pixels)
        return super().forward(pixels)


@pytest.fixture(scope="session")
def network() -> Backbone:
    torch.manual_seed(0)
    return build_backbone("efficientnet_lite0", weights=None)


@pytest.fixture
def backbone(network: Backbone) -> CountingBackbone:
    return CountingBackbone(network.spec, network.network).eval()


@dataclass(frozen=True)
class Album:
    """Photos of a folder, in an order."""

    files: tuple[Path, ...]
    name: str = "mine"

    def photo(self, index: int) -> Image.Image:
        return load_photo(self.files[index])


def draw(folder: Path, names: str, seed: int = 0) -> Album:
    """A small photo a letter; letters and seed say what it shows."""
    folder.mkdir(parents=True, exist_ok=True)
    for letter in names:
        pixels = np.random.default_rng([seed, ord(letter)]).integers(0, 256, (12, 12, 3), dtype=np.uint8)
        Image.fromarray(pixels).resize((24, 20)).save(folder / f"{letter}.png")
    return Album(tuple(folder / f"{letter}.png" for letter in names))
