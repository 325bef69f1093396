"""Pointing game and energy on made maps, with values computed by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from zslviz.faithfulness.localisation import SIDE, TOLERANCE, Target, localise


def target(*points: tuple[float, float], box: tuple[float, float, float, float] = (0.0, 0.0, 0.5, 1.0)) -> Target:
    """Parts and box in fractions of the photo."""
    return Target.of(np.array(points), np.array(box))


def spot(x: int, y: int, value: float = 1.0) -> np.ndarray:
    canvas = np.zeros((SIDE, SIDE), dtype=np.float32)
    canvas[y, x] = value
    return canvas


def test_the_distance_is_to_the_nearest_part() -> None:
    aim = target((100.5 / SIDE, 50.5 / SIDE), (200.5 / SIDE, 200.5 / SIDE))
    assert localise(spot(103, 54), aim).distance == pytest.approx(5)  # 3 right, 4 down of the first part
    assert localise(spot(200, 190), aim).distance == pytest.approx(10)


def test_energy_is_the_share_of_positive_mass_inside() -> None:
    aim = target((100.5 / SIDE, 50.5 / SIDE))
    values = spot(100, 50, 3.0) + spot(100, 100, 1.0) + spot(200, 10, 4.0) + spot(20, 20, -5.0)
    measured = localise(values, aim)
    assert measured.energy_parts == pytest.approx(3 / 8)
    assert measured.energy_box == pytest.approx(4 / 8)  # the box is the left half


def test_the_disc_ends_at_the_tolerance() -> None:
    aim = target((100.5 / SIDE, 50.5 / SIDE))
    inside, outside = int(100 + TOLERANCE), int(100 + TOLERANCE) + 1
    assert localise(spot(inside, 50), aim).energy_parts == 1
    assert localise(spot(outside, 50), aim).energy_parts == 0
    assert aim.on_parts.sum() == pytest.approx(math.pi * TOLERANCE**2, rel=0.02)


def test_chance_is_the_share_of_the_area() -> None:
    one, two = target((0.5, 0.5)), target((0.5, 0.5), (0.2, 0.2))
    disc = math.pi * TOLERANCE**2 / SIDE**2
    assert one.chance == (pytest.approx(disc, rel=0.02), 0.5, pytest.approx(4 * disc, rel=0.02))
    assert two.chance[0] == pytest.approx(2 * disc, rel=0.02)
    flat = localise(np.ones((SIDE, SIDE), dtype=np.float32), two)
    assert (flat.energy_parts, flat.energy_box) == (pytest.approx(two.chance[0]), pytest.approx(0.5))


def test_a_map_that_is_the_same_everywhere_points_nowhere() -> None:
    nothing = localise(np.zeros((SIDE, SIDE), dtype=np.float32), target((0.5, 0.5)))
    assert (nothing.distance, nothing.energy_parts, nothing.energy_box) == (math.inf, 0, 0)


def test_a_map_without_positive_mass_still_points() -> None:
    measured = localise(spot(112, 112) - 2, target((0.5, 0.5)))
    assert measured.distance < 1
    assert measured.energy_parts == 0
