"""Caches that are damaged, disks that are full, folders that may not be written to: an answer, never wrong features."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.features.conftest import SPEC, Album, CountingBackbone, draw
from tests.fuzzing import answered, fuzz, mutated
from tests.tolerances import LITE0, rounding
from zslviz.backbones import Backbone, Features
from zslviz.errors import ConfigError, DataError
from zslviz.features import store
from zslviz.features.cache import CacheSpec, build_cache, cache_folder, open_cache
from zslviz.features.filling import filled
from zslviz.features.identity import identify
from zslviz.features.store import _grow, _length

FILES = ("c3.npy", "c4.npy", "c5.npy", "rows.npy", "cache.json")


@pytest.fixture(scope="module")
def album(tmp_path_factory: pytest.TempPathFactory) -> Album:
    return draw(tmp_path_factory.mktemp("album"), "abcdef")


@pytest.fixture(scope="module")
def whole(album: Album, network: Backbone, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache as it should be."""
    root = tmp_path_factory.mktemp("whole")
    build_cache(root, album, SPEC, backbone=network)
    return root


@pytest.fixture
def cache(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "cache"))


def features(root: Path, album: Album) -> dict[str, torch.Tensor]:
    return open_cache(root, album, SPEC).load(np.arange(len(album.files)))


def same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    """But for the rounding of what was computed again, in another batch."""
    return all(
        torch.allclose(one[name], other[name], rtol=2.0**-10, atol=rounding(float(other[name].abs().max()), LITE0))
        for name in one
    )


def _half(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def _noise(file: Path) -> None:
    file.write_bytes(np.random.default_rng(0).bytes(file.stat().st_size))


DAMAGE: dict[str, Callable[[Path], None]] = {
    "gone": Path.unlink,
    "empty": lambda file: file.write_bytes(b""),
    "half": _half,
    "noise": _noise,
    "a little short": lambda file: file.write_bytes(file.read_bytes()[:-1]),
    "a folder": lambda file: (file.unlink(), file.mkdir()),  # type: ignore[func-returns-value, dict-item]
}


@pytest.mark.parametrize("damage", [name for name in DAMAGE if name != "a folder"])
@pytest.mark.parametrize("name", FILES)
def test_a_damaged_file_is_named_and_what_it_held_is_made_again(
    name: str, damage: str, cache: Path, whole: Path, album: Album, backbone: CountingBackbone
) -> None:
    file = cache_folder(cache, "mine", SPEC) / name
    DAMAGE[damage](file)
    if damage != "a little short" or name != "cache.json":
        with pytest.raises(DataError, match=f"{name}|no cached features|not cached yet"):
            features(cache, album)
    said: list[str] = []
    build_cache(cache, album, SPEC, backbone=backbone, tell=said.append)
    assert any(name in line for line in said)
    assert same(features(cache, album), features(whole, album))
    assert backbone.seen <= len(album.files)
    again: list[str] = []
    build_cache(cache, album, SPEC, backbone=backbone, tell=again.append)
    assert again == []


@pytest.mark.parametrize("name", FILES)
def test_a_folder_in_place_of_a_file_is_answered(
    name: str, cache: Path, album: Album, backbone: CountingBackbone
) -> None:
    DAMAGE["a folder"](cache_folder(cache, "mine", SPEC) / name)
    with pytest.raises(DataError, match="folder|directory"):
        build_cache(cache, album, SPEC, backbone=backbone)


def test_what_is_still_there_of_a_file_cut_off_is_not_computed_again(
    cache: Path, album: Album, backbone: CountingBackbone
) -> None:
    _half(cache_folder(cache, "mine", SPEC) / "c5.npy")
    build_cache(cache, album, SPEC, backbone=backbone)
    assert 0 < backbone.seen < len(album.files)


@pytest.mark.parametrize("stage", [0, 1, 2])
def test_features_that_are_not_what_was_written_are_never_given(
    stage: int, cache: Path, whole: Path, album: Album, backbone: CountingBackbone
) -> None:
    """A byte that changed on the disk: the file's size and head are right."""
    file = cache_folder(cache, "mine", SPEC) / f"c{stage + 3}.npy"
    content = bytearray(file.read_bytes())
    content[-5] ^= 64
    file.write_bytes(content)
    with pytest.raises(DataError, match=rf"c{stage + 3}\.npy' is damaged: features of 1 photos"):
        features(cache, album)
    with pytest.raises(DataError, match="not cached yet"):
        features(cache, album)
    build_cache(cache, album, SPEC, backbone=backbone)
    assert backbone.seen == 1
    assert same(features(cache, album), features(whole, album))


def test_a_folder_that_tells_of_other_features_is_refused(
    cache: Path, album: Album, backbone: CountingBackbone
) -> None:
    about = cache_folder(cache, "mine", SPEC) / "cache.json"
    about.write_text(json.dumps({**json.loads(about.read_text()), "backbone": "resnet50"}))
    for use in (open_cache, lambda *a: build_cache(*a, backbone=backbone)):
        with pytest.raises(DataError, match="remove the folder"):
            use(cache, album, SPEC)
    assert (about.parent / "c5.npy").is_file()


class Pixels(torch.nn.Module):
    """Features that are the photo's own pixels, over and over: quick, and the same in every batch."""

    def forward(self, pixels: torch.Tensor) -> Features:
        flat = pixels.flatten(1).float()
        stages = {}
        for name, (height, width, channels) in zip(("c3", "c4", "c5"), SPEC.shapes(), strict=True):
            size = height * width * channels
            stages[name] = flat.repeat(1, -(-size // flat.shape[1]))[:, :size].reshape(-1, channels, height, width)
        return Features(stages)


@pytest.fixture(scope="module")
def pixels(album: Album, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("pixels")
    build_cache(root, album, SPEC, backbone=Pixels())  # type: ignore[arg-type]
    return root


@fuzz(quick=60)
@given(st.sampled_from(FILES), st.data())
def test_any_damage_gives_the_right_features_or_one_sentence(
    tmp_path_factory: pytest.TempPathFactory,
    pixels: Path,
    album: Album,
    name: str,
    data: st.DataObject,
) -> None:
    root = Path(shutil.copytree(pixels, tmp_path_factory.mktemp("damaged") / "cache"))
    try:
        file = cache_folder(root, "mine", SPEC) / name
        file.write_bytes(data.draw(mutated(file.read_bytes())))
        right = features(pixels, album)
        for mended in (False, True):
            with answered(DataError):
                if mended:
                    build_cache(root, album, SPEC, backbone=Pixels(), tell=lambda line: None)  # type: ignore[arg-type]
                read = features(root, album)
                assert all(torch.equal(read[stage], right[stage]) for stage in right)
    finally:
        shutil.rmtree(root)


# -- disks and rights ---------------------------------------------------------------------------------------------------------


def test_a_disk_without_room_is_told_before_anything_is_computed(
    tmp_path: Path, album: Album, backbone: CountingBackbone, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)
    needed = 6 * SPEC.bytes_per_photo()
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage._replace(free=needed - 1))
    wanted = [(SPEC, np.arange(6))]
    for use in (
        lambda: build_cache(tmp_path, album, SPEC, backbone=backbone),
        lambda: filled(tmp_path, album, wanted, identify(album, tmp_path), "cpu", print, decode=True),
    ):
        with pytest.raises(DataError, match=r"features of 6 photos need 0\.\d+ MB, but only 0\.\d+ MB are free"):
            use()
    assert backbone.seen == 0
    assert not list(tmp_path.rglob("c5.npy"))


def test_room_is_needed_for_all_features_of_a_training_together(
    tmp_path: Path, album: Album, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage, one = shutil.disk_usage(tmp_path), 6 * SPEC.bytes_per_photo()
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage._replace(free=int(1.5 * one)))
    wanted = [(SPEC, np.arange(6)), (CacheSpec(SPEC.backbone, SPEC.size, flip=True), np.arange(6))]
    with pytest.raises(DataError, match="make room"):
        filled(tmp_path, album, wanted, identify(album, tmp_path), "cpu", print, decode=False)
    assert not list(tmp_path.rglob("c5.npy"))


def test_a_disk_that_fills_up_while_room_is_taken_leaves_the_cache_whole(
    cache: Path, whole: Path, album: Album, backbone: CountingBackbone, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    more = Album(album.files + draw(tmp_path / "more", "xyz").files)
    reserve = store._reserve

    def full(stream: object, size: int) -> None:
        if str(stream.name).endswith("c5.npy"):  # type: ignore[attr-defined]
            raise OSError(28, "No space left on device")
        reserve(stream, size)  # type: ignore[arg-type]

    monkeypatch.setattr(store, "_reserve", full)
    with pytest.raises(DataError, match=r"c5\.npy' cannot be written \(the disk is full\)"):
        build_cache(cache, more, SPEC, backbone=backbone)
    assert same(features(cache, album), features(whole, album))
    monkeypatch.undo()
    assert build_cache(cache, more, SPEC, backbone=backbone).done.all()
    assert backbone.seen == 3
    assert same(features(cache, album), features(whole, album))


LIMITED = """
import resource, sys
import numpy as np, torch
from tests.features.conftest import Album, SPEC
from zslviz.backbones import build_backbone
from zslviz.errors import DataError
from zslviz.features.cache import build_cache
from pathlib import Path

resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, resource.RLIM_INFINITY))
files = tuple(sorted(Path(sys.argv[1]).glob("*.png"))) * 20
backbone = build_backbone("efficientnet_lite0", weights=None).eval()
try:
    build_cache(Path(sys.argv[2]), Album(files), type(SPEC)(SPEC.backbone, 224), backbone=backbone)
except DataError as error:
    print(error)
    sys.exit(2)
"""


def test_a_limit_on_the_size_of_files_is_a_sentence_and_no_crash(album: Album, tmp_path: Path) -> None:
    pytest.importorskip("resource")
    command = [sys.executable, "-c", LIMITED, str(album.files[0].parent), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 2, done.stderr
    assert "cannot be written (file too large)" in done.stdout


def test_a_folder_that_may_not_be_written_to_is_told_before_anything_is_computed(
    tmp_path: Path, album: Album, backbone: CountingBackbone
) -> None:
    (tmp_path / "mine").write_text("a file where the folder would be")
    with pytest.raises((DataError, ConfigError), match="cannot be made"):
        build_cache(tmp_path, album, SPEC, backbone=backbone)
    with pytest.raises((DataError, ConfigError), match="cannot be made"):
        filled(tmp_path, album, [(SPEC, np.arange(6))], identify(album, tmp_path), "cpu", print, decode=False)
    assert backbone.seen == 0


def test_reserved_room_is_on_the_disk(cache: Path) -> None:
    """A hole in a file would be filled when it is written to, and end the process if the disk is full then."""
    for name in ("c3.npy", "c4.npy", "c5.npy"):
        status = (cache_folder(cache, "mine", SPEC) / name).stat()
        assert status.st_blocks * 512 >= status.st_size


def test_a_pipe_among_the_files_of_features_is_taken_away_and_not_waited_for(tmp_path):
    pipe, kind = tmp_path / "c3.npy", np.dtype(np.float16)
    os.mkfifo(pipe)
    assert _length(pipe, kind, (2,)) == (0, "is not a file")
    _grow(pipe, kind, (2,), keep=0, count=3)
    assert _length(pipe, kind, (2,)) == (3, "")
