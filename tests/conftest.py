"""What tests of several modules share: made class tables, scores and photos. Nothing here needs a data set."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, settings
from PIL import Image

from zslviz.scoring import AttributeScale
from zslviz.semantics import SemanticSpace

ROOT = Path(__file__).resolve().parent.parent

settings.register_profile("zslviz", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("zslviz")


@pytest.fixture(autouse=True)
def _seeded() -> None:
    torch.manual_seed(0)


@pytest.fixture(scope="session")
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def make_space(classes: int = 6, attributes: int = 5, unseen: int = 2, seed: int = 0) -> SemanticSpace:
    """Animals-like table with values 0..1; the last `unseen` classes were not trained on."""
    random = np.random.default_rng(seed)
    return SemanticSpace(
        tuple(f"class+{i}" for i in range(classes)),
        tuple(f"has_color::shade_{i}" for i in range(attributes)),
        ("color",) * attributes,
        random.uniform(0.05, 1.0, (classes, attributes)).astype(np.float32),
        np.arange(classes) < classes - unseen,
        random.normal(size=(attributes, 7)).astype(np.float32),
        name="made",
    )


def make_scale(granularities: int = 3, attributes: int = 5, seed: int = 1) -> AttributeScale:
    random = np.random.default_rng(seed)
    scores = random.normal(0.3, 0.5, (40, granularities, attributes)).astype(np.float32)
    rows = random.uniform(0, 1, (40, attributes)).astype(np.float32)
    return AttributeScale.fit(scores, rows)


@pytest.fixture
def space() -> SemanticSpace:
    return make_space()


@pytest.fixture
def scale() -> AttributeScale:
    return make_scale()


@pytest.fixture
def scores() -> np.ndarray:
    """Raw attribute scores of one photo: three granularities, five attributes."""
    return np.random.default_rng(2).normal(0.3, 0.5, (3, 5)).astype(np.float32)


@pytest.fixture
def photo() -> Image.Image:
    """A smooth 60 x 40 photo without symmetry."""
    y, x = np.mgrid[0:40, 0:60].astype(np.float32)
    channels = np.stack([x / 59, y / 39, (x + y) / 98], axis=-1)
    return Image.fromarray((channels * 255).astype(np.uint8))
