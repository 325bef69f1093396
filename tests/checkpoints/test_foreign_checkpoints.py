"""Checkpoint folders from anywhere: every entry checked by type, only regular files opened, a list shows what can be read."""

from __future__ import annotations

import errno
import json
import logging
import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import save_file

from tests.conftest import make_checkpoint, make_composition_checkpoint, make_label_checkpoint
from tests.fuzzing import NOT_FILES, answered, fuzz, mutated, mutated_value, not_file, odd_files
from zslviz import cli
from zslviz.checkpoints import files, listing
from zslviz.checkpoints.base import Checkpoint
from zslviz.checkpoints.files import config_digest, read_config, read_metrics
from zslviz.checkpoints.listing import resolve
from zslviz.errors import CheckpointError, UnknownNameError
from zslviz.runtime.places import tasks_in

MADE: dict[str, Callable[[], Any]] = {
    "msdn": lambda: make_checkpoint("msdn"),
    "biam": make_label_checkpoint,
    "refiner": make_composition_checkpoint,
}


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a checkpoint of every task."""
    folder = tmp_path_factory.mktemp("shelf")
    for name, make in MADE.items():
        make().save(folder / name)
    return folder


@pytest.fixture(autouse=True)
def _told_anew() -> None:
    listing._tell_once.cache_clear()


def seal(folder: Path, config: Any) -> None:
    """Writes a configuration with digests that fit."""
    if isinstance(config, dict):
        config = {k: v for k, v in config.items() if k != "config_sha256"}
        config["config_sha256"] = config_digest(config)
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")


def config_of(folder: Path) -> dict[str, Any]:
    config: dict[str, Any] = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    return config


# -- entries ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("system", "keys", "value"),
    [
        ("msdn", ("backbone",), "efficientnet_lite0"),
        ("msdn", ("backbone",), None),
        ("msdn", ("backbone", "size"), "64"),
        ("msdn", ("backbone", "size"), 10**9),
        ("msdn", ("backbone", "size"), 0),
        ("msdn", ("backbone", "size"), -64),
        ("msdn", ("backbone", "trained"), "c5"),
        ("msdn", ("backbone", "trained"), ["c4"]),
        ("msdn", ("model",), []),
        ("msdn", ("model", "channels"), "1280"),
        ("msdn", ("model", "channels"), 10**14),
        ("msdn", ("model", "attributes"), 5.0),
        ("msdn", ("rule",), None),
        ("msdn", ("rule", "weights"), ["a", "b"]),
        ("msdn", ("rule", "weights"), [None, 1.0]),
        ("msdn", ("rule", "weights"), [float("nan"), 1.0]),
        ("msdn", ("rule", "weights"), 3),
        ("msdn", ("system",), ["msdn"]),
        ("msdn", ("system",), None),
        ("msdn", ("gamma",), "0.3"),
        ("msdn", ("gamma",), float("nan")),
        ("msdn", ("gamma",), 10**400),
        ("msdn", ("name",), 7),
        ("msdn", ("name",), "two\nlines"),
        ("msdn", ("data",), {}),
        ("msdn", ("space",), []),
        ("msdn", ("space", "classes"), "abcdef"),
        ("msdn", ("space", "seen"), [2] * 6),
        ("msdn", ("space", "groups"), None),
        ("biam", ("threshold",), None),
        ("biam", ("model", "top"), 10**9),
        ("biam", ("model", "heads"), 0),
        ("biam", ("space", "words"), 3),
        ("refiner", ("familiarity",), [1.0]),
        ("refiner", ("bias",), float("inf")),
        ("refiner", ("model", "queries"), 2**40),
        ("refiner", ("space", "states"), [1, 2, 3, 4]),
    ],
)
def test_an_entry_of_a_wrong_type_or_size_is_said(
    shelf: Path, tmp_path: Path, system: str, keys: tuple[str, ...], value: Any
) -> None:
    shutil.copytree(shelf / system, tmp_path / "m")
    config: Any = config_of(tmp_path / "m")
    *path, last = keys
    place = config
    for key in path:
        place = place[key]
    place[last] = value
    seal(tmp_path / "m", config)
    with answered(CheckpointError, seconds=5), pytest.raises(CheckpointError):
        Checkpoint.load(tmp_path / "m")


@fuzz(150)
@given(data=st.data())
def test_any_configuration_loads_or_is_one_sentence(shelf: Path, tmp_path: Path, data: st.DataObject) -> None:
    system = data.draw(st.sampled_from(sorted(MADE)))
    folder = tmp_path / system
    if not folder.exists():
        shutil.copytree(shelf / system, folder)
    seal(folder, data.draw(mutated_value(config_of(shelf / system))))
    with answered(CheckpointError):
        loaded = Checkpoint.load(folder)
        assert loaded.system == system


@fuzz()
@given(data=st.data())
def test_any_file_as_a_configuration_is_one_sentence(shelf: Path, tmp_path: Path, data: st.DataObject) -> None:
    valid = (shelf / "msdn" / "config.json").read_bytes()
    content = data.draw(mutated(valid) | odd_files())
    (tmp_path / "config.json").write_bytes(content)
    with answered(CheckpointError):
        read_config(tmp_path)
        assert json.loads(content) == json.loads(valid)  # its digest lets nothing else pass
    assert tasks_in([tmp_path]) <= {"attributes", "multilabel", "compositional"}


@fuzz()
@given(data=st.data())
def test_any_weights_are_one_sentence_even_where_the_digest_fits(
    shelf: Path, tmp_path: Path, data: st.DataObject
) -> None:
    valid = (shelf / "refiner" / "model.safetensors").read_bytes()
    head = data.draw(mutated(valid[:4000]) | odd_files())
    folder = tmp_path / "m"
    folder.mkdir(exist_ok=True)
    (folder / "model.safetensors").write_bytes(head + valid[4000:])
    config = config_of(shelf / "refiner")
    config["weights_sha256"] = files._sha256(head + valid[4000:])
    seal(folder, config)
    with answered(CheckpointError):
        Checkpoint.load(folder)


@pytest.mark.parametrize("announced", [10**14, 2**63, 0])
def test_a_header_that_announces_more_than_there_is_takes_no_memory(
    shelf: Path, tmp_path: Path, announced: int
) -> None:
    shutil.copytree(shelf / "msdn", tmp_path / "m")
    content = (
        announced.to_bytes(8, "little")
        + b'{"a":{"dtype":"F32","shape":[100000000000000],"data_offsets":[0,400000000000000]}}'
    )
    (tmp_path / "m" / "model.safetensors").write_bytes(content)
    seal(tmp_path / "m", {**config_of(shelf / "msdn"), "weights_sha256": files._sha256(content)})
    with answered(CheckpointError, seconds=2), pytest.raises(CheckpointError, match="not a safetensors file"):
        Checkpoint.load(tmp_path / "m")


def test_weights_that_are_no_numbers_are_refused(shelf: Path, tmp_path: Path) -> None:
    shutil.copytree(shelf / "msdn", tmp_path / "m")
    tensors = files.load((tmp_path / "m" / "model.safetensors").read_bytes())
    tensors["network.V"][0, 0] = float("nan")
    save_file(tensors, tmp_path / "m" / "model.safetensors")
    digest = files._sha256((tmp_path / "m" / "model.safetensors").read_bytes())
    seal(tmp_path / "m", {**config_of(shelf / "msdn"), "weights_sha256": digest})
    with pytest.raises(CheckpointError, match="'V' holds numbers that are not finite"):
        Checkpoint.load(tmp_path / "m")


@fuzz()
@given(content=odd_files() | st.builds(lambda v: json.dumps(v).encode(), mutated_value({"t1": 0.5, "h": {"u": [1.0]}})))
def test_any_metrics_leave_a_model_that_is_listed(shelf: Path, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "metrics.json").write_bytes(content)
    assert isinstance(read_metrics(tmp_path), dict)


# -- lists ------------------------------------------------------------------------------------------------------------------


def damage_all(shelf: Path, folder: Path) -> None:
    """A good model among folders of every kind of damage."""
    shutil.copytree(shelf, folder)
    for kind in NOT_FILES:
        if kind == "unreadable":
            continue  # root may read everything
        (folder / kind).mkdir()
        not_file(folder / kind / "config.json", kind)
    for i, text in enumerate(
        ("", "{", "[]", "[" * 10**5, '{"format": 1}', '{"format": 1, "system": ["msdn"]}', "\ufeff{}", '{"a": 1e999}')
    ):
        (folder / f"odd{i}").mkdir()
        (folder / f"odd{i}" / "config.json").write_text(text, encoding="utf-8")
    (folder / "metrics").mkdir()
    shutil.copytree(shelf / "msdn", folder / "metrics", dirs_exist_ok=True)
    (folder / "metrics" / "metrics.json").write_text(
        '{"t1": "abc", "u": [1], "s": NaN, "h": {"a": 1}}', encoding="utf-8"
    )
    (folder / "no folder").write_text("x", encoding="utf-8")


def test_a_damaged_folder_hides_no_good_one_and_is_said(
    shelf: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    damage_all(shelf, tmp_path / "all")
    monkeypatch.setenv("ZSLVIZ_CHECKPOINTS", str(tmp_path / "all"))
    monkeypatch.setattr("sys.argv", ["zslviz", "models"])
    with answered(seconds=5), caplog.at_level(logging.WARNING), pytest.raises(SystemExit) as ended:
        cli.main()
    assert not ended.value.code
    printed = capsys.readouterr().out
    assert printed.count("made-msdn") == 2  # with and without figures
    assert "made-biam" in printed and "made-refiner" in printed
    told = [record.message for record in caplog.records]
    assert len(told) == len(set(told)) >= 14
    assert any("odd1" in line for line in told) and any("pipe" in line for line in told)


@pytest.mark.parametrize("name", ["x" * 5000, "a\0b", "../..", "", "no/such/model", "\udcff"])
def test_a_name_of_any_kind_is_a_model_or_a_sentence(name: str, shelf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZSLVIZ_CHECKPOINTS", str(shelf))
    with answered(CheckpointError, UnknownNameError):
        read_config(resolve(name))


# -- written whole or not at all --------------------------------------------------------------------------------------------


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("fails_at", ["model.safetensors", "config.json", "metrics.json"])
def test_an_old_model_stays_whole_when_the_disk_fills(
    shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails_at: str
) -> None:
    shutil.copytree(shelf / "msdn", tmp_path / "m")
    before = contents(tmp_path / "m")
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    real = {name: getattr(Path, name) for name in ("write_text", "write_bytes")}

    def fails(name: str) -> Callable[..., Any]:
        def write(path: Path, content: Any, **options: Any) -> Any:
            if f".{fails_at}." in path.name:
                raise full
            return real[name](path, content, **options)

        return write

    for name in real:
        monkeypatch.setattr(Path, name, fails(name))
    changed = make_checkpoint("msdn")
    with torch.no_grad():
        changed.network.V.add_(1)
    with pytest.raises(CheckpointError, match="the disk is full"):
        changed.save(tmp_path / "m")
    assert contents(tmp_path / "m") == before
    assert np.isfinite(Checkpoint.load(tmp_path / "m").gamma)


def test_others_may_read_a_model_as_they_may_read_its_neighbours(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        make_checkpoint("msdn").save(tmp_path / "m")
    finally:
        os.umask(before)
    assert {path.name: oct(stat.S_IMODE(path.stat().st_mode)) for path in (tmp_path / "m").iterdir()} == dict.fromkeys(
        ("model.safetensors", "config.json", "metrics.json"), "0o644"
    )


def test_what_a_kill_left_is_removed_by_the_next_writing(tmp_path: Path) -> None:
    (tmp_path / "m").mkdir()
    for name in ("model.safetensors", "README.md", "probe"):
        (tmp_path / "m" / f".{name}.0123abcd.part").write_bytes(b"half")
    (tmp_path / "m" / "notes.txt").write_text("mine")
    make_checkpoint("msdn").save(tmp_path / "m")
    assert set(contents(tmp_path / "m")) == {"model.safetensors", "config.json", "metrics.json", "notes.txt"}


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e6], ids=["nan", "infinite", "too large for half"])
def test_a_model_that_is_not_finite_is_not_written_over_a_good_one(tmp_path: Path, value: float) -> None:
    make_checkpoint("msdn").save(tmp_path / "m")
    before = contents(tmp_path / "m")
    spoilt = make_checkpoint("msdn")
    with torch.no_grad():
        spoilt.network.V[0, 0] = value
    with pytest.raises(CheckpointError, match="not finite.*not written"):
        spoilt.save(tmp_path / "m")
    assert contents(tmp_path / "m") == before
