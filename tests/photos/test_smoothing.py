from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tests.conftest import MADE
from zslviz.photos.smoothing import smooth
from zslviz.tasks.attributes.explanation import Explanation


@pytest.mark.parametrize("name", MADE)
def test_a_smoothed_explanation_still_adds_up(name: str, explanation_of: Callable[..., Explanation]) -> None:
    explanation = explanation_of(name)
    evidence, attention = smooth(explanation.evidence), smooth(explanation.attention)
    rows, columns = explanation.grid
    assert evidence.shape == (*explanation.evidence.shape[:2], 4 * rows, 4 * columns)
    assert np.allclose(evidence.sum((2, 3)) + explanation.bias, explanation.scores, atol=1e-4)
    assert np.allclose(attention.sum((2, 3)), explanation.attention.sum((2, 3)), rtol=1e-4)


def test_the_peak_lies_between_cells_that_share_it() -> None:
    cells = np.zeros((9, 9), dtype=np.float32)
    cells[4, 2], cells[4, 3] = 1.0, 0.999
    row, column = np.unravel_index(smooth(cells).argmax(), (36, 36))
    assert (row + 0.5) / 4 == pytest.approx(4.5, abs=0.13)  # the middle of row 4
    assert (column + 0.5) / 4 == pytest.approx(3.0, abs=0.13)  # the border of columns 2 and 3


def test_the_width_by_hand() -> None:
    row = np.zeros((1, 5), dtype=np.float32)
    row[0, 2] = 1
    spread = smooth(row, factor=1, width=0.5)[0]
    expected = np.exp(-np.array([16, 4, 0, 4, 16]) / 2)  # distances 2, 1, 0 cells over half a cell
    assert np.allclose(spread, expected / expected.sum(), atol=1e-6)


def test_a_cell_at_the_border_keeps_its_mass() -> None:
    corner = np.zeros((4, 6), dtype=np.float32)
    corner[0, 5] = 2
    fine = smooth(corner, factor=3)
    assert fine.shape == (12, 18)
    assert fine.sum() == pytest.approx(2)
    assert np.unravel_index(fine.argmax(), fine.shape)[1] >= 15
