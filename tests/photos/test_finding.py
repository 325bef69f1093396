"""One rule for what is a photo: by content, the same as what can be decoded, and nothing left out without a word."""

from __future__ import annotations

import io
import os
import re
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, features

from zslviz.errors import ConfigError, DataError, ImageError
from zslviz.photos.finding import FoundPhotos, find_photos
from zslviz.photos.formats import FORMATS, format_of, readable_formats, why_not
from zslviz.photos.loading import load_photo

PICTURE = Image.linear_gradient("L").resize((24, 16)).convert("RGB")


def encoded(kind: str) -> bytes:
    stream = io.BytesIO()
    PICTURE.save(stream, kind)
    return stream.getvalue()


WRITTEN = {kind: encoded(kind) for kind in FORMATS if kind in readable_formats() and kind in Image.SAVE}
HEIC = b"\0\0\0\x1cftypheic\0\0\0\0mif1heicmiaf" + bytes(40)


def put(folder: Path, name: str, data: bytes = WRITTEN["JPEG"]) -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    return file


def names(found: FoundPhotos) -> list[str]:
    return [str(photo.relative_to(found.folder)) for photo in found.photos]


def reasons(found: FoundPhotos) -> dict[str, str]:
    return {str(one.path.relative_to(found.folder)): one.why for one in found.left_out}


def test_content_says_what_a_photo_is_and_the_name_does_not(tmp_path: Path) -> None:
    for kind, data in WRITTEN.items():
        put(tmp_path, f"{kind} without a suffix", data)
    for name in ("a.jfif", "b.JPG", "c.png", "d.txt", "deep/er/than/that/e.jpeg"):
        put(tmp_path, name)
    for name, data in (
        ("page.jpg", b"<html>404</html>"),
        ("empty.png", b""),
        ("BMW.txt", b"BMW, Audi"),
        ("x.eps", b"%!PS-Adobe"),
    ):
        put(tmp_path, name, data)
    found = find_photos(tmp_path)
    expected = [
        *(f"{kind} without a suffix" for kind in WRITTEN),
        "a.jfif",
        "b.JPG",
        "c.png",
        "d.txt",
        "deep/er/than/that/e.jpeg",
    ]
    assert names(found) == sorted(expected)
    assert set(reasons(found)) == {"page.jpg", "empty.png", "BMW.txt", "x.eps"}
    assert reasons(found)["empty.png"] == "empty"


def test_photos_come_in_the_order_of_their_paths(tmp_path: Path) -> None:
    for name in ("b.jpg", "a/z.jpg", "a b.jpg", "a/b.jpg", "A.jpg"):
        put(tmp_path, name)
    assert list(find_photos(tmp_path).photos) == sorted(tmp_path.rglob("*.jpg"))


@pytest.mark.skipif("HEIF" in readable_formats(), reason="there is a decoder")
def test_a_heic_picture_without_a_decoder_is_named_as_one(tmp_path: Path) -> None:
    put(tmp_path, "phone.HEIC", HEIC)
    put(tmp_path, "renamed.jpg", HEIC)
    found = find_photos(tmp_path)
    assert not found.photos
    for one in found.left_out:
        assert "HEIC picture, as iPhones take them, for which no decoder is installed" in one.why
        with pytest.raises(
            ImageError, match="for which no decoder is installed .*; share or export it from the phone as JPEG.$"
        ):
            load_photo(one.path)


@pytest.mark.skipif(not features.check("avif"), reason="Pillow has no AVIF here")
def test_an_avif_picture_is_told_from_a_heic_one_by_its_brands() -> None:
    assert format_of(b"\0\0\0\x1cftypmif1\0\0\0\0miafavif" + bytes(40)) == "AVIF"
    assert format_of(HEIC) == "HEIF"
    assert format_of(b"\0\0\0\x18ftypmp42\0\0\0\0isommp42" + bytes(40)) is None
    assert why_not(WRITTEN["AVIF"][:64]) == ""


def test_what_systems_leave_behind_is_not_even_counted_and_what_is_hidden_is(tmp_path: Path) -> None:
    for name in ("._cat.jpg", ".DS_Store", "Thumbs.db", "desktop.ini", "__MACOSX/cat.jpg", "@eaDir/cat.jpg"):
        put(tmp_path, name)
    put(tmp_path, "cat.jpg")
    assert find_photos(tmp_path).summary == ""
    put(tmp_path, ".trash/old.jpg")
    put(tmp_path, ".secret.jpg")
    found = find_photos(tmp_path)
    assert names(found) == ["cat.jpg"]
    assert reasons(found) == {".trash": "hidden", ".secret.jpg": "hidden"}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_links_are_followed_once_and_pipes_are_not_waited_for(tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    put(folder, "real/cat.jpg")
    put(tmp_path / "elsewhere", "dog.jpg")
    (folder / "a link").symlink_to(tmp_path / "elsewhere")
    (folder / "real" / "up").symlink_to(folder)
    (folder / "again").symlink_to(folder / "real")
    (folder / "circle").symlink_to(folder / "circle")
    (folder / "gone.jpg").symlink_to(folder / "missing.jpg")
    os.mkfifo(folder / "pipe.jpg")
    found = find_photos(folder)
    assert names(found) == ["a link/dog.jpg", "real/cat.jpg"]
    left = reasons(found)
    assert set(left) == {"real/up", "again", "circle", "gone.jpg", "pipe.jpg"}
    assert left["again"] == left["real/up"]
    assert left["pipe.jpg"] == "not a file"


def test_many_links_between_folders_end(tmp_path: Path) -> None:
    for i in range(12):
        put(tmp_path, f"f{i}/{i}.jpg")
    for i in range(12):
        for j in range(12):
            (tmp_path / f"f{i}" / f"to {j}").symlink_to(tmp_path / f"f{j}")
    found = find_photos(tmp_path)
    assert names(found) == sorted(f"f{i}/{i}.jpg" for i in range(12))
    assert len(found.left_out) == 144


@pytest.mark.skipif(sys.platform != "linux", reason="file names are text here")
def test_names_that_are_no_text_are_kept_and_can_be_told(tmp_path: Path) -> None:
    put(tmp_path, os.fsdecode(b"caf\xe9.jpg"))
    put(tmp_path, os.fsdecode(b"no\xff.txt"), b"text")
    put(tmp_path, "two\nlines.txt", b"text")
    found = find_photos(tmp_path)
    assert os.fsencode(found.photos[0].name) == b"caf\xe9.jpg"
    assert load_photo(found.photos[0]).size == PICTURE.size
    found.summary.encode("utf-8")
    assert "\n" not in found.summary


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="nothing is unreadable for this user")
def test_what_may_not_be_read_is_named_as_such(tmp_path: Path) -> None:
    put(tmp_path, "locked.jpg").chmod(0)
    put(tmp_path, "folder/cat.jpg").parent.chmod(0)
    try:
        found = find_photos(tmp_path)
        assert not found.photos
        assert {one.path.name for one in found.left_out if one.unreadable} == {"locked.jpg", "folder"}
        with pytest.raises(ConfigError, match="cannot be read"):
            find_photos(tmp_path / "folder", ConfigError)
    finally:
        (tmp_path / "folder").chmod(0o700)


def test_what_the_system_refuses_to_open_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "a.jpg")
    put(tmp_path, "locked.jpg")
    put(tmp_path, "folder/cat.jpg")
    open_, scandir = os.open, os.scandir

    def refusing(path: Path, *rest: int) -> int:
        if Path(path).name == "locked.jpg":
            raise PermissionError(13, "Permission denied")
        return open_(path, *rest)

    def refusing_folders(path: Path) -> object:
        if Path(path).name == "folder":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "open", refusing)
    monkeypatch.setattr(os, "scandir", refusing_folders)
    found = find_photos(tmp_path)
    assert names(found) == ["a.jpg"]
    assert {one.path.name: one.unreadable for one in found.left_out} == {"locked.jpg": True, "folder": True}
    assert set(reasons(found).values()) == {"cannot be read (permission denied)"}


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="does not exist"):
        find_photos(tmp_path / "missing")
    with pytest.raises(ConfigError, match="is a file"):
        find_photos(put(tmp_path, "a.jpg"), ConfigError)


def test_the_summary_counts_and_names_what_was_left_out(tmp_path: Path) -> None:
    put(tmp_path, "a.jpg")
    for number in range(5):
        put(tmp_path, f"note {number}.txt", b"text")
    put(tmp_path, "sub/empty.jpg", b"")
    summary = find_photos(tmp_path).summary
    assert summary.startswith(f"6 were left out of '{tmp_path}' beside 1 photo (")
    assert "'note 0.txt', 'note 1.txt', 'note 2.txt' and 2 more: not a picture that can be read" in summary
    assert re.search(r"'sub.empty\.jpg': empty", summary)


@given(
    st.sampled_from(sorted(WRITTEN)),
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 255)), max_size=4),
    st.integers(0, 900),
)
def test_what_is_left_out_cannot_be_decoded(
    tmp_path_factory: pytest.TempPathFactory, kind: str, flips: list, keep: int
) -> None:
    """Whatever a file holds: what `load_photo` takes is found, under any name."""
    data = bytearray(WRITTEN[kind])
    for at, value in flips:
        data[at % len(data)] = value
    folder = tmp_path_factory.mktemp("found")
    put(folder, "a.jpg", bytes(data[:keep] if keep % 2 else data))
    put(folder, "a.txt", bytes(data[:keep] if keep % 2 else data))
    found = find_photos(folder)
    for one in found.left_out:
        with pytest.raises(ImageError):
            load_photo(one.path)
