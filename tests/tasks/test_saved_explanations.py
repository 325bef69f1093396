"""Saved explanations from anywhere: read as they were saved, or one sentence; never one that fails later."""

from __future__ import annotations

import errno
import io
import json
import os
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import zslviz
from tests.conftest import made_photo
from tests.contracts.made import made_for
from tests.fuzzing import NOT_FILES, answered, fuzz, mutated, mutated_value, not_file, odd_files
from zslviz.catalogue import Task
from zslviz.errors import ConfigError
from zslviz.explainer import Explainer
from zslviz.tasks.base.photo import ExplainedPhoto

KINDS = ("attributes", "labels", "pairs")
Saved = Callable[[str], tuple[type[ExplainedPhoto], dict[str, Any], dict[str, Any]]]


@pytest.fixture(scope="module")
def saved(
    made_folder: Path, label_folder: Path, composition_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Saved:
    """What was saved of an explanation of every task: its class, the readable part and the arrays."""
    kept = {}
    for kind, folder in zip(KINDS, (made_folder / "made-mgmrn", label_folder, composition_folder), strict=True):
        explanation = Explainer.from_pretrained(folder, "cpu").explain(made_photo())
        json_path, npz_path = explanation.save(tmp_path_factory.mktemp("saved") / kind)
        with np.load(npz_path) as archive:
            kept[kind] = type(explanation), json.loads(json_path.read_text()), {n: archive[n] for n in archive.files}
    return lambda kind: kept[kind]


def write(folder: Path, data: Any, arrays: dict[str, Any] | bytes) -> Path:
    content = io.BytesIO()
    if isinstance(arrays, dict):
        np.savez(content, **arrays)
    (folder / "e.npz").write_bytes(arrays if isinstance(arrays, bytes) else content.getvalue())
    (folder / "e.json").write_bytes(data if isinstance(data, bytes) else json.dumps(data).encode())
    return folder / "e"


TASKS: dict[str, Task] = {
    "Explanation": "attributes",
    "LabelExplanation": "multilabel",
    "CompositionExplanation": "compositional",
}


def use(explanation: ExplainedPhoto) -> None:
    """What a page does with it: a ranking, a map of every sort, and the files again."""
    ranking = explanation.rank()
    assert ranking.lines(3)
    things = made_for(TASKS[type(explanation).__name__])
    for offer in explanation.offers():
        what = next(iter(things.things_of(explanation, offer.of)))
        assert np.isfinite(explanation.map(offer.name, what).values).all()
    json.dumps(explanation.to_dict())


def equal(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and np.array_equal(one, other)
    if is_dataclass(one):
        return all(equal(getattr(one, f.name), getattr(other, f.name)) for f in fields(one))
    if isinstance(one, tuple):
        return len(one) == len(other) and all(equal(a, b) for a, b in zip(one, other, strict=True))
    return bool(one == other)


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_saved_is_read_bit_for_bit(kind: str, saved: Saved, tmp_path: Path) -> None:
    cls, data, arrays = saved(kind)
    first = cls.load(write(tmp_path, data, arrays))
    use(first)
    first.save(tmp_path / "again")
    assert equal(first, cls.load(tmp_path / "again.npz"))
    assert json.loads((tmp_path / "again.json").read_text()) == data
    assert data["zslviz"] == zslviz.__version__


@pytest.mark.parametrize("kind", KINDS)
def test_one_without_a_version_is_read_as_before(kind: str, saved: Saved, tmp_path: Path) -> None:
    cls, data, arrays = saved(kind)
    use(cls.load(write(tmp_path, {k: v for k, v in data.items() if k != "zslviz"}, arrays)))


@pytest.mark.parametrize("kind", KINDS)
def test_one_of_a_newer_version_is_refused_by_name(kind: str, saved: Saved, tmp_path: Path) -> None:
    cls, data, arrays = saved(kind)
    path = write(tmp_path, {**data, "format": 2, "zslviz": "9.1"}, arrays)
    with (
        answered(ConfigError),
        pytest.raises(ConfigError, match=r"zslviz 9\.1 in format 2, .*reads formats up to 1; update"),
    ):
        cls.load(path)


@pytest.mark.parametrize("kind", KINDS)
def test_one_of_another_task_is_refused(kind: str, saved: Saved, tmp_path: Path) -> None:
    _, data, arrays = saved(kind)
    path = write(tmp_path, data, arrays)
    for other in KINDS:
        if other != kind:
            with answered(ConfigError), pytest.raises(ConfigError):
                saved(other)[0].load(path)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "change", ["one more", "one dimension more", "whole numbers", "NaN", "text", "left out", "none of it"]
)
def test_an_array_that_does_not_fit_is_named(kind: str, change: str, saved: Saved, tmp_path: Path) -> None:
    cls, data, arrays = saved(kind)
    for name, array in arrays.items():
        odd = {
            "one more": lambda a: np.concatenate([a, a[:1]]),
            "one dimension more": lambda a: a[None],
            "whole numbers": lambda a: a.astype(np.int64),
            "NaN": lambda a: np.full_like(a, np.nan) if a.dtype.kind == "f" else a[:0],
            "text": lambda a: np.full(a.shape, "x"),
            "left out": lambda a: None,
            "none of it": lambda a: a[:0],
        }[change](array)  # fmt: skip
        changed = {n: a for n, a in {**arrays, name: odd}.items() if a is not None}
        with answered(ConfigError):
            use(
                cls.load(write(tmp_path, data, changed))
            )  # what is optional may be left out, and sizes that nothing asks for differ
            assert change in ("left out", "one more", "none of it"), name


@fuzz(150)
@given(data=st.data())
def test_any_readable_part_is_one_that_can_be_used_or_one_sentence(
    saved: Saved, tmp_path: Path, data: st.DataObject
) -> None:
    cls, told, arrays = saved(data.draw(st.sampled_from(KINDS)))
    changed = data.draw(mutated_value(told) | mutated(json.dumps(told).encode()) | odd_files())
    path = write(tmp_path, changed, arrays)
    with answered(ConfigError):
        use(cls.load(path))


@fuzz(150)
@given(data=st.data())
def test_any_arrays_are_ones_that_can_be_used_or_one_sentence(
    saved: Saved, tmp_path: Path, data: st.DataObject
) -> None:
    cls, told, arrays = saved(data.draw(st.sampled_from(KINDS)))
    content = io.BytesIO()
    np.savez(content, **{name: array for name, array in arrays.items() if array.size < 2000 or name == "photo"})
    path = write(tmp_path, told, data.draw(mutated(content.getvalue()) | odd_files()))
    with answered(ConfigError):
        use(cls.load(path))


@pytest.mark.parametrize("content", [b"[" * 10**5, b'{"a":' * 10**5, b"", b"null", b"\xff\xfe"])
def test_nesting_without_end_is_answered(content: bytes, saved: Saved, tmp_path: Path) -> None:
    cls, _, arrays = saved("attributes")
    with answered(ConfigError, seconds=2), pytest.raises(ConfigError, match="'e' is not a saved explanation"):
        cls.load(write(tmp_path, content, arrays))


@pytest.mark.parametrize("kind", NOT_FILES)
@pytest.mark.parametrize("suffix", ["json", "npz"])
def test_what_is_no_file_is_answered(kind: str, suffix: str, saved: Saved, tmp_path: Path) -> None:
    cls, data, arrays = saved("labels")
    path = write(tmp_path, data, arrays)
    not_file(path.with_suffix(f".{suffix}"), kind)
    with answered(ConfigError, seconds=1), pytest.raises(ConfigError, match="'e' is not a saved explanation"):
        cls.load(path)


@pytest.mark.parametrize("name", ["", ".", "/", "a\0b", "x" * 300])
def test_a_name_that_no_file_can_have_is_answered(name: str, saved: Saved, tmp_path: Path) -> None:
    cls, data, arrays = saved("labels")
    explanation = cls.load(write(tmp_path, data, arrays))
    with answered(ConfigError), pytest.raises(ConfigError):
        explanation.save(name if name != "x" * 300 else tmp_path / name)
    with answered(ConfigError), pytest.raises(ConfigError):
        cls.load(name)


def test_both_files_stay_as_they_were_when_the_disk_fills(
    saved: Saved, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cls, data, arrays = saved("labels")
    explanation = cls.load(write(tmp_path, data, arrays))
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def full(*args: Any, **options: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(np, "savez_compressed", full)
    with pytest.raises(ConfigError, match="the disk is full"):
        explanation.save(tmp_path / "e")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
