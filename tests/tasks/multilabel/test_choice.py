"""What is chosen on validation photos of a multi-label data set."""

from __future__ import annotations

import numpy as np
import pytest

from zslviz.tasks.multilabel.choice import _best_threshold


@pytest.mark.parametrize("order", [[0, 1, 2, 3, 4, 5, 6], [0, 6, 5, 4, 3, 2, 1]])
def test_labels_of_equal_score_are_found_or_missed_together(order: list[int]) -> None:
    """At 0.5 one of six is right beside the one at 0.9: F1 is 4 / 9 there and 2 / 3 at 0.9, whichever of the six stands first."""
    scores = np.array([0.9, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5])
    tags = np.array([1, 1, -1, -1, -1, -1, -1], dtype=np.int8)
    assert _best_threshold(scores[order], tags[order]) == 0.9


def test_the_threshold_has_the_best_f1_of_all_and_passes_over_unknown_tags() -> None:
    random = np.random.default_rng(0)
    scores = random.normal(size=(40, 5)).round(1)
    tags = np.where(random.random((40, 5)) < 0.3 + 0.2 * (scores > 0), 1, -1).astype(np.int8)
    tags[random.random((40, 5)) < 0.2] = 0

    def f1(threshold: float) -> float:
        found = (scores >= threshold) & (tags != 0)
        return 2 * int((found & (tags == 1)).sum()) / int(found.sum() + (tags == 1).sum())

    assert f1(_best_threshold(scores, tags)) == max(f1(threshold) for threshold in np.unique(scores))
