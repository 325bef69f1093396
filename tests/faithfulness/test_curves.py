"""Deletion and insertion on a made network that reads one known place, so the extreme areas are known too."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest

from zslviz.faithfulness.curves import area, measure_curves
from zslviz.photos.covering import blur
from zslviz.photos.priors import area_before, centre_prior, random_map

SIDE = 40
SPOT = np.s_[4:12, 24:34]  # 80 of 1600 pixels: a twentieth of the area


@pytest.fixture
def photo() -> np.ndarray:
    """Dark with one bright spot; once blurred the spot is gone."""
    pixels = np.zeros((SIDE, SIDE, 3), dtype=np.uint8)
    pixels[SPOT] = 250
    return pixels


def brightness_of_the_spot(photos: Iterable[np.ndarray]) -> np.ndarray:
    """A network whose score comes from the spot alone; a second score comes from nowhere."""
    return np.array([[p[SPOT].mean(), 7.0] for p in photos], dtype=np.float32)


def orders() -> dict[str, np.ndarray]:
    true_map = np.zeros((SIDE, SIDE), dtype=np.float32)
    true_map[SPOT] = 1
    noise = random_map(np.random.default_rng(0), (SIDE, SIDE))
    maps = {"true": true_map, "opposite": -true_map, "random": noise}
    return {name: area_before(values, noise) for name, values in maps.items()}


def test_the_true_order_gives_the_extreme_areas(photo: np.ndarray) -> None:
    fractions = (0.05, 0.3, 0.6, 0.95)
    curves = measure_curves(photo, orders(), brightness_of_the_spot, fractions)
    whole, blurred = float(curves.whole[0]), float(curves.blurred[0])
    assert whole == 250
    assert blurred < 150
    # The first twentieth of the area is the spot: the score is at its end from there on, on a straight line before.
    assert np.allclose(curves.deletion["true"][:, 0], blurred)
    assert np.allclose(curves.insertion["true"][:, 0], whole)
    assert curves.deletion_area("true")[0] == pytest.approx(blurred + 0.025 * (whole - blurred), rel=1e-5)
    assert curves.insertion_area("true")[0] == pytest.approx(whole - 0.025 * (whole - blurred), rel=1e-5)
    # The opposite order keeps the spot to the end.
    assert curves.deletion_area("opposite")[0] == pytest.approx(whole - 0.025 * (whole - blurred), rel=1e-5)
    assert curves.insertion_area("opposite")[0] == pytest.approx(blurred + 0.025 * (whole - blurred), rel=1e-5)
    middle = (whole + blurred) / 2
    assert curves.deletion_area("random")[0] == pytest.approx(middle, abs=0.15 * whole)


def test_a_score_from_nowhere_has_flat_curves(photo: np.ndarray) -> None:
    curves = measure_curves(photo, orders(), brightness_of_the_spot)
    for name in ("true", "random"):
        assert curves.deletion_area(name)[1] == pytest.approx(7)
        assert curves.insertion_area(name)[1] == pytest.approx(7)


def test_the_network_is_called_once_with_two_ends_and_each_step(photo: np.ndarray) -> None:
    calls = []

    def score(photos: Iterable[np.ndarray]) -> np.ndarray:
        calls.append(list(photos))
        return brightness_of_the_spot(calls[-1])

    measure_curves(photo, orders(), score, (0.25, 0.5))
    assert [len(call) for call in calls] == [2 + 3 * 2 * 2]
    whole, blurred, quarter = calls[0][:3]
    assert np.array_equal(whole, photo)
    assert np.array_equal(blurred, blur(photo))
    first = orders()["true"] < 0.25
    assert first.sum() == SIDE * SIDE // 4
    assert np.array_equal(quarter[first], blurred[first])
    assert np.array_equal(quarter[~first], photo[~first])


def test_area_by_hand() -> None:
    ends = np.array([1.0], dtype=np.float32), np.array([0.0], dtype=np.float32)
    between = np.array([[0.5], [0.25]], dtype=np.float32)
    # 0.2 x (1 + .5)/2 + 0.3 x (.5 + .25)/2 + 0.5 x .25/2
    assert area((0.2, 0.5), ends[0], between, ends[1])[0] == pytest.approx(0.15 + 0.1125 + 0.0625)


def test_equal_values_follow_the_order_of_the_other_map() -> None:
    values = np.array([[0, 0], [5, 0]], dtype=np.float32)
    other = np.array([[1, 3], [0, 2]], dtype=np.float32)
    assert area_before(values, other).tolist() == [[0.75, 0.25], [0.0, 0.5]]


def test_the_centre_prior_is_highest_in_the_middle_and_zero_in_the_corners() -> None:
    prior = centre_prior(101, 51)
    assert np.unravel_index(prior.argmax(), prior.shape) == (50, 25)
    assert prior.max() == 1
    assert prior[0, 0] == pytest.approx(0, abs=0.03)
    assert np.allclose(prior, prior[::-1, ::-1])
