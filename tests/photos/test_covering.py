"""A place of a photo, as people and programs write it, and the photo with it covered."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest

from tests.conftest import ROOT
from zslviz.errors import ConfigError
from zslviz.photos.covering import Region, blur, covered
from zslviz.photos.loading import load_photo

PLACE = (0.1, 0.2, 0.5, 0.6)


@pytest.mark.parametrize(
    "written",
    [
        PLACE,
        list(PLACE),
        np.array(PLACE),
        "0.1,0.2,0.5,0.6",
        " 0.1 , 0.2 , 0.5 , 0.6 ",
        "0,1; 0,2; 0,5; 0,6",
        {"x0": 0.1, "y0": 0.2, "x1": 0.5, "y1": 0.6},
        Region(*PLACE),
    ],
)
def test_a_place_is_read_however_it_is_written(written: Any) -> None:
    assert np.allclose(Region.parse(written).box, PLACE)


@pytest.mark.parametrize(
    "written",
    [
        None, "", "everything", "0.1,0.2,0.5", "0.1,0.2,0.5,0.6,0.7", "a,b,c,d", [0, 0, 1, float("nan")], [0, 0, 1, 10**400],
        [0, 0, float("inf"), 1], [-0.1, 0, 1, 1], [0, 0, 1.1, 1], [0.5, 0, 0.5, 1], [0.6, 0, 0.5, 1], [0, 0, 1, True],
        [0, 0, 1, None], {"x0": 0.1}, 7,
    ],
)  # fmt: skip
def test_what_is_no_place_is_refused_in_one_sentence(written: Any) -> None:
    with pytest.raises(ConfigError) as refused:
        Region.parse(written)
    assert str(refused.value).count(".") >= 1
    assert "\n" not in str(refused.value)


def test_only_the_place_is_blurred(rng: np.random.Generator) -> None:
    photo = rng.integers(0, 256, (40, 60, 3), dtype=np.uint8)
    found = covered(photo, Region(0.5, 0.25, 1.0, 0.5))
    blurred = blur(photo)
    assert np.array_equal(found[10:20, 30:], blurred[10:20, 30:])
    found[10:20, 30:] = photo[10:20, 30:]
    assert np.array_equal(found, photo)
    assert np.array_equal(covered(photo, Region(0, 0, 1, 1)), blurred)


def test_the_smallest_place_covers_a_pixel() -> None:
    photo = np.zeros((7, 5, 3), dtype=np.uint8)
    white = np.full_like(photo, 255)
    for at in (0.0, 0.31, 0.99):
        found = covered(photo, Region(at, at, at + 1e-9, at + 1e-9), white)
        assert found.any(axis=2).sum() == 1


@pytest.mark.parametrize("size", [(600, 800), (803, 601), (37, 640), (640, 1), (90, 60)])
@pytest.mark.parametrize("kind", ["noise", "edge", "photo"])
def test_a_strong_blur_is_that_of_the_photo_itself(size: tuple[int, int], kind: str) -> None:
    photo = np.zeros((*size, 3), np.uint8)
    if kind == "noise":
        photo = np.random.default_rng(0).integers(0, 256, photo.shape).astype(np.uint8)
    elif kind == "edge":
        photo[:, : max(1, size[1] // 200)] = 255
    else:
        photo = cv2.resize(np.asarray(load_photo(ROOT / "assets/examples/bison.jpg")), size[::-1])
    wanted = cv2.GaussianBlur(photo.astype(np.float32), (0, 0), 0.1 * max(size), borderType=cv2.BORDER_REFLECT_101)
    assert np.abs(blur(photo) - wanted).max() <= 2.5
