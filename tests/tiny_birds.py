"""A tiny set of birds and its features, which several modules train on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.datasets import layouts
from zslviz.datasets.reading import load_dataset
from zslviz.features.cache import CacheSpec, build_cache
from zslviz.tasks.attributes.data import ZeroShotDataset


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = layouts.make_cub(tmp_path_factory.mktemp("cub"))
    np.save(folder / "attribute_word_vectors.npy", np.random.default_rng(0).normal(size=(3, 8)).astype(np.float32))
    return folder


@pytest.fixture(scope="session")
def dataset(folder: Path) -> ZeroShotDataset:
    return load_dataset("cub", folder)


@pytest.fixture(scope="session")
def cache_root(dataset: ZeroShotDataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Features of EfficientNet-Lite0 at 64 px, of the mirrored training photos too."""
    root = tmp_path_factory.mktemp("features")
    for flip in (False, True):
        spec = CacheSpec("efficientnet_lite0", 64, flip)
        build_cache(root, dataset, spec, dataset.trainval if flip else None)
    return root
