from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from tests.datasets import layouts
from tests.features.conftest import CountingBackbone, Killed
from tests.tolerances import LITE0, rounding
from zslviz.backbones import Backbone, Features
from zslviz.datasets.reading import load_dataset
from zslviz.errors import ConfigError, DataError, ImageError
from zslviz.features.cache import CacheSpec, build_cache, cache_folder, describe_size, open_cache
from zslviz.photos.loading import load_photo, to_network_input
from zslviz.tasks.attributes.data import ZeroShotDataset

SPEC = CacheSpec("efficientnet_lite0", 64)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> ZeroShotDataset:
    """Sixteen photos, each once more upside down, so that a kill can come after a part is safely on disk."""
    once = load_dataset("cub", layouts.make_cub(tmp_path_factory.mktemp("cub")))
    folder = tmp_path_factory.mktemp("turned")
    turned = tuple(folder / f"{number}.png" for number in range(len(once.files)))
    for file, other in zip(once.files, turned, strict=True):
        Image.open(file).rotate(180).save(other)
    return replace(once, files=once.files + turned, labels=np.tile(once.labels, 2))


def direct(backbone: Backbone, dataset: ZeroShotDataset, index: int, flip: bool = False) -> Features:
    pixels = to_network_input(load_photo(dataset.files[index]), SPEC.size)[0]
    pixels = np.ascontiguousarray(pixels[:, ::-1] if flip else pixels)
    with torch.inference_mode():
        return backbone(torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None])


def rounded_to_half(cached: torch.Tensor, stage: torch.Tensor) -> bool:
    """float16 rounds by at most 2^-11 of a number; a batch adds up in another order than a photo alone."""
    return torch.allclose(cached, stage, rtol=2.0**-11, atol=rounding(float(stage.abs().max()), LITE0))


@pytest.mark.parametrize("flip", [False, True])
def test_cached_features_are_the_backbones_own_in_float16(
    dataset: ZeroShotDataset, backbone: CountingBackbone, tmp_path: Path, flip: bool
) -> None:
    spec = replace(SPEC, flip=flip)
    build_cache(tmp_path, dataset, spec, batch_size=5, backbone=backbone)
    loaded = open_cache(tmp_path, dataset, spec).load(np.array([7, 0, 30]))
    for row, index in enumerate((7, 0, 30)):
        for name, stage in direct(backbone, dataset, index, flip).stages.items():
            assert loaded[name].dtype == torch.float32
            assert rounded_to_half(loaded[name][row], stage[0])


def test_stages_can_be_loaded_alone(dataset: ZeroShotDataset, backbone: CountingBackbone, tmp_path: Path) -> None:
    cache = build_cache(tmp_path, dataset, SPEC, np.arange(2), backbone=backbone)
    assert set(cache.load(np.array([1]), ("c5",))) == {"c5"}
    assert cache.load(np.array([1, 1, 0]))["c5"].shape == (3, 1280, 2, 2)


def test_a_killed_run_goes_on_with_what_is_missing(
    dataset: ZeroShotDataset, backbone: CountingBackbone, tmp_path: Path
) -> None:
    backbone.limit = 25
    with pytest.raises(Killed):
        build_cache(tmp_path, dataset, SPEC, batch_size=1, backbone=backbone)
    done = int(open_cache(tmp_path, dataset, SPEC).done.sum())
    assert 0 < done <= 25
    with pytest.raises(DataError, match="not cached yet"):
        open_cache(tmp_path, dataset, SPEC).load(np.array([31]))
    backbone.limit, backbone.seen = 10**9, 0
    cache = build_cache(tmp_path, dataset, SPEC, batch_size=1, backbone=backbone)
    assert backbone.seen == 32 - done
    assert cache.done.all()
    for index in (0, done - 1, done, 31):
        stage = direct(backbone, dataset, index).stages["c5"]
        assert rounded_to_half(cache.load(np.array([index]))["c5"], stage)


def test_a_finished_cache_is_not_computed_again(
    dataset: ZeroShotDataset, backbone: CountingBackbone, tmp_path: Path
) -> None:
    build_cache(tmp_path, dataset, SPEC, np.arange(10), backbone=backbone)
    build_cache(tmp_path, dataset, SPEC, np.arange(12), backbone=backbone)
    assert backbone.seen == 12


def test_a_cache_that_is_not_there_says_how_to_make_it(dataset: ZeroShotDataset, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="zslviz cache --data cub=DIR --backbone efficientnet_lite0 --size 64 --flip"):
        open_cache(tmp_path, dataset, replace(SPEC, flip=True))


def test_a_damaged_photo_is_named(dataset: ZeroShotDataset, backbone: CountingBackbone, tmp_path: Path) -> None:
    bad = tmp_path / "broken.jpg"
    bad.write_bytes(b"no photo")
    with pytest.raises(ImageError, match=r"broken\.jpg"):
        build_cache(tmp_path, replace(dataset, files=(bad, *dataset.files[1:])), SPEC, backbone=backbone)


def test_a_size_that_no_backbone_takes_is_refused(dataset: ZeroShotDataset, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="multiple of 32"):
        build_cache(tmp_path, dataset, CacheSpec("efficientnet_lite0", 100))


def test_the_size_is_told_before_it_starts_and_is_what_the_files_take(
    dataset: ZeroShotDataset, backbone: CountingBackbone, tmp_path: Path
) -> None:
    build_cache(tmp_path, dataset, SPEC, backbone=backbone)
    folder = cache_folder(tmp_path, "cub", SPEC)
    stages = sum((folder / f"{stage}.npy").stat().st_size for stage in ("c3", "c4", "c5"))
    assert stages == pytest.approx(32 * SPEC.bytes_per_photo(), rel=0.01)
    assert describe_size(dataset, SPEC).startswith("32 photos x ")
    for stage, shape in zip(("c3", "c4", "c5"), SPEC.shapes(), strict=True):
        assert np.load(folder / f"{stage}.npy").shape == (32, *shape)
