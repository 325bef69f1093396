"""From a file in the authors' layout to a checkpoint that explains and is measured, on a tiny data set and small features."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.datasets import layouts
from zslviz import cli
from zslviz.backbones import build_backbone
from zslviz.datasets.reading import load_dataset
from zslviz.errors import CheckpointError, ConfigError, UnknownNameError
from zslviz.explainer import Explainer
from zslviz.models.mgmrn.official import official_names as mgmrn_names
from zslviz.models.registry import build_model
from zslviz.tasks.attributes.checkpoint import AttributeCheckpoint
from zslviz.tasks.attributes.importing import import_weights

SMALL = {"backbone": "efficientnet_lite0", "size": 64, "scale_photos": 6, "device": "cpu"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = layouts.make_cub(tmp_path_factory.mktemp("cub"))
    np.save(folder / "attribute_word_vectors.npy", np.random.default_rng(0).normal(size=(3, 8)).astype(np.float32))
    return folder


def msdn_state(folder: Path) -> dict[str, Tensor]:
    """MSDN's published layout for the tiny data and 1280 channels."""
    table = torch.from_numpy(np.array(load_dataset("cub", folder).space.prototypes))
    wide, tall = (lambda: 0.1 * torch.randn(8, 1280)), (lambda: 0.1 * torch.randn(1280, 8))
    return {
        "V": torch.randn(3, 8), "att": table, "W_1": wide(), "W_2": wide(), "W_3": wide(), "W_1_1": tall(), "W_2_1": wide(),
        "W_3_1": tall(), "weight_ce": torch.eye(4), "bias": torch.tensor(1), "mask_bias": torch.ones(1, 4),
        "prob_prune": torch.tensor(0),
    }  # fmt: skip


def mgmrn_state() -> dict[str, Tensor]:
    """Mg-MRN's published layout for the tiny data and the stages of EfficientNet-Lite0."""
    config = {"attributes": 3, "word_dim": 8, "channels": (40, 112, 1280), "width": 32, "hidden": 8}
    own = dict(build_model("mgmrn", config).named_parameters())
    return {official: own[name].detach() for name, official in mgmrn_names(own).items()}


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Callable[..., str]:
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> str:
        monkeypatch.setattr(sys, "argv", ["zslviz", *arguments])
        with pytest.raises(SystemExit) as stop:
            cli.main()
        out = capsys.readouterr()
        assert not stop.value.code, out.err
        return out.out

    return call


def test_msdns_file_becomes_a_checkpoint_that_explains_and_is_measured(
    run: Callable[..., str], folder: Path, tmp_path: Path
) -> None:
    state = msdn_state(folder)
    torch.save({"state_dict": state}, "msdn.pth")
    small = ("--backbone", "efficientnet_lite0", "--size", "64", "--photos", "6")
    said = run("import-weights", "msdn", "msdn.pth", "--data", f"cub={folder}", "--out", "models/theirs", *small)
    assert "gamma 2: the authors' fixed bias, not chosen on validation" in said
    assert "fusion 0.9, 0.1: the paper's" in said
    checkpoint = AttributeCheckpoint.load("models/theirs")
    assert torch.equal(checkpoint.network.state_dict()["W_1"], state["W_1"]), "not rounded"
    explanation = Explainer.from_pretrained("models/theirs", device="cpu").explain(load_dataset("cub", folder).files[0])
    total = explanation.evidence.sum(axis=(2, 3)) + explanation.bias
    assert np.allclose(total, explanation.scores, atol=1e-4)
    assert "models/theirs" not in run("evaluate", "--model", "models/theirs", "--data", f"cub={folder}")
    card = Path("models/theirs/README.md").read_text()
    assert "not chosen on validation" in card
    assert "6 training photos" in card


def test_the_scale_is_fitted_on_training_photos(folder: Path, tmp_path: Path) -> None:
    torch.save(msdn_state(folder), tmp_path / "w.pth")
    dataset = load_dataset("cub", folder)
    made = import_weights("msdn", tmp_path / "w.pth", dataset, tmp_path / "m", **{**SMALL, "scale_photos": 500})
    explainer = Explainer.from_pretrained(tmp_path / "m", device="cpu")
    scores = np.stack(list(explainer.scores(dataset.files[i] for i in dataset.trainval)))
    assert np.allclose(made.scale.mean, scores.mean(axis=0), atol=1e-4)
    assert made.metrics["imported"]["scale_photos"] == len(dataset.trainval)


def test_mgmrn_brings_the_backbone_it_was_trained_with(folder: Path, tmp_path: Path) -> None:
    state, dataset = mgmrn_state(), load_dataset("cub", folder)
    backbone = build_backbone("efficientnet_lite0", weights=None).state_dict()
    theirs = {n.replace("network.network.", "backbone."): t.clone() for n, t in backbone.items()}
    torch.save(state, tmp_path / "plain.pth")
    torch.save(state | {n: t for n, t in theirs.items() if "classifier" not in n}, tmp_path / "along.pth")
    plain = import_weights("mgmrn", tmp_path / "plain.pth", dataset, tmp_path / "plain", **SMALL)
    along = import_weights("mgmrn", tmp_path / "along.pth", dataset, tmp_path / "along", **SMALL)
    assert (plain.rule.kind, plain.rule.weights, plain.gamma) == ("cosine", (20.0,) * 3, 0.0)
    assert (plain.trained, along.trained) == ((), ("c3", "c4", "c5"))
    explainer = Explainer.from_pretrained(tmp_path / "along", device="cpu")
    held = explainer.encoder.backbone.state_dict()
    assert all(torch.equal(held[n], t) for n, t in backbone.items() if "classifier" not in n)
    first = explainer.explain(dataset.files[0]).scores
    assert not np.allclose(
        first, Explainer.from_pretrained(tmp_path / "plain", device="cpu").explain(dataset.files[0]).scores
    )
    del theirs["backbone.conv_stem.weight"]
    torch.save(state | theirs, tmp_path / "half.pth")
    with pytest.raises(CheckpointError, match=r"'backbone\.conv_stem\.weight' is missing"):
        import_weights("mgmrn", tmp_path / "half.pth", dataset, tmp_path / "half", **SMALL)


def test_awa2s_word_vectors_are_brought_back_to_unit_length_as_there(tmp_path: Path) -> None:
    folder = layouts.make_awa2(tmp_path)
    np.save(folder / "attribute_word_vectors.npy", np.ones((3, 8), dtype=np.float32))
    dataset = load_dataset("awa2", folder)
    wide, tall = torch.randn(8, 1280), torch.randn(1280, 8)
    torch.save({"V": torch.randn(3, 8), "W_1": wide, "W_2": wide, "W_1_1": tall, "W_2_1": wide}, tmp_path / "w.pth")
    made = import_weights("msdn", tmp_path / "w.pth", dataset, tmp_path / "m", **SMALL)
    assert made.network.config.normalize_word_vectors
    assert made.rule.weights == (1.0, 0.0)


@pytest.mark.parametrize(
    ("change", "options", "error", "message"),
    [
        (
            lambda s: s.update(V=torch.ones(4, 8)),
            {},
            CheckpointError,
            "predicts 4 attributes, but the data 'cub' has 3",
        ),
        (lambda s: s.update(att=s["att"].flip(1)), {}, CheckpointError, "another order"),
        (
            lambda s: None,
            {"backbone": "resnet101"},
            CheckpointError,
            "features of 1280 channels; the backbone 'resnet101'",
        ),
        (lambda s: None, {"backbone": "resnet11"}, UnknownNameError, "resnet101"),
        (lambda s: None, {"size": 100}, ConfigError, "multiple of 32"),
    ],
)
def test_a_file_that_does_not_fit_the_data_says_why(
    folder: Path, tmp_path: Path, change: Callable, options: dict, error: type, message: str
) -> None:
    state = msdn_state(folder)
    change(state)
    torch.save(state, tmp_path / "w.pth")
    with pytest.raises(error, match=message):
        import_weights("msdn", tmp_path / "w.pth", load_dataset("cub", folder), tmp_path / "m", **SMALL | options)
    assert not (tmp_path / "m").exists()


def test_mgmrn_needs_the_authors_word_vectors(folder: Path, tmp_path: Path) -> None:
    torch.save(mgmrn_state() | {f"QueryW{i}.weight": torch.ones(8, 5) for i in (1, 2, 3)}, tmp_path / "w.pth")
    with pytest.raises(ConfigError, match=r"word vectors of 5 dimensions, .* of 8; put the authors'"):
        import_weights("mgmrn", tmp_path / "w.pth", load_dataset("cub", folder), tmp_path / "m", **SMALL)


def test_the_commands_help_has_an_example(run: Callable[..., str]) -> None:
    assert "Example: zslviz import-weights" in run("import-weights", "--help")
