"""A cache knows its photos by content: whatever they are called, wherever they lie, whichever others there are."""

from __future__ import annotations

import json
import os
import shutil
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from tests.features.conftest import SPEC, Album, CountingBackbone, draw
from zslviz.backbones import Backbone, Features
from zslviz.errors import DataError, ImageError
from zslviz.features import identity
from zslviz.features.cache import build_cache, cache_folder, open_cache
from zslviz.features.filling import filled
from zslviz.features.identity import identify
from zslviz.photos.loading import to_network_input


def build(root: Path, album: Album, backbone: CountingBackbone) -> int:
    """Fills the cache and tells how many photos were computed; what it gives are the features of these photos."""
    before = backbone.seen
    build_cache(root, album, SPEC, backbone=backbone)
    check(root, album, backbone)
    return backbone.seen - before


def check(root: Path, album: Album, backbone: CountingBackbone) -> None:
    seen, read = backbone.seen, open_cache(root, album, SPEC).load(np.arange(len(album.files)))["c5"]
    pixels = np.stack([to_network_input(album.photo(i), SPEC.size)[0] for i in range(len(album.files))])
    with torch.inference_mode():
        expected = backbone(torch.from_numpy(pixels).permute(0, 3, 1, 2)).stages["c5"]
    backbone.seen = seen
    nearest = torch.cdist(read.flatten(1), expected.flatten(1)).argmin(1)
    assert nearest.tolist() == list(range(len(album.files)))


@pytest.fixture(autouse=True)
def _settled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity, "_SETTLED", 0)


def test_photos_replaced_under_the_same_names_are_computed_anew(tmp_path: Path, backbone: CountingBackbone) -> None:
    album = draw(tmp_path / "photos", "abcd")
    assert build(tmp_path / "cache", album, backbone) == 4
    draw(tmp_path / "photos", "bc", seed=1)
    assert build(tmp_path / "cache", album, backbone) == 2


def test_a_photo_replaced_with_its_size_and_time_kept_is_computed_anew(
    tmp_path: Path, backbone: CountingBackbone
) -> None:
    album = draw(tmp_path / "photos", "ab")
    for file in album.files:
        Image.open(file).save(file.with_suffix(".bmp"))
    album = Album(tuple(file.with_suffix(".bmp") for file in album.files))
    assert build(tmp_path / "cache", album, backbone) == 2
    before = album.files[0].stat()
    album.files[0].write_bytes(album.files[0].read_bytes()[:-600] + bytes(600))
    os.utime(album.files[0], ns=(before.st_atime_ns, before.st_mtime_ns))
    assert album.files[0].stat().st_mtime_ns == before.st_mtime_ns
    assert build(tmp_path / "cache", album, backbone) == 1


def test_two_folders_of_one_name_do_not_share_features(tmp_path: Path, backbone: CountingBackbone) -> None:
    one, other = draw(tmp_path / "one" / "x", "abc"), draw(tmp_path / "other" / "x", "abc", seed=1)
    assert build(tmp_path / "cache", one, backbone) == 3
    assert build(tmp_path / "cache", other, backbone) == 3
    assert build(tmp_path / "cache", one, backbone) == 0


def test_photos_that_are_added_are_computed_and_only_they(tmp_path: Path, backbone: CountingBackbone) -> None:
    cache = tmp_path / "cache"
    assert build(cache, draw(tmp_path / "photos", "bdf"), backbone) == 3
    assert build(cache, draw(tmp_path / "photos", "abcdefg"), backbone) == 4
    assert build(cache, draw(tmp_path / "photos", "gea"), backbone) == 0


def test_photos_that_move_or_get_other_names_are_found(tmp_path: Path, backbone: CountingBackbone) -> None:
    album = draw(tmp_path / "photos", "abc")
    assert build(tmp_path / "cache", album, backbone) == 3
    shutil.move(tmp_path / "photos", tmp_path / "moved")
    files = [tmp_path / "moved" / f"{letter}.png" for letter in "cab"]
    renamed = [file.rename(file.with_name(f"new name {number}.jpg")) for number, file in enumerate(files)]
    assert build(tmp_path / "cache", Album(tuple(renamed)), backbone) == 0


def test_photos_that_are_alike_are_computed_once(tmp_path: Path, backbone: CountingBackbone) -> None:
    album = draw(tmp_path / "photos", "ab")
    twice = Album(album.files * 3)
    build_cache(tmp_path / "cache", twice, SPEC, backbone=backbone)
    assert backbone.seen == 2
    loaded = open_cache(tmp_path / "cache", twice, SPEC).load(np.arange(6))["c5"]
    assert torch.equal(loaded[:2], loaded[4:])


def test_an_unchanged_photo_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    album = draw(tmp_path / "photos", "abc")
    first = identify(album, tmp_path)
    draw(tmp_path / "photos", "b", seed=1)
    read = []
    monkeypatch.setattr(identity, "read_bytes", lambda file, *rest: read.append(file.name) or file.read_bytes())
    second = identify(album, tmp_path)
    assert read == ["b.png"]
    assert (first.digests == second.digests).all(axis=1).tolist() == [True, False, True]
    identify(Album(album.files[:1]), tmp_path)  # forgets nothing of the others
    identify(album, tmp_path)
    assert read == ["b.png"]


def test_a_photo_that_changed_just_now_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file may change again within one tick of the file system's clock, and look the same."""
    monkeypatch.setattr(identity, "_SETTLED", 10**10)
    identify(draw(tmp_path / "photos", "abc"), tmp_path)
    assert not (tmp_path / "mine" / "photos.json").exists()


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b'{"x": 3}', b'{"x": [1, 2, 3, 4, "zz"]}', b"\xff\xfe", b"[" * 10**5]
)
def test_damaged_notes_are_made_again(tmp_path: Path, content: bytes) -> None:
    album = draw(tmp_path / "photos", "ab")
    digests = identify(album, tmp_path).digests
    notes = tmp_path / "mine" / "photos.json"
    notes.write_bytes(content)
    assert (identify(album, tmp_path).digests == digests).all()
    assert len(json.loads(notes.read_text())) == 2


def test_a_photo_that_changes_while_features_are_computed_is_told(tmp_path: Path, backbone: CountingBackbone) -> None:
    album = draw(tmp_path / "photos", "abc")
    known = identify(album, tmp_path)
    draw(tmp_path / "photos", "c", seed=1)
    with pytest.raises(DataError, match=r"c\.png' was changed while"):
        build_cache(tmp_path, album, SPEC, backbone=backbone, photos=known)
    check_again = build_cache(tmp_path, album, SPEC, backbone=backbone)
    assert check_again.done.all()


def test_a_photo_that_cannot_be_read_is_named_before_any_is_computed(
    tmp_path: Path, backbone: CountingBackbone
) -> None:
    album = draw(tmp_path / "photos", "abc")
    album.files[2].unlink()
    with pytest.raises(ImageError, match=r"c\.png' does not exist"):
        build_cache(tmp_path, album, SPEC, backbone=backbone)
    with pytest.raises(ImageError, match=r"c\.png' does not exist"):
        filled(tmp_path, album, [(SPEC, np.arange(3))], identify(album, tmp_path), "cpu", print, decode=False)
    assert backbone.seen == 0
    assert build_cache(tmp_path, album, SPEC, np.arange(2), backbone=backbone).done.tolist() == [True, True, False]


def test_a_cache_that_knew_photos_by_name_is_not_believed(tmp_path: Path, backbone: CountingBackbone) -> None:
    """Whether its features are of these photos cannot be told, so that they are computed again, and this is said."""
    album, folder = draw(tmp_path / "photos", "ab"), cache_folder(tmp_path, "mine", SPEC)
    folder.mkdir(parents=True)
    for stage, shape in zip(("c3", "c4", "c5"), SPEC.shapes(), strict=True):
        np.save(folder / f"{stage}.npy", np.zeros((2, *shape), np.float16))
    np.save(folder / "done.npy", np.ones(2, bool))
    (folder / "cache.json").write_text(json.dumps({"photos": "0" * 64, "count": 2, **SPEC.__dict__}))
    with pytest.raises(DataError, match="earlier version.*zslviz cache --data mine=DIR"):
        open_cache(tmp_path, album, SPEC)
    said: list[str] = []
    build_cache(tmp_path, album, SPEC, backbone=backbone, tell=said.append)
    assert backbone.seen == 2
    assert "earlier version" in said[0]
    assert not (folder / "done.npy").exists()
    check(tmp_path, album, backbone)


def test_two_commands_on_one_cache_do_not_disturb_each_other(
    tmp_path: Path, network: Backbone, backbone: CountingBackbone
) -> None:
    folder, cache = tmp_path / "photos", tmp_path / "cache"
    album = draw(folder, "abcdefghijkl")
    said: list[str] = []
    ready = threading.Barrier(2)

    class Slow(CountingBackbone):
        def forward(self, pixels: torch.Tensor) -> Features:
            time.sleep(0.2)
            return super().forward(pixels)

    def fill(names: str) -> int:
        mine = Slow(network.spec, network.network).eval()
        part = Album(tuple(folder / f"{letter}.png" for letter in names))
        ready.wait(60)
        build_cache(cache, part, SPEC, batch_size=1, backbone=mine, tell=said.append)
        return mine.seen

    with ThreadPoolExecutor(2) as pool:
        computed = list(pool.map(fill, ("abcdefgh", "lkjihgfe")))
    assert sorted(computed) == [4, 8]
    assert [line.startswith("Another process is filling") for line in said] == [True]
    assert build(cache, album, backbone) == 0
    assert len(np.load(cache_folder(cache, "mine", SPEC) / "rows.npy")) == 12


def test_opening_a_large_unchanged_cache_takes_no_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By their notes: little work a photo, however large it is."""
    folder = tmp_path / "photos"
    folder.mkdir()
    files = tuple(folder / f"{number}.jpg" for number in range(3_000))
    for number, file in enumerate(files):
        file.write_bytes(b"%d" % number)
    identify(Album(files), tmp_path)
    monkeypatch.setattr(identity, "read_bytes", lambda *rest: pytest.fail("a photo was read"))
    started = time.process_time()
    assert identify(Album(files), tmp_path).digests.any(axis=1).all()
    assert time.process_time() - started < 0.75
