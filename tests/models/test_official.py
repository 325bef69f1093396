"""Files as the authors publish them, made from the golden cases' parameters: they load, and give the authors' own scores."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from tests.goldens.cases import OWN_FOLDER, Case, discover
from zslviz.backbones.features import STAGES, Features
from zslviz.errors import CheckpointError, ConfigError, UnknownNameError
from zslviz.models.registry import build_model
from zslviz.models.state_dicts import read_official, reader_of

CASES = {case.name: case for case in discover(OWN_FOLDER)}


def published(case: Case) -> dict[str, Tensor]:
    """The state dict of a case, under the authors' names."""
    return {n.removeprefix("param."): t for n, t in case.tensors.items() if n.startswith("param.")}


@pytest.fixture
def msdn() -> dict[str, Tensor]:
    return published(CASES["msdn_cub_like"])


@pytest.fixture
def mgmrn() -> dict[str, Tensor]:
    return published(CASES["mgmrn_small"])


@pytest.mark.parametrize(
    "wrap",
    [
        lambda state: state,
        lambda state: {"state_dict": state, "epoch": 3},
        lambda state: {"model": state, "best_H": 0.5},
        lambda state: {f"module.{name}": tensor for name, tensor in state.items()},
    ],
    ids=["alone", "state_dict", "model", "module"],
)
def test_msdn_gives_the_authors_scores(tmp_path: Path, wrap: Callable) -> None:
    case = CASES["msdn_cub_like"]
    torch.save(wrap(published(case)), tmp_path / "msdn.pth")
    weights = read_official("msdn", tmp_path / "msdn.pth")
    network = build_model("msdn", weights.config)
    network.load_state_dict(dict(weights.state))
    scores = network(Features({"c5": case.tensors["in.features"]})).scores
    for index in range(2):
        assert torch.allclose(scores[index], case.tensors[f"out.attr_scores{index + 1}"], atol=1e-5, rtol=1e-4)
    assert torch.equal(weights.signatures, case.tensors["param.att"])


@pytest.mark.parametrize("name", ["mgmrn_small", "mgmrn_grid4"])
def test_mgmrn_gives_the_authors_scores(tmp_path: Path, name: str) -> None:
    case = CASES[name]
    save_file(published(case), tmp_path / "mgmrn.safetensors")
    weights = read_official("mgmrn", tmp_path / "mgmrn.safetensors")
    assert weights.config["channels"] == tuple(case.tensors[f"in.{s}"].shape[1] for s in STAGES)
    network = build_model("mgmrn", weights.config)
    network.load_state_dict({**weights.state, "word_vectors": case.tensors["in.w2v"]})
    scores = network.eval()(Features({s: case.tensors[f"in.{s}"] for s in STAGES})).scores
    for index in range(3):
        theirs = case.tensors[
            next(n for n in case.tensors if n in (f"out.v2s{index + 1}", f"out.attr_scores{index + 1}"))
        ]
        assert torch.allclose(scores[index], theirs, atol=2e-4, rtol=2e-4)


def test_transzero_gives_the_authors_scores(tmp_path: Path) -> None:
    case = CASES["transzero_sun_like"]
    torch.save(published(case), tmp_path / "transzero.pth")
    weights = read_official("transzero", tmp_path / "transzero.pth")
    network = build_model("transzero", {**weights.config, **reader_of("transzero").settings_for("sun")})
    network.load_state_dict({name: weights.state[name] for name in network.state_dict()})
    scores = network.eval()(Features({"c5": case.tensors["in.features"]})).scores
    assert torch.allclose(scores[0], case.tensors["out.attr_scores"], atol=2e-5, rtol=2e-4)
    assert torch.equal(weights.signatures, case.tensors["param.att"])


_LAYER = "transformer.transformer_encoder.layers"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: s.pop("W_1"), "does not hold all of TransZero's weights: 'W_1' is missing"),
        (lambda s: s.pop("V"), "does not hold TransZero's weights: it has no 'V'"),
        (lambda s: s.update({f"{_LAYER}.0.pwff.fc1.weight": torch.ones(8)}), "has 1 dimensions, not 2"),
        (lambda s: s.update({f"{_LAYER}.0.pwff.fc2.bias": torch.ones(3)}), r"'.*fc2.bias' is \(3,\)"),
        (lambda s: s.update({f"{_LAYER}.999999999.x": torch.ones(1)}), "'encoder_layers' .* at most 12"),
        (
            lambda s: s.update({f"{_LAYER}.{'9' * 5000}.x": torch.ones(1)}),
            "which the published TransZero does not have",
        ),
        (lambda s: s.update(V=torch.ones(0, 9)), "'attributes' .* at least 1"),
        (lambda s: s["W_1"].fill_(float("inf")), "'W_1' holds numbers that are not finite"),
        (lambda s: s.update(extra=torch.ones(1)), "holds 'extra', which the published TransZero does not have"),
    ],
)
def test_a_file_that_is_not_transzeros_says_why(tmp_path: Path, change: Callable, message: str) -> None:
    state = {name: tensor.clone() for name, tensor in published(CASES["transzero_sun_like"]).items()}
    change(state)
    torch.save(state, tmp_path / "w.pth")
    with pytest.raises((CheckpointError, ConfigError), match=message) as raised:
        read_official("transzero", tmp_path / "w.pth")
    assert "\n" not in str(raised.value)


def test_a_backbone_trained_along_is_kept_apart(tmp_path: Path, mgmrn: dict[str, Tensor]) -> None:
    torch.save(mgmrn | {"backbone.conv1.weight": torch.ones(2, 3)}, tmp_path / "m.pth")
    assert list(read_official("mgmrn", tmp_path / "m.pth").backbone) == ["conv1.weight"]


# -- anything else is answered with the first thing that does not fit --------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: s.pop("V"), "does not hold MSDN's weights: it has no 'V'"),
        (lambda s: s.pop("W_2_1"), "does not hold all of MSDN's weights: 'W_2_1' is missing"),
        (
            lambda s: s.update(W_2=s["W_2"][:, :-1].clone()),
            r"'W_2' is \(6, 15\), where the other tensors ask for \(6, 16\)",
        ),
        (lambda s: s.update(V=s["V"][0].clone()), "'V' has 1 dimensions, not 2"),
        (lambda s: s.update(extra=torch.ones(1)), "holds 'extra', which the published MSDN does not have"),
        (lambda s: s["W_1"].fill_(float("nan")), "'W_1' holds numbers that are not finite"),
        (lambda s: s.clear(), "it has no 'V'"),
    ],
)
def test_a_file_that_is_not_msdns_says_why(
    tmp_path: Path, msdn: dict[str, Tensor], change: Callable, message: str
) -> None:
    state = {name: tensor.clone() for name, tensor in msdn.items()}
    change(state)
    torch.save(state, tmp_path / "w.pth")
    with pytest.raises((CheckpointError, ConfigError), match=message):
        read_official("msdn", tmp_path / "w.pth")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: s.pop("lateral_conv2.conv.weight"), "'lateral_conv2.conv.weight' is missing"),
        (lambda s: s.pop("s3.group.weight"), "it has no 's3.group.weight'"),
        (lambda s: s.pop("s3.conv.block.1.block.0.weight"), "'s3.conv.block.1.block.0.weight' is missing"),
        (lambda s: s.update({"KeyW3.bias": torch.ones(5)}), r"'KeyW3.bias' is \(5,\)"),
        (lambda s: s.update({"V_att_hidden_branch1.weight": torch.ones(5)}), "holds 'V_att_hidden_branch1.weight'"),
    ],
)
def test_a_file_that_is_not_mgmrns_says_why(
    tmp_path: Path, mgmrn: dict[str, Tensor], change: Callable, message: str
) -> None:
    state = dict(mgmrn)
    change(state)
    torch.save(state, tmp_path / "w.pth")
    with pytest.raises(CheckpointError, match=message):
        read_official("mgmrn", tmp_path / "w.pth")


def test_the_other_models_file_is_recognised(tmp_path: Path, msdn: dict[str, Tensor], mgmrn: dict[str, Tensor]) -> None:
    torch.save(msdn, tmp_path / "msdn.pth")
    torch.save(mgmrn, tmp_path / "mgmrn.pth")
    with pytest.raises(CheckpointError, match="these are MSDN's"):
        read_official("mgmrn", tmp_path / "msdn.pth")
    with pytest.raises(CheckpointError, match="these are Mg-MRN's"):
        read_official("msdn", tmp_path / "mgmrn.pth")
    with pytest.raises(UnknownNameError, match="system with published weights"):
        read_official("eszsl", tmp_path / "msdn.pth")


class _Code:
    def __reduce__(self) -> tuple:
        return (Path.touch, (Path("/tmp/zslviz-was-run"),))


def test_nothing_that_could_run_code_is_loaded(tmp_path: Path, msdn: dict[str, Tensor]) -> None:
    torch.save(msdn | {"code": _Code()}, tmp_path / "w.pth")
    (tmp_path / "p.pth").write_bytes(pickle.dumps(_Code()))
    torch.save(msdn, tmp_path / "cut.pth")
    (tmp_path / "cut.pth").write_bytes((tmp_path / "cut.pth").read_bytes()[:2000])
    for name in ("w.pth", "p.pth", "cut.pth"):
        with pytest.raises(ConfigError, match="damaged or holds more than tensors"):
            read_official("msdn", tmp_path / name)
    assert not Path("/tmp/zslviz-was-run").exists()
    with pytest.raises(ConfigError, match="does not exist"):
        read_official("msdn", tmp_path / "none.pth")
