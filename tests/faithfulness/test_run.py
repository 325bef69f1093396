"""The whole measurement on a tiny CUB with a random model: what it measures, and that a killed run goes on."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from tests.conftest import make_checkpoint
from tests.datasets.layouts import CUB_CLASSES, make_cub, make_own_animals
from tests.datasets.part_layouts import add_parts
from zslviz import cli
from zslviz.backbones import Backbone, build_backbone, opened
from zslviz.backbones.encoder import BackboneEncoder
from zslviz.datasets.reading import load_dataset
from zslviz.errors import ConfigError
from zslviz.faithfulness import localisation, run
from zslviz.faithfulness.entry import sentence
from zslviz.faithfulness.maps import class_maps
from zslviz.faithfulness.run import Measurement, Settings, measure_faithfulness
from zslviz.faithfulness.sanity import rank_correlation
from zslviz.models.registry import build_model
from zslviz.tasks.attributes.explainer import AttributeExplainer
from zslviz.tasks.attributes.gradcam import explain_with_grad_cam
from zslviz.tasks.attributes.scoring import AttributeScale, ScoringRule
from zslviz.tasks.attributes.shuffling import with_shuffled_weights
from zslviz.tasks.attributes.space import SemanticSpace

SETTINGS = Settings(photos=3, curves=2, scenes=1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = make_cub(tmp_path)
    add_parts(folder, [(80, 70)] * 16)
    return folder


def yardstick_for(space: SemanticSpace) -> Any:
    """A random linear model in place of the MSDN of `model_for`."""
    other = model_for(space)
    config = {"attributes": len(space.attributes), "channels": 1280}
    network = build_model("eszsl", config).eval().requires_grad_(False)
    scale = replace(other.scale, mean=other.scale.mean[:1], std=other.scale.std[:1], shares=None)
    rule = ScoringRule("dot", (1.0,))
    return replace(other, system="eszsl", model_config=config, network=network, scale=scale, rule=rule)


def model_for(space: SemanticSpace, data: str = "cub") -> Any:
    """A random MSDN for the classes and attributes of a data set."""
    torch.manual_seed(1)
    made = make_checkpoint("msdn")
    attributes = len(space.attributes)
    config = {**made.model_config, "attributes": attributes}
    random = np.random.default_rng(0)
    scale = AttributeScale.fit(random.normal(size=(30, 2, attributes)), random.uniform(size=(30, attributes)))
    scale = replace(scale, shares=made.rule.shares)
    return replace(
        made, name=f"tiny-{data}", data=data, space=space, scale=scale, model_config=config,
        network=build_model("msdn", config).eval().requires_grad_(False),
    )  # fmt: skip


@pytest.fixture(scope="module")
def backbone() -> Backbone:
    torch.manual_seed(0)
    return build_backbone("efficientnet_lite0", weights=None)


@pytest.fixture
def explainer(folder: Path, backbone: Backbone) -> AttributeExplainer:
    return AttributeExplainer(
        model_for(load_dataset("cub", folder).space), BackboneEncoder(backbone), torch.device("cpu")
    )


@pytest.fixture(autouse=True)
def _small_backbone(monkeypatch: pytest.MonkeyPatch, backbone: Backbone) -> None:
    """One random backbone for everything, in place of the packaged weights."""
    monkeypatch.setattr(opened, "shared_backbone", lambda name, device: backbone)


def test_localisation_curves_and_sanity_of_a_tiny_bird_set(
    explainer: AttributeExplainer, folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "made" / "tiny.json"
    figures = measure_faithfulness(explainer, load_dataset("cub", folder), SETTINGS, out)
    assert json.loads(out.read_text()) == json.loads(json.dumps(figures))
    assert (figures["photos"], figures["curve_photos"]) == (3, 2)
    maps = figures["localisation"]["maps"]
    assert {"random", "centre", "evidence", "attention", "Grad-CAM"} < set(maps)
    for row in maps.values():
        for key in ("pointing", "pointing_groups", "pointing_wide", "energy_parts", "energy_box"):
            assert 0 <= row[key]["low"] <= row[key]["value"] + 1e-9 <= row[key]["high"] + 2e-9 <= 1 + 3e-9
    by_part = figures["localisation"]["by_part"]
    assert sum(row["pairs"] for row in by_part.values()) == figures["localisation"]["pairs"]
    assert {name: set(row) for name, row in by_part.items()} == {name: {"pairs", *maps} for name in by_part}
    orders = {"evidence", "attention, smooth", "Grad-CAM", "random", "centre"}
    assert set(figures["curves"]["attribute"]["orders"]) == orders
    assert {"evidence", "Grad-CAM", "random", "centre"} < set(figures["curves"]["class"]["orders"])
    assert set(figures["sanity"]) == {"evidence", "attention", "class"}


def test_only_attributes_of_the_class_with_a_visible_part_are_measured(
    explainer: AttributeExplainer, folder: Path
) -> None:
    dataset = load_dataset("cub", folder)
    measurement = Measurement(explainer, dataset, SETTINGS)
    hooked, blue, _ = range(3)
    table = {"001": [hooked], "002": [hooked], "003": [blue], "004": []}  # what is at least half in CUB_TABLE
    for photo, label in enumerate(dataset.labels):
        assert measurement.strong_attributes(photo) == table[CUB_CLASSES[label][:3]]
    assert measurement.parts is not None
    beak = measurement.parts.parts.index("beak")
    first = [p for p, label in enumerate(dataset.labels) if label == 0]
    shown = {p: bool(measurement.parts.visible[p, beak]) for p in first}
    assert set(shown.values()) == {True, False}
    for photo, visible in shown.items():
        assert measurement.measure_maps(photo)["attributes"] == ([hooked] if visible else [])


def test_a_killed_run_goes_on_to_the_same_figures(
    explainer: AttributeExplainer, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = load_dataset("cub", folder)
    whole = measure_faithfulness(explainer, dataset, SETTINGS, tmp_path / "whole.json")
    photos: list[int] = []
    measure = Measurement.measure_maps

    def dies_at_the_third(self: Measurement, photo: int) -> dict[str, Any]:
        if len(photos) == 2:
            raise KeyboardInterrupt
        photos.append(photo)
        return measure(self, photo)

    monkeypatch.setattr(Measurement, "measure_maps", dies_at_the_third)
    with pytest.raises(KeyboardInterrupt):
        measure_faithfulness(explainer, dataset, SETTINGS, tmp_path / "killed.json")
    with (tmp_path / "killed.jsonl").open("a") as stream:
        stream.write('{"kind": "maps", "photo": 1')  # killed while it wrote
    monkeypatch.setattr(Measurement, "measure_maps", lambda self, photo: photos.append(photo) or measure(self, photo))
    resumed = measure_faithfulness(explainer, dataset, SETTINGS, tmp_path / "killed.json")
    assert len(photos) == len(set(photos)) == 3
    for figures in (whole, resumed):
        figures.pop("seconds")
    assert resumed == whole


def test_a_yardstick_without_attention_is_measured_by_its_evidence(folder: Path, backbone: Backbone) -> None:
    dataset = load_dataset("cub", folder)
    explainer = AttributeExplainer(yardstick_for(dataset.space), BackboneEncoder(backbone), torch.device("cpu"))
    measurement = Measurement(explainer, dataset, SETTINGS)
    photo = next(p for p, label in enumerate(dataset.labels) if label == 2)  # its wings are never both hidden
    maps = measurement.measure_maps(photo)
    assert set(maps["maps"]) == {"centre", "evidence", "evidence, smooth", "Grad-CAM", "Grad-CAM, smooth"}
    assert set(maps["sanity"]) == {"evidence", "class"}
    own = {name for name in measurement.measure_curves(photo)["deletion"] if name.startswith("attribute: ")}
    assert own == {"attribute: evidence", "attribute: Grad-CAM"}


def test_a_record_of_maps_is_what_each_network_finds_when_it_looks_for_itself(
    explainer: AttributeExplainer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measurement = Measurement(explainer, load_dataset("cub", folder), SETTINGS)
    photo = next(p for p, label in enumerate(measurement.dataset.labels) if label == 2)
    image, attributes = measurement.dataset.files[photo], measurement.strong_attributes(photo)
    before, after = explainer.explain(image), with_shuffled_weights(explainer, SETTINGS.seed).explain(image)
    expected = rank_correlation(before.fused_evidence[attributes], after.fused_evidence[attributes]).mean()
    yardstick = explain_with_grad_cam(explainer, image, attributes).attributes
    runs: list[torch.Tensor] = []
    encode = BackboneEncoder.encode
    monkeypatch.setattr(BackboneEncoder, "encode", lambda self, x, stages: runs.append(x) or encode(self, x, stages))
    record = measurement.measure_maps(photo)
    assert [len(pixels) for pixels in runs] == [1]  # the backbone looks once, for all of them
    assert record["sanity"]["evidence"] == pytest.approx(expected, abs=1e-4)
    side = (localisation.SIDE, localisation.SIDE)
    assert measurement.parts is not None
    for index, attribute in enumerate(record["attributes"]):
        points = measurement.parts.of_group(photo, measurement.explainer.space.groups[attribute])
        target = localisation.Target.of(points, measurement.parts.boxes[photo])
        laid = before.geometry.map_to_photo(yardstick[attributes.index(attribute)], side)
        found = localisation.localise(laid, target)
        row = [found.distance, found.energy_parts, found.energy_box]
        assert record["maps"]["Grad-CAM"][index] == pytest.approx(row, rel=1e-4)


def test_how_many_photos_of_a_curve_the_network_sees_together_changes_no_score(
    explainer: AttributeExplainer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measurement = Measurement(explainer, load_dataset("cub", folder), SETTINGS)
    few = measurement.measure_curves(0)
    monkeypatch.setattr(run, "BATCH", {"cpu": 16})
    many = measurement.measure_curves(0)
    assert (few["class"], few["attribute"]) == (many["class"], many["attribute"])
    for name, steps in few["insertion"].items():
        assert np.allclose(steps, many["insertion"][name], rtol=1e-4, atol=1e-5)


def test_the_average_class_is_the_mean_of_all_of_them(explainer: AttributeExplainer, folder: Path) -> None:
    explanation = explainer.explain(load_dataset("cub", folder).files[0])
    every = np.stack([explanation.class_evidence(c) for c in range(len(explanation.space.classes))])
    assert np.allclose(explanation.average_class_evidence(), every.mean(axis=0), atol=1e-6)
    maps = class_maps(explanation, [2, 0])
    assert np.array_equal(maps["evidence"], every[[2, 0]])
    assert np.allclose(maps["evidence above the average class"], every[[2, 0]] - every.mean(axis=0), atol=1e-6)


def test_more_photos_begin_with_the_same_ones(explainer: AttributeExplainer, folder: Path) -> None:
    dataset = load_dataset("cub", folder)
    few, more = (Measurement(explainer, dataset, Settings(photos=n)).photos() for n in (2, 5))
    assert more[:2] == few
    assert len(set(more)) == 5
    assert set(more) <= {*dataset.test_seen, *dataset.test_unseen}
    choosing = Measurement(explainer, dataset, Settings(photos=50, part="trainval")).photos()
    assert set(choosing) == set(dataset.trainval)


def test_records_of_other_weights_are_refused(explainer: AttributeExplainer, folder: Path, tmp_path: Path) -> None:
    dataset = load_dataset("cub", folder)
    measure_faithfulness(explainer, dataset, Settings(1, 0, scenes=0), tmp_path / "a.json")
    with torch.no_grad():
        explainer.checkpoint.network.W_1.mul_(2)
    with pytest.raises(ConfigError, match="other weights"):
        measure_faithfulness(explainer, dataset, Settings(1, 0, scenes=0), tmp_path / "a.json")


def test_animals_have_curves_and_no_localisation(tmp_path: Path, backbone: Backbone) -> None:
    dataset = load_dataset("awa2", make_own_animals(tmp_path))
    explainer = AttributeExplainer(model_for(dataset.space, "awa2"), BackboneEncoder(backbone), torch.device("cpu"))
    figures = measure_faithfulness(explainer, dataset, Settings(2, 1, scenes=0), tmp_path / "animals.json")
    assert figures["localisation"] is None
    assert figures["curves"]["class"]["photos"] == 1


def test_the_command_measures_and_prints(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    model_for(load_dataset("cub", folder).space).save(tmp_path / "models" / "tiny-cub")
    monkeypatch.setenv("ZSLVIZ_CHECKPOINTS", str(tmp_path / "models"))
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["zslviz", "faithfulness", *arguments])
        code = 0
        try:
            cli.main()
        except SystemExit as stop:
            code = int(stop.code or 0)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    model = ("--model", "tiny-cub", "--data", f"cub={folder}", "--device", "cpu")
    code, out, _ = run(*model, "--photos", "2", "--curves", "1", "--scenes", "1")
    assert code == 0
    assert "Grad-CAM" in out
    assert "evidence, smooth, pointing: " in out and "With the model's weights" not in out
    assert sentence(json.loads(Path("docs/results/faithfulness/tiny-cub.json").read_text())) in out.splitlines()
    assert "scenes, grid: maps of classes, 4 in 1 scenes" in out
    assert "whose maps peak in one place" in out
    assert "wrote docs/results/faithfulness/tiny-cub.json" in out
    assert Path("docs/results/faithfulness/tiny-cub.json").is_file()
    assert "Example: zslviz faithfulness" in run("--help")[1]
    mistakes = {
        ("--data", f"awa2={folder}"): "cannot be measured on 'awa2'",
        ("--photos", "0"): "at least one photo",
        ("--scenes", "-1"): "scenes on none or more",
        ("--part", "val"): "not 'val'",
        ("--seed", "-1"): "a whole number from 0 on, not -1",
        ("--seed", "1"): "other weights or settings",
    }
    for arguments, message in mistakes.items():
        code, _, err = run(*model, *arguments)
        assert code == 2
        assert message in err.strip().splitlines()[-1]


def test_a_photo_that_was_replaced_is_measured_again_and_only_it(
    explainer: AttributeExplainer, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied = shutil.copytree(folder, tmp_path / "copied")
    dataset = load_dataset("cub", copied)
    measure_faithfulness(explainer, dataset, Settings(3, 0, scenes=0), tmp_path / "a.json")
    chosen = Measurement(explainer, dataset, Settings(3, 0, scenes=0)).photos()[1]
    Image.open(dataset.files[chosen]).rotate(180).save(dataset.files[chosen])
    measured: list[int] = []
    measure = Measurement.measure_maps
    monkeypatch.setattr(Measurement, "measure_maps", lambda self, photo: measured.append(photo) or measure(self, photo))
    measure_faithfulness(explainer, dataset, Settings(3, 0, scenes=0), tmp_path / "a.json")
    assert measured == [chosen]
