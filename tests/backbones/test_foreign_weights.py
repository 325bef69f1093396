"""State dicts from anywhere: plain tensors of finite numbers, or one sentence; no code of theirs is run."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from safetensors.torch import save

from tests.fuzzing import NOT_FILES, answered, fuzz, mutated, not_file, odd_files
from zslviz.backbones.weights import read_state_dict
from zslviz.errors import ConfigError

PLAIN = {
    "a.weight": torch.arange(6.0).reshape(2, 3),
    "a.bias": torch.ones(2, dtype=torch.float16),
    "count": torch.tensor(3),
}


def saved(content: Any) -> bytes:
    stream = io.BytesIO()
    torch.save(content, stream)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("tensor", "sentence"),
    [
        (torch.zeros(2, 3, device="meta"), "'a.weight' is a tensor without numbers"),
        (torch.eye(3).to_sparse(), "'a.weight' is a sparse tensor"),
        (torch.eye(4).to_sparse_csr(), "'a.weight' is a sparse tensor"),
        (torch.quantize_per_tensor(torch.ones(2, 3), 0.1, 0, torch.qint8), "quantised|damaged or holds more"),
        (torch.ones(2, 3, dtype=torch.complex64), "complex"),
        (torch.ones(2, 3).to(torch.float8_e4m3fn), "a type that networks do not have"),
        (torch.ones(1).expand(10**12), "larger than the file"),
        (torch.tensor([[1.0, float("nan")]]), "'a.weight' holds numbers that are not finite"),
        (torch.tensor([[1.0, float("-inf")]]), "not finite"),
    ],
    ids=["meta", "sparse", "compressed", "quantised", "complex", "eight bits", "expanded", "NaN", "infinite"],
)
def test_a_tensor_that_is_no_plain_one_is_said(tensor: torch.Tensor, sentence: str, tmp_path: Path) -> None:
    (tmp_path / "w.pth").write_bytes(saved({"a.weight": tensor}))
    with answered(ConfigError, seconds=2), pytest.raises(ConfigError, match=sentence):
        read_state_dict(tmp_path / "w.pth")


@pytest.mark.parametrize(("name", "content"), [("w.pth", saved(PLAIN)), ("w.safetensors", save(PLAIN))])
def test_plain_tensors_are_read_as_they_are(name: str, content: bytes, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    read = read_state_dict(tmp_path / name)
    assert read.keys() == PLAIN.keys()
    assert all(torch.equal(read[key], PLAIN[key]) and read[key].dtype == PLAIN[key].dtype for key in PLAIN)


@pytest.mark.parametrize("kind", NOT_FILES)
def test_what_is_no_file_is_answered(kind: str, tmp_path: Path) -> None:
    with answered(ConfigError, seconds=1), pytest.raises(ConfigError):
        read_state_dict(not_file(tmp_path / "w.pth", kind))


@fuzz()
@given(content=mutated([saved(PLAIN), saved({"state_dict": PLAIN})]) | odd_files())
def test_any_file_is_a_state_dict_or_one_sentence(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "w.pt").write_bytes(content)
    with answered(ConfigError):
        assert all(torch.isfinite(t).all() for t in read_state_dict(tmp_path / "w.pt").values())


@fuzz()
@given(content=mutated(save(PLAIN)) | odd_files())
def test_any_safetensors_file_is_a_state_dict_or_one_sentence(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "w.safetensors").write_bytes(content)
    with answered(ConfigError):
        assert all(torch.isfinite(t).all() for t in read_state_dict(tmp_path / "w.safetensors").values())
