"""Records of a measurement: a killed run goes on from them, and what is no record is said."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzzing import NOT_FILES, answered, fuzz, mutated, mutated_value, not_file, odd_files
from zslviz.errors import ConfigError
from zslviz.faithfulness.records import Records

HEADER = {"format": 1, "model": "m", "seed": 0}
RECORDS = [{"kind": "maps", "photo": photo, "pointing": [0.5, None]} for photo in range(3)]
VALID = "".join(json.dumps(line) + "\n" for line in (HEADER, *RECORDS)).encode()


def test_records_are_kept_and_half_a_line_is_not(tmp_path: Path) -> None:
    (tmp_path / "r.jsonl").write_bytes(VALID + b'{"kind": "ma')
    records = Records(tmp_path / "r.jsonl", HEADER)
    assert list(records.of("maps", [2, 0, 7])) == [RECORDS[2], RECORDS[0]]
    records.append({"kind": "maps", "photo": 7})
    assert ("maps", 7) in Records(tmp_path / "r.jsonl", HEADER)
    assert (tmp_path / "r.jsonl").read_bytes().startswith(VALID)


@fuzz()
@given(
    content=mutated(VALID)
    | odd_files()
    | st.builds(
        lambda values: "\n".join(map(json.dumps, [HEADER, *values])).encode() + b"\n",
        mutated_value(RECORDS).filter(lambda value: isinstance(value, list)),
    )
)
def test_any_file_holds_records_or_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "r.jsonl").write_bytes(content)
    with answered(ConfigError):
        list(Records(tmp_path / "r.jsonl", HEADER).of("maps", [0, 1]))
        return
    assert (tmp_path / "r.jsonl").read_bytes() == content  # what cannot be read is left as it is


@pytest.mark.parametrize("kind", [kind for kind in NOT_FILES if kind != "missing"])
def test_what_is_no_file_is_answered_or_made_anew(tmp_path: Path, kind: str) -> None:
    path = not_file(tmp_path / "r.jsonl", kind)
    with answered(ConfigError, seconds=1):
        Records(path, HEADER)
        assert kind in ("dangling link", "link to itself")


def test_a_full_disk_is_said_and_keeps_what_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    records = Records(tmp_path / "r.jsonl", HEADER)
    records.append(RECORDS[0])
    before = (tmp_path / "r.jsonl").read_bytes()

    def full(*args: Any, **options: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "open", full)
    with answered(ConfigError):
        records.append(RECORDS[1])
        raise AssertionError
    monkeypatch.undo()
    assert (tmp_path / "r.jsonl").read_bytes() == before
