"""A model as one file: what other programs compute with it is what is explained here."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from tests.conftest import ROOT, make_checkpoint
from tests.tolerances import LITE0, rounding
from zslviz.backbones import build_backbone
from zslviz.backbones.features import Features
from zslviz.errors import CheckpointError, ConfigError
from zslviz.explainer import Explainer
from zslviz.models.finetuned import FineTuned
from zslviz.photos.loading import load_photo, to_network_input
from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.attributes.exporting import DESCRIPTION, METADATA, ExportedModel, export

MADE = ("made-msdn", "made-mgmrn")
PHOTOS = [ROOT / "assets" / "examples" / name for name in ("giraffe.jpg", "mallard-cutout.png", "horse-herd.jpg")]
Exported = Callable[[str], tuple[Path, dict[str, Any]]]
Arrays = dict[str, NDArray[np.float32]]


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    for name in MADE:
        make_checkpoint(name.removeprefix("made-")).save(folder / name)
    return folder


@pytest.fixture(scope="module")
def exported(models: Path, tmp_path_factory: pytest.TempPathFactory) -> Exported:
    """The .pt2 file of a model by name and its description; each is written once."""

    @cache
    def written(name: str) -> tuple[Path, dict[str, Any]]:
        file = tmp_path_factory.mktemp("exported") / f"{name}.pt2"
        return file, export(models / name if name in MADE else name, file)

    return written


def model_named(name: str, models: Path) -> Any:
    return Explainer.from_pretrained(models / name if name in MADE else name, device="cpu")


def batch_for(size: int) -> Tensor:
    pixels = np.stack([to_network_input(load_photo(photo), size)[0] for photo in PHOTOS])
    return torch.from_numpy(pixels).permute(0, 3, 1, 2).float().contiguous()


def explained_by(explanation: Explanation) -> Arrays:
    """What a file's outputs are for one photo, as it is explained here."""
    assert explanation.evidence is not None and explanation.bias is not None
    ranking = explanation.rank()
    return {
        "scores": explanation.scores,
        "values": explanation.values,
        "class_scores": ranking.scores,
        "calibrated": ranking.calibrated,
        "evidence": explanation.evidence,
        "bias": explanation.bias,
    }


def assert_same(exported: Arrays, explainer: Any) -> None:
    for index, photo in enumerate(PHOTOS):
        expected = explained_by(explainer.explain(photo))
        assert set(exported) == set(expected)
        for name, numbers in expected.items():
            own = exported[name] if name == "bias" else exported[name][index]
            assert own.shape == numbers.shape, name
            assert np.abs(own - numbers).max() <= rounding(float(np.abs(numbers).max()), LITE0), name


@pytest.mark.parametrize("name", [*MADE, "dap-awa2"])
def test_an_exported_program_computes_what_is_explained_for_any_number_of_photos(
    name: str, models: Path, exported: Exported
) -> None:
    explainer = model_named(name, models)
    file, told = exported(name)
    extra = {DESCRIPTION: ""}
    program = torch.export.load(file, extra_files=extra).module()
    assert json.loads(extra[DESCRIPTION]) == json.loads(json.dumps(told))
    batch = batch_for(explainer.checkpoint.size)
    with torch.no_grad():
        assert_same({key: value.numpy() for key, value in program(batch).items()}, explainer)
        alone = program(batch[1:2])
    scores = explainer.explain(PHOTOS[1]).scores
    assert np.abs(alone["scores"][0].numpy() - scores).max() <= rounding(float(np.abs(scores).max()), LITE0)
    total = alone["evidence"].sum((-2, -1)) + alone["bias"]
    assert torch.allclose(
        total, alone["scores"], atol=rounding(float(alone["evidence"].abs().sum((-2, -1)).max()), LITE0)
    )


def test_an_onnx_file_computes_what_is_explained_for_any_number_of_photos(models: Path, tmp_path: Path) -> None:
    name = "made-mgmrn"
    pytest.importorskip("onnxscript", reason="ONNX files need the extra 'export'")
    onnxruntime = pytest.importorskip("onnxruntime", reason="onnxruntime runs ONNX files")
    explainer = model_named(name, models)
    told = export(models / name, tmp_path / "model.onnx")
    session = onnxruntime.InferenceSession(str(tmp_path / "model.onnx"), providers=["CPUExecutionProvider"])
    assert json.loads(session.get_modelmeta().custom_metadata_map[METADATA]) == json.loads(json.dumps(told))
    names = [output.name for output in session.get_outputs()]
    assert names == list(told["outputs"])
    batch = batch_for(explainer.checkpoint.size).numpy()
    assert_same(dict(zip(names, session.run(None, {"pixels": batch}), strict=True)), explainer)
    (one,) = session.run(["scores"], {"pixels": batch[:1]})
    assert one.shape[0] == 1


def test_an_exported_program_runs_where_this_package_is_not(exported: Exported, tmp_path: Path) -> None:
    file, told = exported("made-msdn")
    code = f"""
import sys
sys.modules["zslviz"] = None
import json, torch
extra = {{{DESCRIPTION!r}: ""}}
program = torch.export.load({str(file)!r}, extra_files=extra).module()
told = json.loads(extra[{DESCRIPTION!r}])
_, channels, height, width = told["input"]["pixels"]
print(sorted(program(torch.zeros(1, channels, height, width))), told["classes"][0])
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == f"{sorted(told['outputs'])} {told['classes'][0]}"


def test_the_description_names_what_the_rows_are(exported: Exported) -> None:
    checkpoint = make_checkpoint("mgmrn")
    _, told = exported("made-mgmrn")
    assert told["attributes"] == list(checkpoint.space.attributes)
    assert told["classes"] == list(checkpoint.space.classes)
    assert told["seen"] == checkpoint.space.seen.tolist()
    assert (told["gamma"], told["input"]["size"], told["input"]["range"]) == (0.25, 64, [0, 255])
    assert told["granularities"] == ["fine", "middle", "coarse"]


def test_a_fine_tuned_model_is_exported_with_its_own_layers(tmp_path: Path) -> None:
    made, backbone = make_checkpoint("msdn"), build_backbone("efficientnet_lite0")
    last = backbone.last_stage()
    with torch.no_grad():
        for parameter in last.parameters():
            parameter.mul_(1.01)
    replace(made, network=FineTuned(made.network, last).eval(), trained=("c5",)).save(tmp_path / "tuned", half=False)
    export(tmp_path / "tuned", tmp_path / "model.pt2")
    program = torch.export.load(tmp_path / "model.pt2").module()
    with torch.no_grad():
        computed = program(batch_for(made.size))
    assert_same({key: value.numpy() for key, value in computed.items()}, Explainer.from_pretrained(tmp_path / "tuned"))


class Mapless(nn.Module):
    """A network that gives scores and no maps."""

    wants_global = False

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network, self.stages = network, network.stages

    def forward(self, features: Features, explain: bool = False) -> Any:
        return replace(self.network(features), evidence=None, bias=None)


def test_a_model_without_maps_is_exported_with_its_scores_alone(models: Path) -> None:
    explainer = model_named("made-msdn", models)
    explainer.checkpoint = replace(explainer.checkpoint, network=Mapless(explainer.checkpoint.network))
    model = ExportedModel(explainer)
    assert (
        list(model(model.probe))
        == list(model.description()["outputs"])
        == ["scores", "values", "class_scores", "calibrated"]
    )


@pytest.mark.parametrize(
    ("model", "file", "error", "said"),
    [
        ("biam-corel5k", "model.pt2", CheckpointError, "scores labels; a model that scores attributes is needed here"),
        ("refiner-fashion", "model.pt2", CheckpointError, "a model that scores attributes is needed"),
        ("msdn-cub", "model.pth", ConfigError, "names no format; let it end in '.pt2' .* or '.onnx'"),
        ("msdn-cub", "gone/model.pt2", ConfigError, "cannot be written"),
    ],
)
def test_what_cannot_be_exported_is_said(
    model: str, file: str, error: type[Exception], said: str, tmp_path: Path
) -> None:
    with pytest.raises(error, match=said):
        export(model, tmp_path / file)
    assert list(tmp_path.iterdir()) == []


def test_without_the_package_for_onnx_it_is_asked_for_before_the_model_is_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnxscript", None)
    with pytest.raises(ConfigError, match=r"run 'pip install zslviz\[export\]'"):
        export("no-such-model", tmp_path / "model.onnx")
