"""Scenes put together of photos: every pixel is known, nothing ambiguous is asked, and maps get what they deserve."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image

from tests.datasets.layouts import make_cub, make_own_animals
from tests.faithfulness.test_run import model_for, yardstick_for
from zslviz.backbones import Backbone, build_backbone, opened
from zslviz.backbones.encoder import BackboneEncoder
from zslviz.datasets.reading import load_dataset
from zslviz.faithfulness import scene_maps
from zslviz.faithfulness.run import Measurement, Settings, measure_faithfulness
from zslviz.faithfulness.scene_maps import CANVAS, SceneMeasurement, lie, on_canvas
from zslviz.faithfulness.scene_summary import summarise_scenes
from zslviz.faithfulness.scenes import CUT_OUT, GRID, PLACES, SIDE, Plan, Scene, asked_attributes, draw, plan
from zslviz.photos.geometry import Geometry
from zslviz.tasks.attributes.data import ZeroShotDataset
from zslviz.tasks.attributes.explainer import AttributeExplainer

COLOURS = ((220, 20, 20), (20, 220, 20), (20, 20, 220), (220, 220, 20))
HOOKED, BLUE, GREY = range(3)  # of the tiny birds, of which the third class alone has blue wings
LABELS = np.repeat(np.arange(6), 5)
POOL = np.flatnonzero(np.arange(30) % 5)  # one photo of each class is not to be taken
WHOLE = Geometry(SIDE, SIDE, CANVAS, 0, 0, CANVAS, CANVAS)  # a map as fine as what it is measured on


@pytest.fixture(scope="module")
def backbone() -> Backbone:
    torch.manual_seed(0)
    return build_backbone("efficientnet_lite0", weights=None)


@pytest.fixture(autouse=True)
def _small_backbone(monkeypatch: pytest.MonkeyPatch, backbone: Backbone) -> None:
    """One random backbone for everything, and no parts marked in the photos."""
    monkeypatch.setattr(opened, "shared_backbone", lambda name, device: backbone)
    monkeypatch.setattr("zslviz.faithfulness.run.data_card", lambda data: None)


@pytest.fixture
def birds(tmp_path: Path) -> ZeroShotDataset:
    return load_dataset("cub", make_cub(tmp_path))


@pytest.fixture
def explainer(birds: ZeroShotDataset, backbone: Backbone) -> AttributeExplainer:
    return AttributeExplainer(model_for(birds.space), BackboneEncoder(backbone), torch.device("cpu"))


def measurement(explainer: AttributeExplainer, dataset: ZeroShotDataset) -> SceneMeasurement:
    run = Measurement(explainer, dataset, Settings())
    return SceneMeasurement(explainer, dataset, run.pool, run.labels, 0, run.content)


def plans() -> Iterator[tuple[Plan, Scene]]:
    for kind in PLACES:
        for number in range(6):
            planned = plan(kind, number, POOL, LABELS, 0)
            sizes = ((90, 60), (60, 90), (70, 70), (64, 50))
            photos = [Image.new("RGB", sizes[i], COLOURS[i]) for i in range(len(planned.photos))]
            yield planned, draw(planned, photos)


# -- what is put together -------------------------------------------------------------------------------------------------


def test_scenes_are_the_same_every_time_and_of_different_classes_of_the_photos_given() -> None:
    again = list(plans())
    for (planned, scene), (other, redrawn) in zip(plans(), again, strict=True):
        assert planned == other
        assert np.array_equal(scene.picture, redrawn.picture)
        assert set(planned.photos) <= set(POOL.tolist())
        assert len({int(LABELS[p]) for p in planned.photos}) == len(planned.photos) == len(planned.places)
    assert len({planned for planned, _ in again}) == len(again)
    assert plan(GRID, 3, POOL, LABELS, 1) != plan(GRID, 3, POOL, LABELS, 0)


def test_every_pixel_of_a_mask_is_of_the_photo_that_it_is_said_to_be_of() -> None:
    for planned, scene in plans():
        assert scene.picture.shape == (SIDE, SIDE, 3)
        assert (scene.masks.sum(axis=0) == 1).all()
        to_each = [
            np.abs(scene.picture.astype(np.int16) - np.int16(colour)).sum(axis=2)
            for colour in COLOURS[: len(scene.masks)]
        ]
        nearest = np.argmin(to_each, axis=0)
        for place, mask in enumerate(scene.masks):
            # Along a cut-out's edge both are seen; what is said to be of one photo is at least half of it, but for rounding.
            assert (nearest[mask] == place).mean() > 0.998, planned
        if planned.kind == GRID:
            assert scene.masks.mean(axis=(1, 2)).tolist() == [0.25] * 4
        else:
            assert 0.05 < scene.masks[1].mean() < 0.2
            assert not scene.masks[1][SIDE // 2, SIDE // 2], "the ground's own middle stays to be seen"


def test_cut_outs_lie_in_every_quarter() -> None:
    seen = set()
    for number in range(30):
        planned = plan(CUT_OUT, number, POOL, LABELS, 0)
        assert planned.box is not None
        left, top, side = planned.box
        corners = {(x // (SIDE // 2), y // (SIDE // 2)) for x in (left, left + side - 1) for y in (top, top + side - 1)}
        assert len(corners) == 1
        seen |= corners
    assert len(seen) == 4


def test_masks_are_measured_where_they_are() -> None:
    for _, scene in plans():
        small = on_canvas(scene.masks)
        assert small.shape == (len(scene.masks), CANVAS, CANVAS)
        assert np.abs(small.mean(axis=(1, 2)) - scene.masks.mean(axis=(1, 2))).max() < 0.003
        assert (np.kron(small[1], np.ones((SIDE // CANVAS,) * 2)) == scene.masks[1]).mean() > 0.98


def test_what_two_classes_of_a_scene_have_or_may_have_is_never_asked() -> None:
    table = np.random.default_rng(3).choice([0.0, 0.1, 0.3, 0.6, 1.0], (6, 40), p=[0.4, 0.2, 0.1, 0.2, 0.1])
    places = set()
    for planned, _ in plans():
        rows = table[LABELS[list(planned.photos)]]
        asked = asked_attributes(planned, 0, table.astype(np.float32), LABELS[list(planned.photos)], 0)
        for place, attribute in asked:
            assert rows[place, attribute] >= 0.5
            assert (np.delete(rows[:, attribute], place) < 0.2).all()
            places.add((planned.kind, place))
        assert len(set(asked)) == len(asked)
        assert max(np.bincount([place for place, _ in asked])) <= (2 if planned.kind == GRID else 4)
    assert len(places) == 6


# -- how maps lie -----------------------------------------------------------------------------------------------------------


def test_a_map_on_the_place_gets_everything_one_elsewhere_nothing_and_an_even_one_chance() -> None:
    for _, scene in plans():
        masks = on_canvas(scene.masks)
        right = masks.astype(np.float32)
        rows = lie({"right": right, "wrong": 1 - right, "even": np.ones_like(right)}, WHOLE, masks)["maps"]
        area = masks.mean(axis=(1, 2))
        assert rows["right"] == [pytest.approx([1, 1, 1])] * len(masks)
        assert rows["wrong"] == [pytest.approx([0, 0, 0])] * len(masks)
        assert np.allclose(rows["even"], np.stack([area, area, np.full(len(area), 0.5)], axis=1), atol=1e-5)


def blue_cell(photo: NDArray[np.uint8]) -> tuple[int, int]:
    """Which quarter of a grid shows the birds with blue wings, whose tiny photos alone are neither red nor green."""
    half = len(photo) // 2
    other = photo[..., :2].astype(int).sum(axis=-1).reshape(2, half, 2, half).mean(axis=(1, 3))
    row, column = np.unravel_index(int(other.argmin()), (2, 2))
    return int(row), int(column)


@pytest.mark.parametrize(("elsewhere", "figures"), [(False, [1, 1]), (True, [0, 0])])
def test_an_explainer_that_sees_the_photo_is_told_from_one_that_looks_elsewhere(
    explainer: AttributeExplainer,
    birds: ZeroShotDataset,
    monkeypatch: pytest.MonkeyPatch,
    elsewhere: bool,
    figures: list[float],
) -> None:
    explain = explainer.explain_encoded

    def planted(features: Any, encoded: Any) -> Any:
        explanation = explain(features, encoded)
        row, column = blue_cell(explanation.photo)
        row = 1 - row if elsewhere else row
        cells = np.full((2, 2), -1.0, dtype=np.float32)
        cells[row, column] = 1
        return replace(explanation, evidence=cells / explanation.scale.gain[..., None, None])

    monkeypatch.setattr(explainer, "explain_encoded", planted)
    scenes = measurement(explainer, birds)
    found = [scenes.measure(GRID, number)["attributes"] for number in range(4)]
    assert all(record["of"] == [BLUE] for record in found), "hooked bills are of two classes, and nothing is grey"
    for record in found:
        ((*measured, ranking),) = record["maps"]["evidence"]
        assert measured == pytest.approx(figures, abs=1e-6)
        assert (ranking > 0.9) is not elsewhere


@pytest.mark.parametrize("make", [model_for, yardstick_for])
def test_attribute_models_and_yardsticks_are_measured_by_the_maps_that_they_offer(
    make: Callable[..., Any], birds: ZeroShotDataset, backbone: Backbone
) -> None:
    explainer = AttributeExplainer(make(birds.space), BackboneEncoder(backbone), torch.device("cpu"))
    record = measurement(explainer, birds).measure(CUT_OUT, 0)
    own = set(record["attributes"]["maps"])
    assert {"centre", "evidence", "evidence, smooth", "Grad-CAM", "Grad-CAM, smooth"} <= own
    assert ("attention" in own) is (make is model_for)
    of_classes = record["classes"]
    assert {"evidence", "evidence above the average class, smooth", "Grad-CAM", "centre"} <= set(of_classes["maps"])
    assert of_classes["places"] == ["ground", "pasted"]
    assert sum(of_classes["area"]) == pytest.approx(1, abs=1e-5)
    assert np.isfinite([row for rows in of_classes["maps"].values() for row in rows]).all()


# -- figures, and a run -------------------------------------------------------------------------------------------------------


def asked(*told: tuple[int, str, float, float, float]) -> dict[str, Any]:
    """Of what, where, its area, and where one map and the centre point."""
    return {
        "of": [t[0] for t in told],
        "places": [t[1] for t in told],
        "area": [t[2] for t in told],
        "maps": {"evidence": [[t[3], 0.5, 0.5] for t in told], "centre": [[t[4], 0.5, 0.5] for t in told]},
    }


def test_figures_of_scenes_by_hand() -> None:
    nothing = asked()
    records = [
        {"attributes": asked((0, "grid", 0.25, 1, 0), (1, "grid", 0.25, 0, 0)), "classes": nothing},
        {"attributes": asked((0, "ground", 0.9, 1, 1), (0, "pasted", 0.1, 1, 0)), "classes": nothing},
        {"attributes": asked((1, "ground", 0.8, 0, 1), (0, "pasted", 0.2, 1, 0)), "classes": nothing},
        {"attributes": asked((1, "pasted", 0.2, 0, 0)), "classes": nothing},
    ]
    figures = summarise_scenes(records, ["colour", "limbs"])
    assert figures is not None
    grid, pasted = (figures[name]["attributes"] for name in ("grid", "pasted"))
    assert (grid["scenes"], grid["pairs"], grid["maps"]["evidence"]["pointing"]["value"]) == (1, 2, 0.5)
    assert grid["maps"]["random"]["pointing"]["value"] == grid["maps"]["random"]["energy"]["value"] == 0.25
    assert grid["maps"]["random"]["ranking"]["value"] == 0.5
    assert grid["by_group"]["limbs"] == {"pairs": 1, "random": 0.25, "evidence": 0.0, "centre": 0.0}
    assert pasted["maps"]["evidence"]["pointing"]["value"] == pytest.approx(2 / 3)
    heeds = pasted["heeds"]
    assert heeds["evidence"]["value"] == pytest.approx(2 / 3 - (1 - 1 / 2))
    assert heeds["centre"] == {"value": 0, "low": 0, "high": 0}, "it points at the same place whatever is asked"
    assert figures["grid"]["classes"] is None
    assert summarise_scenes([], ["colour", "limbs"]) is None


def test_a_run_goes_on_and_measures_anew_only_scenes_of_photos_that_were_replaced(
    birds: ZeroShotDataset, explainer: AttributeExplainer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(tmp_path / "CUB_200_2011", tmp_path / "copied")
    birds = load_dataset("cub", tmp_path / "copied")
    measured: list[tuple[str, int]] = []
    measure = SceneMeasurement.measure

    def noted(self: SceneMeasurement, kind: str, number: int) -> dict[str, Any]:
        measured.append((kind, number))
        return measure(self, kind, number)

    monkeypatch.setattr(scene_maps.SceneMeasurement, "measure", noted)

    def run(scenes: int) -> dict[str, Any]:
        measured.clear()
        return measure_faithfulness(explainer, birds, Settings(1, 0, scenes=scenes), tmp_path / "figures.json")

    run(2)
    figures = run(3)
    assert measured == [(GRID, 2), (CUT_OUT, 2)]
    assert figures["scenes"]["grid"]["classes"]["scenes"] == 3
    assert set(figures["same_place"]["maps"]) > {"evidence", "attention", "random"}
    pool, labels = Measurement(explainer, birds, Settings()).pool, birds.labels
    of = {(kind, n): plan(kind, n, pool, labels, 0).photos for kind in PLACES for n in range(3)}
    replaced = next(p for p in pool.tolist() if 0 < sum(p in photos for photos in of.values()) < len(of))
    Image.open(birds.files[replaced]).rotate(180).save(birds.files[replaced])
    run(3)
    assert measured == [key for key, photos in of.items() if replaced in photos]


def test_photos_of_three_classes_make_no_grids(tmp_path: Path, backbone: Backbone) -> None:
    animals = load_dataset("awa2", make_own_animals(tmp_path))
    explainer = AttributeExplainer(model_for(animals.space, "awa2"), BackboneEncoder(backbone), torch.device("cpu"))
    figures = measure_faithfulness(explainer, animals, Settings(1, 0, scenes=2), tmp_path / "animals.json")
    assert set(figures["scenes"]) == {"ground", "pasted"}
