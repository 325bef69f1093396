"""`zslviz evaluate` on a tiny data set: what it writes is what the checkpoint and its card state."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.conftest import make_checkpoint, make_scale
from tests.datasets import layouts
from tests.tasks.attributes.made import VALIDATION
from zslviz import cli
from zslviz.datasets.reading import load_dataset
from zslviz.errors import ConfigError
from zslviz.evaluator import evaluate
from zslviz.explainer import Explainer
from zslviz.models.registry import build_model
from zslviz.tasks.attributes.evaluation import evaluate_model
from zslviz.tasks.base.card_parts import percent


def test_the_command_writes_what_the_checkpoint_states(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = layouts.make_cub(tmp_path)
    dataset = load_dataset("cub", folder)
    sizes = {"attributes": 3, "word_dim": 7, "channels": 1280}
    torch.manual_seed(1)
    checkpoint = replace(
        make_checkpoint("msdn"), data="cub", model_config=sizes, network=build_model("msdn", sizes).eval(),
        space=replace(dataset.space, word_vectors=np.ones((3, 7), np.float32)), scale=make_scale(2, 3), gamma=0.001,
    )  # fmt: skip
    checkpoint.save(tmp_path / "model")
    stated = evaluate_model(Explainer.from_pretrained(tmp_path / "model", "cpu"), dataset).to_dict()
    metrics = {**stated, "validation": VALIDATION, "seed": 4, "command": "zslviz train made", "terms": ""}
    replace(checkpoint, metrics=metrics).save(tmp_path / "model")

    out = ["--out", str(tmp_path / "out"), "--json", str(tmp_path / "figures.json"), "--label", "first"]
    arguments = ["evaluate", "--model", str(tmp_path / "model"), "--data", f"cub={folder}", "--device", "cpu", *out]
    monkeypatch.setattr(sys, "argv", ["zslviz", *arguments])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    assert not stop.value.code
    content = json.loads((tmp_path / "out" / "made-msdn-first.json").read_text())
    assert json.loads((tmp_path / "figures.json").read_text()) == content
    assert json.loads(json.dumps(evaluate(tmp_path / "model", f"cub={folder}", device="cpu", label="first"))) == content
    explainer = Explainer.from_pretrained(tmp_path / "model", "cpu")
    assert json.loads(json.dumps(evaluate(explainer, ("cub", folder), label="first"))) == content
    with pytest.raises(ConfigError, match="was trained on the data 'cub'; it cannot be measured on 'awa2'"):
        evaluate(explainer, ("awa2", folder))
    for key in ("t1", "u", "s", "h", "gamma", "ausuc", "oracle", "intervals"):
        assert content[key] == metrics[key], key
    assert (content["model"], content["data"], content["label"], content["seed"]) == ("made-msdn", "cub", "first", 4)
    assert content["backbone"] == {"name": "efficientnet_lite0", "size": 64, "trained": []}
    printed = capsys.readouterr().out
    assert f"T1 {percent(metrics['t1'])}" in printed and "oracle, gamma chosen on the test photos" in printed
    assert "fixed bias" in printed and "95 % intervals" in printed
    for end in ("-classes.csv", "-curve.csv", ".svg"):
        assert len((tmp_path / "out" / f"made-msdn-first{end}").read_text().splitlines()) > 1, end
    assert (tmp_path / "out" / "made-msdn-first.png").stat().st_size > 10_000
