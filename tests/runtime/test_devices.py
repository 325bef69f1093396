"""Where networks run: what is there is used, and what is not is said in a sentence, as early as it can be."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import nn

from tests.conftest import ROOT
from zslviz.errors import ConfigError
from zslviz.explainer import Explainer
from zslviz.runtime.devices import check_device, pick_device
from zslviz.runtime.processes import join


@pytest.fixture
def no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)


@pytest.fixture
def two_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)


ODD = [
    "xpu",
    "meta",
    "hpu",
    "vulkan",
    "cuda:x",
    "cuda:-1",
    "cuda:",
    "mps:1",
    "cpu:3",
    "gpu please",
    "CUDA",
    "cuda:0\n1",
    "cuda:99999",
]


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("ask", [check_device, pick_device])
def test_what_is_no_device_here_is_refused(name: str, ask: object) -> None:
    with pytest.raises(ConfigError, match="is not a device that can be used here; use 'auto', 'cpu', 'cuda'"):
        ask(name)  # type: ignore[operator]


@pytest.mark.usefixtures("no_gpu")
@pytest.mark.parametrize("name", ["cuda", "cuda:0", "mps", "mps:0"])
def test_a_device_that_this_machine_lacks_is_named(name: str) -> None:
    with pytest.raises(ConfigError, match=f"This machine has no {name[:4].strip(':').upper()[:4]}"):
        pick_device(name)


@pytest.mark.usefixtures("two_gpus")
def test_a_number_that_no_cuda_device_has_is_told_which_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    assert pick_device("cuda:1") == torch.device("cuda:1")
    assert pick_device("cuda") == pick_device() == torch.device("cuda")
    with pytest.raises(ConfigError, match="no device 'cuda:99'; this machine has 2 CUDA devices, 'cuda:0' to 'cuda:1'"):
        pick_device("cuda:99")
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    with pytest.raises(ConfigError, match="this machine has one CUDA device, 'cuda:0'"):
        pick_device("cuda:1")


@pytest.mark.usefixtures("no_gpu")
def test_mps_runs_where_it_is_named_and_never_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    assert pick_device("mps") == pick_device("mps:0") == torch.device("mps")
    assert {pick_device(name).type for name in (None, "", "auto", "cpu", " auto ", "cpu:0")} == {"cpu"}


def test_float32_is_kept_where_networks_are_made_ready_and_asking_for_a_device_changes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    checkpoint: Any = SimpleNamespace(network=nn.Identity())
    encoder: Any = None
    for make_ready in (lambda: join("cpu"), lambda: Explainer(checkpoint, encoder, torch.device("cpu"))):
        monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", True)
        pick_device("cpu")
        assert torch.backends.cudnn.allow_tf32
        make_ready()
        assert not torch.backends.cudnn.allow_tf32


def test_a_model_is_not_read_for_a_device_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="'meta' is not a device"):
        Explainer.from_pretrained(tmp_path / "no such model", "meta")


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"ZSLVIZ_DEVICE": "xpu"}, "'xpu' is not a device"),
        ({"ZSLVIZ_DEVICE": "mps:7"}, "'mps:7' is not a device"),
        ({"PORT": "many"}, "PORT is 'many'"),
    ],
    ids=str,
)
def test_the_app_says_what_is_wrong_before_it_listens(variables: dict[str, str], sentence: str) -> None:
    code = "import sys, app\ntry: app.main()\nfinally: assert not {'gradio', 'torch'} & set(sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": str(ROOT), **variables},
        capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.startswith(sentence)
    assert len(done.stderr.splitlines()) == 1
