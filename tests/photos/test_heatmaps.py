from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from zslviz.photos.geometry import Geometry
from zslviz.photos.heatmaps import ColourScale, layer_png, overlay, png, shrink

GEOMETRY = Geometry.fit(120, 80, 64)


def picture(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGBA"))


def test_evidence_scale_is_centred_at_zero_and_transparent_there() -> None:
    scale = ColourScale.shared([np.array([[-1.0, 3.0]]), np.array([[0.5, 0.0]])], signed=True)
    assert scale.ticks() == (-3.0, 0.0, 3.0)
    against, nothing, speaks = scale.colours(np.array([-3.0, 0.0, 3.0]))
    assert nothing[3] < 4
    assert against[3] == speaks[3] == 255
    assert against[2] > against[0]  # blue
    assert speaks[0] > speaks[2]  # red


def test_attention_scale_starts_at_zero_and_gets_brighter() -> None:
    scale = ColourScale.shared([np.array([[0.1, 0.4]])])
    assert scale.ticks() == (0.0, 0.2, 0.4)
    lightness = scale.colours(np.linspace(0, 0.4, 20)) @ np.array([0.299, 0.587, 0.114, 0.0])
    assert (np.diff(lightness) > 0).all()


def test_equal_values_get_equal_colours_in_every_map_of_a_scale() -> None:
    small, large = np.full((4, 4), 0.2), np.full((4, 4), 0.8)
    large[0, 0] = 0.2
    scale = ColourScale.shared([small, large], signed=True)
    assert (scale.colours(small)[0, 0] == scale.colours(large)[0, 0]).all()


@pytest.mark.parametrize("signed", [False, True])
def test_an_empty_map_is_transparent(signed: bool) -> None:
    scale = ColourScale.shared([np.zeros((5, 5))], signed)
    assert picture(layer_png(np.zeros((5, 5)), GEOMETRY, scale, 60))[..., 3].max() < 4


def test_values_beyond_the_scale_get_the_colour_of_its_end() -> None:
    scale = ColourScale(-1.0, 1.0, signed=True)
    assert (scale.colours(np.array([5.0])) == scale.colours(np.array([1.0]))).all()
    assert (scale.colours(np.array([-5.0])) == scale.colours(np.array([-1.0]))).all()


def test_layer_has_the_outline_of_the_photo_and_the_colours_of_the_scale() -> None:
    values = np.random.default_rng(0).normal(size=(8, 8)).astype(np.float32)
    scale = ColourScale.shared([values], signed=True)
    drawn = picture(layer_png(values, GEOMETRY, scale, 60))
    assert drawn.shape == (40, 60, 4)
    assert (drawn == scale.colours(GEOMETRY.map_to_photo(values, (40, 60)))).all()


def test_layer_marks_the_corner_where_the_evidence_is() -> None:
    values = np.zeros((8, 8), dtype=np.float32)
    values[0, 7] = 1.0
    alpha = picture(layer_png(values, GEOMETRY, ColourScale.shared([values], signed=True), 120))[..., 3]
    assert alpha[:8, -12:].min() > 200
    assert alpha[20:, :100].max() < 4


def test_overlay_keeps_the_photo_where_the_map_is_zero_and_at_no_opacity() -> None:
    photo = np.random.default_rng(1).integers(0, 256, (600, 120, 3), dtype=np.uint8)  # more than one strip
    geometry = Geometry.fit(120, 600, 64)
    values = np.zeros((8, 8), dtype=np.float32)
    values[0] = 1.0
    scale = ColourScale.shared([values], signed=True)
    laid = overlay(photo, values, geometry, scale, 1.0)
    assert laid.shape == photo.shape
    assert np.abs(laid[200:].astype(int) - photo[200:]).max() <= 2  # zero is drawn with an alpha of at most 3 in 255
    assert (laid[0] != photo[0]).any()
    assert (overlay(photo, values, geometry, scale, 0.0) == photo).all()


def test_png_keeps_every_pixel() -> None:
    pixels = np.random.default_rng(2).integers(0, 256, (7, 5, 3), dtype=np.uint8)
    assert (np.asarray(Image.open(io.BytesIO(png(pixels)))) == pixels).all()


def test_shrink_keeps_the_outline_and_never_enlarges() -> None:
    pixels = np.zeros((50, 100, 3), dtype=np.uint8)
    assert shrink(pixels, 40).shape == (20, 40, 3)
    assert shrink(pixels, 400) is pixels


def test_gradient_has_both_ends_of_the_scale() -> None:
    scale = ColourScale(-1.0, 1.0, signed=True)
    low, high = scale.colours(np.array([-1.0, 1.0]))
    gradient = scale.css_gradient()
    assert gradient.startswith(f"linear-gradient(90deg, rgba({low[0]},{low[1]},{low[2]},1.00)")
    assert gradient.endswith(f"rgba({high[0]},{high[1]},{high[2]},1.00))")


@pytest.mark.parametrize("shape", [(8, 20_000), (20_000, 8), (100, 30_000), (700, 30_000), (1000, 1000), (600, 4000)])
def test_what_is_drawn_is_bounded_in_pixels_whatever_the_photos_shape(shape: tuple[int, int]) -> None:
    geometry = Geometry.fit(*shape, 64)
    scale = ColourScale.shared([np.ones((2, 2))])
    drawn = Image.open(io.BytesIO(layer_png(np.eye(9, dtype=np.float32), geometry, scale, 288)))
    assert drawn.width <= 288
    assert drawn.height <= 8 * 288
    shown = shrink(np.zeros((shape[1], shape[0], 3), np.uint8), 720)
    assert shown.shape[1] <= 720
    assert shown.shape[0] <= 8 * 720
    if shape[1] <= 8 * shape[0]:
        assert drawn.size == (288, max(1, round(288 * shape[1] / shape[0])))
