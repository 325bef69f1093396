"""Maps moved to where their cells see: nothing is lost, and a mark on the photo is found where it was put."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from zslviz.backbones import build_backbone
from zslviz.photos.loading import to_network_input
from zslviz.photos.placement import cell_positions, place, placement_matrix

SIDE = 288


@given(st.integers(1, 14), st.floats(-60, 60), st.sampled_from([8, 16, 32]))
def test_placement_keeps_the_sum_of_every_map(cells: int, shift: float, stride: int) -> None:
    matrix = placement_matrix(cell_positions(SIDE, stride, cells, shift), SIDE)
    assert (matrix >= 0).all()
    np.testing.assert_allclose(matrix.sum(axis=0), 1, atol=1e-6)
    maps = np.random.default_rng(cells).standard_normal((2, 3, cells, cells)).astype(np.float32)
    np.testing.assert_allclose(place(maps, matrix).sum((-2, -1)), maps.sum((-2, -1)), atol=1e-4)


def test_a_stage_without_shift_on_its_own_grid_stays_as_it_is() -> None:
    matrix = placement_matrix(cell_positions(SIDE, 32, 9, 0.0), SIDE)
    np.testing.assert_allclose(matrix, np.eye(9), atol=1e-6)


@settings(max_examples=40)
@given(st.integers(1, 7), st.floats(-10, 10))
def test_a_cell_is_moved_to_its_true_place(cell: int, shift: float) -> None:
    positions = cell_positions(SIDE, 16, 9, shift)
    spike = np.zeros((9, 9), dtype=np.float32)
    spike[cell, 4] = 1
    placed = place(spike, placement_matrix(positions, SIDE))
    centres = (np.arange(9) + 0.5) * SIDE / 9
    assert placed.sum(1) @ centres == pytest.approx(positions[cell], abs=1e-2)


@pytest.mark.parametrize("corner", [(0.2, 0.2), (0.8, 0.2), (0.2, 0.8), (0.8, 0.8)])
def test_a_mark_on_a_non_square_photo_is_found_where_it_was_put(corner: tuple[float, float]) -> None:
    """From the photo through the real backbone and back: the change in c5 lies on the square that was laid on the photo."""
    width, height = 640, 400
    across, down = np.meshgrid(np.linspace(90, 160, width), np.linspace(0, 40, height))
    photo = Image.fromarray(np.stack([across, across + down, 200 - across], axis=-1).astype(np.uint8))
    half = min(width, height) // 12
    x, y = corner[0] * width, corner[1] * height
    noise = np.random.default_rng(0).integers(0, 256, (2 * half, 2 * half, 3), dtype=np.uint8)
    marked = photo.copy()
    marked.paste(Image.fromarray(noise), (int(x) - half, int(y) - half))
    backbone = build_backbone("efficientnet_lite2")
    inputs, geometry = zip(*(to_network_input(p, SIDE) for p in (photo, marked)), strict=True)
    with torch.inference_mode():
        c5 = backbone(torch.from_numpy(np.stack(inputs)).permute(0, 3, 1, 2)).stages["c5"]
    change = (c5[1] - c5[0]).square().sum(0).numpy()
    matrix = placement_matrix(cell_positions(SIDE, 32, 9, backbone.spec.shift[2]), SIDE)
    laid = geometry[1].map_to_photo(place(change, matrix))
    weight = laid.astype(np.float64) ** 2  # the strongest change counts most
    column = weight.sum(0) @ (np.arange(width) + 0.5) / weight.sum()
    row = weight.sum(1) @ (np.arange(height) + 0.5) / weight.sum()
    assert abs(column - x) <= width / 9  # within a cell
    assert abs(row - y) <= height / 9
