from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.conftest import ROOT
from zslviz.errors import DataError
from zslviz.tasks.multilabel.scenes import Scene, make_scenes, measure_label_maps

FOLDER = ROOT / "assets" / "examples" / "multi"


@pytest.fixture(scope="module")
def scenes() -> list[Scene]:
    return make_scenes(FOLDER, 10)


def test_scenes_are_the_same_every_time_and_hold_different_labels(scenes: list[Scene]) -> None:
    again = make_scenes(FOLDER, 10)
    for one, other in zip(scenes, again, strict=True):
        assert np.array_equal(np.asarray(one.photo), np.asarray(other.photo))
        assert one.masks.keys() == other.masks.keys()
    assert len({label for scene in scenes for label in scene.masks}) >= 10
    assert any(len(scene.masks) == 2 for scene in scenes)


def test_masks_are_the_pixels_that_differ_from_the_landscape(scenes: list[Scene]) -> None:
    for scene in scenes:
        bare = np.asarray(Image.open(FOLDER / "landscapes" / f"{scene.landscape}.jpg").convert("RGB"), dtype=int)
        changed = np.abs(np.asarray(scene.photo, dtype=int) - bare).sum(axis=2) > 60
        drawn = np.any(list(scene.masks.values()), axis=0)
        assert changed[drawn].mean() > 0.6, scene.landscape
        assert changed[~drawn].mean() < 0.03
        assert (np.sum(list(scene.masks.values()), axis=0) <= 1).all(), "objects do not overlap"
        for mask in scene.masks.values():
            assert 0.005 < mask.mean() < 0.3


def test_a_perfect_map_a_wrong_one_and_one_without_meaning(scenes: list[Scene]) -> None:
    mask_of = {id(scene.photo): scene.masks for scene in scenes}

    def perfect(photo: Image.Image, label: str) -> np.ndarray:
        return mask_of[id(photo)][label].astype(float)

    found = measure_label_maps(perfect, scenes)
    assert (found["energy"], found["pointing"], found["pointing_other"]) == (1, 1, 0)
    assert found["ranking"] == pytest.approx(1)
    assert found["things"] == sum(len(s.masks) for s in scenes)
    assert sum(row["things"] for row in found["per_label"]) == found["things"]

    inverted = measure_label_maps(lambda photo, label: 1 - perfect(photo, label), scenes)
    assert (inverted["energy"], inverted["ranking"]) == (0, pytest.approx(0))

    constant = measure_label_maps(lambda photo, label: np.ones((7, 7)), scenes)
    assert constant["energy"] == pytest.approx(found["energy_chance"])
    assert constant["pointing"] == pytest.approx(found["pointing_chance"])
    assert constant["ranking"] == pytest.approx(0.5)


def test_a_map_of_the_other_object_is_found_out(scenes: list[Scene]) -> None:
    pairs = [scene for scene in scenes if len(scene.masks) == 2]
    masks = {id(scene.photo): scene.masks for scene in pairs}

    def swapped(photo: Image.Image, label: str) -> np.ndarray:
        (other,) = (mask for name, mask in masks[id(photo)].items() if name != label)
        return other.astype(float)

    found = measure_label_maps(swapped, pairs)
    assert (found["pointing"], found["pointing_other"], found["energy"]) == (0, 1, 0)
    assert found["intervals"]["pointing_other"] == [1, 1]


def test_a_coarse_map_is_laid_over_the_picture() -> None:
    mask = np.zeros((40, 60), dtype=bool)
    mask[:20, :30] = True
    coarse = np.zeros((4, 6))
    coarse[:2, :3] = 1
    found = measure_label_maps(lambda p, label: coarse, [Scene(Image.new("RGB", (60, 40)), {"sky": mask}, "made")])
    assert found["energy"] > 0.85
    assert found["ranking"] > 0.95


def test_what_cannot_be_measured_is_refused(scenes: list[Scene], tmp_path: Path) -> None:
    with pytest.raises(DataError, match="must be"):
        measure_label_maps(lambda photo, label: np.full((3, 3), np.nan), scenes[:1])
    with pytest.raises(DataError, match="no scenes"):
        measure_label_maps(lambda photo, label: np.ones((3, 3)), [])
    with pytest.raises(DataError, match=r"cutouts.csv' is missing"):
        make_scenes(tmp_path)
