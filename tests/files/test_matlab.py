"""MATLAB files: what SciPy writes is read as SciPy reads it, and a damaged file is a sentence."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.io import loadmat, savemat

from tests.fuzzing import NOT_FILES, answered, fuzz, mutated, not_file, odd_files
from zslviz.errors import DataError
from zslviz.files.matlab import read_mat

FILES = np.empty((3, 1), dtype=object)
FILES[:, 0] = ["a/1.jpg", "bé/2.jpg", "longer name/3.jpg"]
VALUES: dict[str, Any] = {
    "features": np.random.default_rng(0).normal(size=(4, 3)),
    "labels": np.array([[1], [2], [3]], dtype=np.uint8),
    "single": np.float32([[0.5, 0.25]]),
    "loc": np.arange(1, 7, dtype=float)[:, None],
    "negative": np.array([[-3, 70000]], dtype=np.int32),
    "three": np.arange(24, dtype=np.int16).reshape(2, 3, 4),
    "image_files": FILES,
    "text": "one text",
    "empty": np.zeros((0, 3)),
}


def written(compressed: bool, **values: Any) -> bytes:
    out = io.BytesIO()
    savemat(out, values or VALUES, do_compression=compressed)
    return out.getvalue()


@pytest.mark.parametrize("compressed", [False, True])
def test_arrays_texts_and_cells_are_read_as_scipy_reads_them(compressed: bool, tmp_path: Path) -> None:
    path = tmp_path / "some.mat"
    path.write_bytes(written(compressed))
    read, expected = read_mat(path, list(VALUES)), loadmat(path)
    for name in set(VALUES) - {"image_files", "text"}:
        array = read[name]
        assert isinstance(array, np.ndarray)
        assert array.shape == expected[name].shape
        np.testing.assert_array_equal(array, expected[name])
    assert read["image_files"] == ["a/1.jpg", "bé/2.jpg", "longer name/3.jpg"]
    assert read["text"] == "one text"
    assert list(read_mat(path, ["loc"], optional=["labels", "nothing"])) == ["loc", "labels"]


def test_files_of_the_other_byte_order_are_read(tmp_path: Path) -> None:
    """Written by hand: nothing here writes them."""
    name, values = b"loc", np.array([1, 300], dtype=">f8")
    tag = lambda kind, data: np.array([kind, len(data)], dtype=">u4").tobytes() + data + bytes(-len(data) % 8)  # noqa: E731
    body = tag(6, np.array([6, 0], dtype=">u4").tobytes()) + tag(5, np.array([1, 2], dtype=">i4").tobytes())
    body += tag(1, name) + tag(9, values.tobytes())
    head = b"MATLAB 5.0 MAT-file".ljust(124) + b"\x01\x00" + b"MI"
    (tmp_path / "big.mat").write_bytes(head + np.array([14, len(body)], dtype=">u4").tobytes() + body)
    np.testing.assert_array_equal(read_mat(tmp_path / "big.mat", ["loc"])["loc"], [[1.0, 300.0]])  # type: ignore[arg-type]


def test_a_file_of_version_7_3_is_called_what_it_is(tmp_path: Path) -> None:
    for start in (b"MATLAB 7.3 MAT-file, Platform: GLNXA64", b"\x89HDF\r\n\x1a\n"):
        (tmp_path / "new.mat").write_bytes(start.ljust(512) + b"\x89HDF\r\n\x1a\n" + bytes(2000))
        with pytest.raises(DataError, match=r"version 7\.3 .HDF5., which is not read here; save it .*'-v7'"):
            read_mat(tmp_path / "new.mat", ["loc"])


def test_what_it_lacks_is_named(tmp_path: Path) -> None:
    (tmp_path / "some.mat").write_bytes(written(False))
    with pytest.raises(DataError, match="has no variable 'other'; it has 'loc', "):
        read_mat(tmp_path / "some.mat", ["loc", "other"])


def test_a_small_file_does_not_unpack_to_a_large_one(tmp_path: Path) -> None:
    """Zeros pack a thousand times; nothing that is measured does."""
    (tmp_path / "bomb.mat").write_bytes(written(True, loc=np.zeros((1, 4_000_000))))
    assert (tmp_path / "bomb.mat").stat().st_size < 50_000
    with pytest.raises(DataError, match="damaged"):
        read_mat(tmp_path / "bomb.mat", ["loc"])


@fuzz()
@given(content=st.one_of(mutated([written(False), written(True)]), odd_files()))
def test_any_damage_is_read_or_answered(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "damaged.mat"
    path.write_bytes(content)
    with answered(DataError):
        read_mat(path, ["loc", "image_files"])


@pytest.mark.parametrize("kind", NOT_FILES)
def test_what_is_no_file_is_answered(tmp_path: Path, kind: str) -> None:
    with answered(DataError):
        read_mat(not_file(tmp_path / "some.mat", kind), ["loc"])
