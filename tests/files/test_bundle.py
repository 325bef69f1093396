"""Bundles: what was written is read; whatever else these bytes are is one sentence."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzzing import answered, fuzz, mutated, odd_files
from zslviz.errors import ConfigError, DataError
from zslviz.files.bundle import MAGIC, read_bundle, write_bundle

HEAD = {"names": ["Größe", "\ud800", ""], "format": 1, "gamma": 0.1}
PARTS = {
    "scores": np.arange(6, dtype=np.float32).reshape(2, 3) / 7,
    "levels": np.array([[-127, 0, 127]], dtype=np.int8),
    "halves": np.array([[0.1, -65504.0]], dtype=np.float16),
    "labels": np.array([0, 199, 65535], dtype=np.uint16),
    "nothing": np.zeros((0, 4), dtype=np.float32),
    "photo": b"some bytes",
}
VALID = write_bundle(HEAD, PARTS)


def test_what_was_written_is_read() -> None:
    bundle = read_bundle(VALID)
    assert bundle.head == HEAD
    assert list(bundle.parts) == list(PARTS)
    for name, part in PARTS.items():
        found = bundle.parts[name]
        if isinstance(part, bytes):
            assert found.tobytes() == part
        else:
            assert (found.dtype, found.shape) == (part.dtype, part.shape)
            assert np.array_equal(found, part)


def test_every_part_begins_where_a_browser_can_lay_floats_over_it() -> None:
    text = VALID.find(np.float32(1 / 7).tobytes()) - 4  # of the first part, whose second number this is
    assert text % 8 == 0
    assert len(VALID) % 8 == 0
    assert VALID.startswith(MAGIC)


def test_a_bundle_in_a_bundle_is_read_from_its_part() -> None:
    outer = read_bundle(write_bundle({}, {"a": b"x", "inner": VALID}))
    assert read_bundle(outer.parts["inner"].tobytes()).head == HEAD


def test_arrays_that_a_browser_does_not_know_are_not_written() -> None:
    with pytest.raises(ValueError, match="float64"):
        write_bundle({}, {"scores": np.zeros(3)})


def test_a_number_that_json_does_not_know_is_not_written() -> None:
    with pytest.raises(ValueError, match="JSON"):
        write_bundle({"gamma": float("nan")}, {})


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "no bundle"),
        (b"PK\x03\x04" + VALID, "no bundle"),
        (VALID[:7] + b"\x02" + VALID[8:], "newer zslviz"),
        (VALID[:40], "its head cannot be read"),
        (VALID[:-8], "not as long"),
        (VALID + b"\x00" * 8, "not as long"),
        (VALID.replace(b'"levels"', b'"scores"'), "same name"),
        (VALID.replace(b"[2,3]", b"[2,4]"), "not as long"),
        (VALID.replace(b"[2,3]", b"[2,9]"), "not as long"),
        (VALID.replace(b"int8", b"obj8"), "must be 'float32', 'float16', 'uint16', 'int8' or 'uint8'"),
    ],
)
def test_what_is_wrong_is_said(content: bytes, sentence: str) -> None:
    with pytest.raises(DataError, match=sentence):
        read_bundle(content, DataError)


def test_nothing_is_taken_for_what_a_head_announces() -> None:
    huge = VALID.replace(b"[2,3]", b"[999999,999999,9]")
    with answered(ConfigError, seconds=0.5), pytest.raises(ConfigError):
        read_bundle(huge[:8] + (int.from_bytes(huge[8:12], "little") + 12).to_bytes(4, "little") + huge[12:])


@fuzz()
@given(content=mutated(VALID))
def test_any_damage_is_read_or_answered(content: bytes) -> None:
    with answered(ConfigError):
        read_bundle(content)


@fuzz(100)
@given(content=st.one_of(odd_files(), odd_files().map(lambda content: VALID[:16] + content)))
def test_any_bytes_are_a_bundle_or_one_sentence(content: bytes) -> None:
    with answered(ConfigError):
        read_bundle(content)
