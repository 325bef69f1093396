"""Whether a photo's maps depend on the attribute that is asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from zslviz.faithfulness.same_place import measure_same_place, summarise_same_place
from zslviz.tasks.base.where import in_one_place, peaks


def planted(cells: list[tuple[int, int]], size: int) -> np.ndarray:
    maps = np.zeros((len(cells), size, size), dtype=np.float32)
    for index, (row, column) in enumerate(cells):
        maps[index, row, column] = 1
    return maps


def test_peaks_within_a_cell_of_nine_are_in_one_place_on_any_grid() -> None:
    maps = planted([(3, 3), (2, 1), (2, 2), (1, 3), (8, 8)], 9)
    assert in_one_place(peaks(maps)) == pytest.approx(4 / 5), "all but the last, seen from (2, 2)"
    finer = np.kron(maps, np.ones((2, 2), dtype=np.float32))
    assert in_one_place(peaks(finer)) == pytest.approx(4 / 5)


def test_a_map_that_is_the_same_everywhere_has_no_peak() -> None:
    maps = planted([(2, 2), (6, 6)], 9)
    maps[1] = 0.5
    assert len(peaks(maps)) == 1
    assert in_one_place(peaks(maps[1:])) is None


def test_attention_that_heeds_no_attribute_is_in_one_place(explanation_of: Any) -> None:
    explanation = explanation_of("made-msdn")
    attention = np.zeros((2, 5, 6, 6), dtype=np.float32)
    attention[:, :, 4, 1] = 1
    attention[:, :, 0, 0] = np.linspace(0, 0.5, 5)  # not the same for every attribute, and the same place
    evidence = np.zeros((2, 5, 6, 6), dtype=np.float32)
    evidence[:, range(5), [0, 0, 2, 4, 4], [0, 4, 2, 0, 4]] = 1 / explanation.scale.gain
    record = measure_same_place(replace(explanation, attention=attention, evidence=evidence), 0)
    assert record["maps"]["attention"] == 1
    assert record["maps"]["evidence"] == pytest.approx(1 / 5)
    assert 0.2 <= record["maps"]["random"] < 1


def test_figures_are_means_over_the_photos_that_have_peaks() -> None:
    records = [{"maps": {"attention": 1.0, "evidence": None}}, {"maps": {"attention": 0.5, "evidence": None}}]
    figures = summarise_same_place(records)
    assert figures is not None
    assert figures["photos"] == 2
    assert figures["maps"]["attention"] == {"value": 0.75, "low": 0.5, "high": 1.0}
    assert "evidence" not in figures["maps"]
    assert summarise_same_place([]) is None
