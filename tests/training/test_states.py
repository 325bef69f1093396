"""What a killed training goes on from is believed only as far as it can be true: damage is named, and what was there stays."""

from __future__ import annotations

import errno
import json
import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import zslviz
from tests.fuzzing import NOT_FILES, answered, fuzz, mutated, mutated_value, not_file, odd_files
from tests.test_trainer import TINY
from zslviz import trainer
from zslviz.errors import ConfigError, ZslvizError
from zslviz.tasks.base.recipes import recipe_from_dict
from zslviz.training.states import read_state, remove_partial, write_state
from zslviz.training.trace import read_trace, write_trace

TRACE = [{"epoch": 1, "h": 0.25, "rule": {"kind": "dot", "weights": [0.5, 0.5]}}, {"epoch": 2, "h": 0.5, "rule": None}]
Places = dict[str, Any]


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return {"cache": tmp_path / "features", "runs": tmp_path / "runs", "out": tmp_path / "model", "device": "cpu"}


def run_folder(places: Places) -> Path:
    (folder,) = (places["runs"] / "msdn-shelf").iterdir()
    found: Path = folder
    return found


def trained(own: Path, places: Places, **changes: Any) -> bytes:
    zslviz.train(recipe_from_dict({**TINY, **changes}), ("shelf", own), **places)
    weights: bytes = (places["out"] / "model.safetensors").read_bytes()
    return weights


# -- files ------------------------------------------------------------------------------------------------------------------


@fuzz()
@given(data=st.data())
def test_any_file_is_a_state_or_one_sentence(tmp_path: Path, data: st.DataObject) -> None:
    file = tmp_path / "final.pt"
    write_state(file, {"epoch": 3, "network": {"w": torch.arange(12.0).reshape(3, 4)}})
    file.write_bytes(data.draw(mutated(file.read_bytes()) | odd_files()))
    with answered(ConfigError), read_state(file) as state:
        assert torch.isfinite(state["network"]["w"]).all()
        assert state["network"]["w"].shape == (3, 4)


@fuzz()
@given(content=odd_files() | st.builds(lambda value: json.dumps(value).encode(), mutated_value(TRACE)))
def test_any_file_is_a_trace_or_one_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "trace.json").write_bytes(content)
    with answered(ConfigError):
        assert all(figures["epoch"] >= 1 for figures in read_trace(tmp_path / "trace.json", 5))


def test_a_trace_is_read_as_it_was_written(tmp_path: Path) -> None:
    write_trace(tmp_path / "trace.json", TRACE)
    assert read_trace(tmp_path / "trace.json", 5) == TRACE
    assert read_trace(tmp_path / "trace.json", 1) == TRACE[:1]
    assert read_trace(tmp_path / "none.json", 1) == []


def test_no_code_of_a_state_is_run(tmp_path: Path) -> None:
    class Malicious:
        def __reduce__(self) -> Any:
            return (Path.touch, (tmp_path / "ran",))

    (tmp_path / "a.pt").write_bytes(pickle.dumps(Malicious()))
    torch.save(Malicious(), tmp_path / "b.pt")
    for name in ("a.pt", "b.pt"):
        with pytest.raises(ConfigError, match="remove the folder"), read_state(tmp_path / name):
            pass
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("kind", NOT_FILES)
def test_what_is_no_file_is_answered(tmp_path: Path, kind: str) -> None:
    path = not_file(tmp_path / "final.pt", kind)
    with answered(ConfigError, seconds=1), pytest.raises(ConfigError, match="final.pt"), read_state(path):
        pass


def test_a_state_stays_when_the_disk_fills(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "final.pt"
    write_state(file, {"epoch": 1})
    before = file.read_bytes()

    def full(path: Path, content: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(ConfigError, match="the disk is full"):
        write_state(file, {"epoch": 2})
    assert file.read_bytes() == before and list(tmp_path.iterdir()) == [file]


def test_what_a_kill_left_half_written_is_removed(tmp_path: Path) -> None:
    for name in (".final.pt.0a1b2c3d.part", "validation1.partial", "final.pt"):
        (tmp_path / name).write_bytes(b"half")
    remove_partial(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["final.pt"]


# -- a training -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("final.pt", b""),
        ("final.pt", b"half of a state"),
        ("validation1.json", b""),
        ("validation1.json", b'[{"epoch": 1}, {"epoch": 2}]'),
        ("validation1.json", b'[{"epoch": "1", "h": null}]'),
        ("validation1.json", b'{"a": 1}'),
    ],
)
def test_damage_in_the_folder_of_a_run_is_said_with_what_to_remove(
    own: Path,
    places: Places,
    name: str,
    content: bytes,
) -> None:
    trained(own, places)
    folder = run_folder(places)
    (folder / name).write_bytes(content)
    with answered(ConfigError), pytest.raises(ConfigError, match=f"{name}' is damaged.*remove the folder '{folder}'"):
        trained(own, places)


def test_a_state_of_another_network_is_said_with_what_to_remove(own: Path, places: Places) -> None:
    trained(own, places)
    write_state(
        run_folder(places) / "final.pt", {"epoch": 1, "network": {}, "average": None, "optimizer": {}, "precision": {}}
    )
    with pytest.raises(ConfigError, match="of another training"):
        trained(own, places)


def test_another_recipe_of_the_same_name_starts_anew(own: Path, places: Places) -> None:
    first = trained(own, places)
    assert trained(own, places) == first
    assert trained(own, places, optimizer={"lr": 0.2}) != first
    assert len(list((places["runs"] / "msdn-shelf").iterdir())) == 2


def test_a_training_that_ends_in_no_numbers_leaves_the_old_model(
    own: Path,
    places: Places,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = trained(own, places)
    real = trainer.part

    def spoilt(*args: Any) -> Any:
        module = real(*args)
        if args[1] != "training":
            return module
        train = module.TRAINING.train

        def nan(self: Any, *rest: Any) -> Any:
            result = train(self, *rest)
            with torch.no_grad():
                next(result.network.parameters()).fill_(float("nan"))
            return result

        monkeypatch.setattr(module.TRAINING, "train", nan)
        return module

    monkeypatch.setattr(trainer, "part", spoilt)
    with pytest.raises(ZslvizError, match="not finite"):
        trained(own, places)
    assert (places["out"] / "model.safetensors").read_bytes() == before


def test_word_vectors_that_are_no_numbers_are_refused_before_any_feature(own: Path, places: Places) -> None:
    vectors = np.load(own / "attribute_word_vectors.npy")
    vectors[0, 0] = np.nan
    np.save(own / "attribute_word_vectors.npy", vectors)
    with pytest.raises(ZslvizError, match="finite"):
        trained(own, places)
    assert not places["cache"].exists()


def test_where_nothing_can_be_written_is_said_before_data_are_read(own: Path, places: Places) -> None:
    (places["cache"].parent / "file").write_text("x")
    for place in ("out", "runs"):
        with pytest.raises(ConfigError, match="is a file"):
            trained(own, {**places, place: places["cache"].parent / "file" / "deeper"})
    assert not places["cache"].exists()


def test_a_disk_without_room_is_said_before_any_feature(
    own: Path,
    places: Places,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Usage:
        free = 1000

    monkeypatch.setattr("zslviz.files.plain.shutil.disk_usage", lambda path: Usage)
    with pytest.raises(ConfigError, match="states of a training of 'msdn-shelf' need .* MB, but only 0.00 MB are free"):
        trained(own, places)
    assert not places["cache"].exists()


def test_a_network_that_memory_cannot_hold_is_said_before_any_feature(own: Path, places: Places) -> None:
    wide = {"system": "mgmrn", "model": {"width": 32768, "hidden": 32768}, "loss": {}}
    with pytest.raises(ConfigError, match="need .* GB, but only|smaller widths"):
        trained(own, places, **wide)
    assert not places["cache"].exists()
