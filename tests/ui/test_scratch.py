"""Files of visitors: never too old, never too many, none left of a server that has ended or was killed."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from zslviz.ui.scratch import Downloads, Uploads, sweep


def file(path: Path, size: int, age: float) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(bytes(size))
    os.utime(path, (time.time() - age,) * 2)
    return path


def test_old_files_go_and_the_oldest_of_too_many_and_folders_that_are_empty(tmp_path: Path) -> None:
    old = file(tmp_path / "a" / "photo.jpg", 10, age=100)
    broken_off = file(tmp_path / "tmpq1w2", 10, age=70)
    large = [file(tmp_path / name / "photo.jpg", 400, age) for name, age in (("b", 30.0), ("c", 20.0), ("d", 10.0))]
    sweep(tmp_path, seconds=60, most=1000)
    assert [path.exists() for path in (old, broken_off, *large)] == [False, False, False, True, True]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["c", "d"]


def test_uploads_have_a_folder_of_their_own_that_goes_with_the_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("GRADIO_TEMP_DIR", "")
    uploads = Uploads(seconds=60)
    assert os.environ["GRADIO_TEMP_DIR"] == str(uploads.folder) and uploads.folder.parent == tmp_path
    old = file(uploads.folder / "a" / "photo.jpg", 10, age=100)
    uploads.sweep()
    assert not old.exists()
    uploads.remove()
    assert not list(tmp_path.iterdir())


def test_a_folder_that_was_named_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    kept = file(tmp_path / "photo.jpg", 10, age=0)
    uploads = Uploads()
    assert uploads.folder == tmp_path
    uploads.remove()
    assert kept.exists()


def test_what_a_killed_server_left_is_removed_by_the_next_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait(20)
    left = file(tmp_path / f"zslviz-downloads-{ended.pid}-abc" / "a" / "map.png", 10, age=0)
    other = file(tmp_path / f"zslviz-downloads-{os.getppid()}-abc" / "map.png", 10, age=0)
    downloads = Downloads()
    assert not left.parent.parent.exists() and other.exists() and downloads.folder.exists()
