"""The bootstrap that all tasks share."""

from __future__ import annotations

import numpy as np
import pytest

from zslviz.errors import ConfigError
from zslviz.tasks.base.bootstrap import TAILS, draw, draw_weights, method, percentiles, tails_of


def test_as_many_things_are_drawn_as_there_are() -> None:
    drawn = draw(7, 200, np.random.default_rng(0))
    assert drawn.shape == (200, 7)
    assert set(drawn.ravel().tolist()) == set(range(7))
    weights = draw_weights(7, 200)
    assert (weights.sum(axis=1) == 7).all()
    assert weights.mean(axis=0) == pytest.approx(np.ones(7), abs=0.3)
    assert np.array_equal(weights, draw_weights(7, 200))
    assert not np.array_equal(weights, draw_weights(7, 200, seed=1))


@pytest.mark.parametrize("drawing", [lambda: draw(7, 0, np.random.default_rng(0)), lambda: draw_weights(7, 0)])
def test_a_bootstrap_needs_a_replicate(drawing) -> None:
    with pytest.raises(ConfigError, match="at least one replicate"):
        drawing()


def test_an_interval_leaves_out_as_much_below_as_above() -> None:
    values = np.arange(101.0)
    assert percentiles(values, tails_of(0.9)) == pytest.approx([5, 95])
    assert percentiles(values, TAILS) == pytest.approx([2.5, 97.5])
    assert tails_of(0.95) == pytest.approx(TAILS)
    low, high = percentiles(np.stack([values, 2 * values], axis=1), tails_of(0.9))
    assert (low, high) == (pytest.approx([5, 10]), pytest.approx([95, 190]))


def test_replicates_without_the_figure_are_left_out() -> None:
    assert percentiles([1.0, np.nan, 3.0, np.nan, 2.0], (0.0, 1.0)) == [1, 3]


def test_the_method_says_how_it_was_made() -> None:
    assert method("test photos", 200, 3) == {
        "level": 0.95, "replicates": 200, "seed": 3, "kind": "percentile bootstrap over test photos",
    }  # fmt: skip
