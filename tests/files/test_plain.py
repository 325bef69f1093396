"""Files are read whole or answered with one sentence, and written whole or not at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzzing import NOT_FILES, answered, fuzz, not_file, odd_files
from zslviz.errors import ConfigError, DataError
from zslviz.files import check_folder, check_room, check_writable, decode_text, read_bytes, read_text, replacing


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_text_of_every_common_encoding_is_read_alike(tmp_path, encoding):
    file = tmp_path / "list.txt"
    file.write_bytes("rosé\r\nblau\rgrün\n".encode(encoding))
    assert read_text(file, DataError) == "rosé\nblau\ngrün\n"


@fuzz()
@given(content=st.binary(max_size=200) | odd_files())
def test_any_bytes_are_text_or_one_sentence(content):
    try:
        assert isinstance(decode_text(content, "'list.txt'", DataError), str)
    except DataError as error:
        assert "UTF-8" in str(error)


def test_latin_1_is_refused(tmp_path):
    (tmp_path / "list.txt").write_bytes("rosé".encode("latin-1"))
    with pytest.raises(DataError, match="save it as UTF-8"):
        read_text(tmp_path / "list.txt", DataError)


@pytest.mark.parametrize("kind", NOT_FILES)
def test_what_is_no_file_is_refused_at_once(tmp_path, kind):
    with answered(ConfigError, seconds=1), pytest.raises(ConfigError, match="cannot be read|can be read|is a folder"):
        read_bytes(not_file(tmp_path / "odd", kind), ConfigError, 100)


@pytest.mark.parametrize(
    ("name", "sentence"), [(".", "is a folder"), ("none", "no such file"), ("a\0b", "no file.s name")]
)
def test_what_is_no_file_is_answered(tmp_path, name, sentence):
    with pytest.raises(ConfigError, match=sentence):
        read_bytes(f"{tmp_path}/{name}", ConfigError, 100)


def test_a_file_over_the_limit_is_refused(tmp_path):
    (tmp_path / "file").write_bytes(b"1234")
    assert read_bytes(tmp_path / "file", ConfigError, 4) == b"1234"
    with pytest.raises(ConfigError, match="larger than"):
        read_bytes(tmp_path / "file", ConfigError, 3)


def test_what_fails_half_way_leaves_the_old_file_as_it_was(tmp_path):
    file = tmp_path / "table.csv"
    file.write_text("old")
    for problem, answer in ((KeyError(), KeyError), (OSError(28, "No space left on device"), ConfigError)):
        with pytest.raises(answer), replacing(file) as partial:
            _write_half(partial, problem)
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_what_is_written_has_the_rights_of_any_new_file(tmp_path):
    (tmp_path / "plain").touch()
    with replacing(tmp_path / "file") as partial:
        partial.unlink()  # as a library does that writes through a private file of its own
        os.close(os.open(partial, os.O_CREAT | os.O_WRONLY, 0o600))
    modes = {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert len(modes) == 1


def test_a_folder_that_is_a_file_cannot_be_written_to(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="cannot be written"):
        check_writable(tmp_path / "file" / "table.csv")
    with pytest.raises(ConfigError, match="cannot be made"):
        check_folder(tmp_path / "file" / "runs")
    with pytest.raises(ConfigError, match="is a folder"):
        check_writable(tmp_path)
    check_writable(tmp_path / "table.csv")
    check_folder(tmp_path / "runs" / "features")
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["features", "file", "runs"]


def test_whether_a_folder_can_be_written_to_is_told_although_another_process_tidies_it_up(tmp_path, monkeypatch):
    """The first of several trainings' processes takes away what a kill left half written, while the others try the folder."""
    unlink = Path.unlink

    def after_another_has(path, missing_ok=False):
        unlink(path, missing_ok=True)
        unlink(path, missing_ok)

    monkeypatch.setattr(Path, "unlink", after_another_has)
    check_folder(tmp_path / "runs")
    assert list((tmp_path / "runs").iterdir()) == []


def test_a_pipe_or_a_device_is_not_written_over(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("/dev/null")
    for name in ("pipe", "link"):
        with pytest.raises(ConfigError, match="is a pipe or a device"):
            check_writable(tmp_path / name)
        with pytest.raises(ConfigError, match="is a pipe or a device"), replacing(tmp_path / name):
            pass
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


def test_what_a_link_leads_to_is_written_and_the_link_stays(tmp_path):
    (tmp_path / "link").symlink_to("there.csv")
    with replacing(tmp_path / "link") as partial:
        partial.write_text("new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "there.csv").read_text() == "new"
    (tmp_path / "lost").symlink_to(tmp_path / "nowhere" / "table.csv")
    with pytest.raises(ConfigError, match="cannot be written"):
        check_writable(tmp_path / "lost")


def test_a_name_as_long_as_a_file_may_have_is_written_and_a_longer_one_answered(tmp_path):
    longest = tmp_path / ("\N{BIRD}" * 63)  # of 4 bytes each; a name has at most 255
    check_writable(longest)
    with replacing(longest) as partial:
        partial.write_text("new")
    assert longest.read_text() == "new"
    with pytest.raises(ConfigError, match="too long"):
        check_writable(tmp_path / ("x" * 300))


def test_room_is_missed_before_work_begins(tmp_path):
    check_room(tmp_path / "later" / "runs", 1, "The features")
    with pytest.raises(ConfigError, match="The features need .* GB, but only"):
        check_room(tmp_path / "later" / "runs", 10**18, "The features")


def _write_half(file, problem):
    file.write_text("half of the n")
    raise problem
