"""Arrays and word vectors of one's own: read as numbers, or answered with one sentence, whatever the file announces."""

from __future__ import annotations

import io
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tests.fuzzing import NOT_FILES, answered, fuzz, mutated, not_file, odd_files
from zslviz.datasets.files import optional_word_vectors
from zslviz.errors import ConfigError, DataError, UnknownNameError
from zslviz.files.arrays import as_finite, read_npy, read_npz
from zslviz.words.source import word_source
from zslviz.words.vectors import WordVectors


def npy(array: Any, **options: Any) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array, **options)
    return stream.getvalue()


def announcing(shape: str, kind: str = "<f4") -> bytes:
    header = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}".ljust(117).encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + b"\0" * 64


VECTORS = np.arange(12, dtype=np.float32).reshape(3, 4)
ODD = {
    "pickled": npy(np.array([{"a": 1}], dtype=object), allow_pickle=True),
    "text": npy(np.array(["a", "b"])),
    "complex": npy(np.ones((3, 4), dtype=complex)),
    "dates": npy(np.array(["2020-01-01"], dtype="datetime64[D]")),
    "records": npy(np.zeros(3, dtype=[("a", "f4"), ("b", "i4")])),
    "huge": announcing("(100000000000000,)"),
    "huge in two": announcing("(3, 4611686018427387904)"),
    "negative": announcing("(-3, -4)"),
    "a header that is a program": announcing("().__class__"),
    "deep": announcing("(" * 60 + ")" * 60),
    "garbage": b"\x93NUMPY" + bytes(range(256)),
    "half": npy(VECTORS)[:-8],
    "more": npy(VECTORS) + b"more",
    "empty": b"",
    "a pickle": pickle.dumps({"a": 1}),
}


@pytest.mark.parametrize("kind", ODD)
def test_what_is_no_array_of_numbers_is_one_sentence(tmp_path: Path, kind: str) -> None:
    (tmp_path / "attribute_word_vectors.npy").write_bytes(ODD[kind])
    with answered(DataError, seconds=1), pytest.raises(DataError, match="not an array of numbers"):
        optional_word_vectors(tmp_path, 3)


@pytest.mark.parametrize(
    ("array", "sentence"),
    [
        (np.full((3, 4), np.nan), r"not finite, at \[0, 0\]"),
        (np.array([[1, 2], [3, 1e300], [5, 6]]), r"not finite, at \[1, 1\]"),
        (np.ones((2, 4)), "a row for each of the 3"),
        (np.ones(3), "a row for each of the 3"),
        (np.ones((3, 0)), "1 to 32768"),
        (np.ones((3, 40_000), dtype=bool), "1 to 32768"),
    ],
)
def test_vectors_that_cannot_be_used_are_said(tmp_path: Path, array: Any, sentence: str) -> None:
    np.save(tmp_path / "attribute_word_vectors.npy", array)
    with pytest.raises(DataError, match=sentence):
        optional_word_vectors(tmp_path, 3)


@pytest.mark.parametrize("kind", NOT_FILES)
def test_what_is_no_file_is_answered(tmp_path: Path, kind: str) -> None:
    path = not_file(tmp_path / "attribute_word_vectors.npy", kind)
    with answered(DataError, seconds=1):
        assert optional_word_vectors(tmp_path, 3) is None
        assert kind in ("missing", "dangling link", "link to itself")
    text = not_file(tmp_path / "vectors.txt", kind)
    with answered(DataError, seconds=1), pytest.raises(DataError):
        WordVectors.read(text)
    with answered(DataError, UnknownNameError, seconds=1), pytest.raises((DataError, UnknownNameError)):
        word_source(str(text))
    assert path.name.endswith("npy")


@fuzz()
@given(array=hnp.arrays(hnp.scalar_dtypes(), hnp.array_shapes(min_dims=0, min_side=0)), columns=st.booleans())
def test_an_array_is_read_as_numpy_reads_it_or_is_none_of_numbers(tmp_path: Path, array: Any, columns: bool) -> None:
    np.save(tmp_path / "a.npy", np.asfortranarray(array) if columns else array)
    with answered(DataError):
        read = read_npy(tmp_path / "a.npy", DataError)
        np.testing.assert_array_equal(read, np.load(tmp_path / "a.npy"))
        assert read.dtype == array.dtype and read.flags.writeable
        return
    assert array.dtype.kind not in "biuf"


@fuzz()
@given(content=mutated([npy(VECTORS), npy(VECTORS.T), npy(np.float64(3))]) | odd_files())
def test_any_file_is_an_array_or_one_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.npy").write_bytes(content)
    with answered(DataError, seconds=1):
        assert np.isfinite(as_finite(read_npy(tmp_path / "a.npy", DataError), "'a.npy'", DataError)).all()


def npz(**arrays: Any) -> bytes:
    stream = io.BytesIO()
    np.savez_compressed(stream, **arrays)
    return stream.getvalue()


@fuzz()
@given(content=mutated(npz(a=VECTORS, b=np.ones(3, dtype=bool))) | odd_files())
def test_any_file_is_arrays_or_one_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.npz").write_bytes(content)
    with answered(ConfigError, seconds=1):
        assert isinstance(read_npz(tmp_path / "a.npz", ConfigError), dict)


def test_arrays_are_read_as_they_were_written(tmp_path: Path) -> None:
    (tmp_path / "a.npz").write_bytes(npz(a=VECTORS, b=np.ones(3, dtype=bool)))
    read = read_npz(tmp_path / "a.npz", ConfigError)
    assert list(read) == ["a", "b"] and read["b"].dtype == bool
    np.testing.assert_array_equal(read["a"], VECTORS)


@pytest.mark.parametrize("content", [announcing("(100000000000000,)"), b"x" * 1000], ids=["header", "no array"])
def test_what_an_archive_announces_is_not_believed(tmp_path: Path, content: bytes) -> None:
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("a.npy", content)
    with answered(ConfigError, seconds=1), pytest.raises(ConfigError, match=r"\.npz"):
        read_npz(tmp_path / "a.npz", ConfigError)


def test_a_bomb_of_zeros_does_not_go_off(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.npz", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name in "abcdefgh":
            with archive.open(f"{name}.npy", "w") as entry:
                for _ in range(40):
                    entry.write(bytes(2**23))
    with answered(ConfigError, seconds=2), pytest.raises(ConfigError, match=r"\.npz"):
        read_npz(tmp_path / "a.npz", ConfigError)


@fuzz()
@given(content=mutated(b"3 2\nsnow 0.5 1\nred fox 1 2\nsea 3 4\n") | odd_files())
def test_any_text_is_word_vectors_or_one_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "v.txt").write_bytes(content)
    with answered(DataError):
        vectors = WordVectors.read(tmp_path / "v.txt")
        assert np.isfinite(vectors._vectors).all()


def test_a_byte_order_mark_is_no_part_of_the_first_word(tmp_path: Path) -> None:
    (tmp_path / "v.txt").write_bytes(b"\xef\xbb\xbfsnow 1 2\nsea 3 4\n")
    np.testing.assert_array_equal(WordVectors.read(tmp_path / "v.txt").phrase("snow"), [1, 2])


@pytest.mark.parametrize("name", ["x" * 5000, "a\0b", "", "+", "glove-6b-50d+nothing"])
def test_a_source_of_any_name_is_there_or_a_sentence(name: str) -> None:
    with answered(UnknownNameError, DataError, ConfigError):
        word_source(name)
