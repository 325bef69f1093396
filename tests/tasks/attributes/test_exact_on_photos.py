"""Shipped models whose evidence is exact only with something held: on real photos too it makes the score, answer by answer."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tests.conftest import SHIPPED
from zslviz.checkpoints.listing import list_checkpoints
from zslviz.models.registry import MODELS
from zslviz.tasks.attributes.explanation import Explanation

HELD = [info.name for info in list_checkpoints(task="attributes") if info.name in SHIPPED and MODELS[info.system].held]


def test_there_are_such_models() -> None:
    assert HELD


@pytest.mark.parametrize("model", HELD)
def test_places_and_the_rest_make_every_answers_score(
    model: str, explanation_of: Callable[[str, int], Explanation]
) -> None:
    x = explanation_of(model, 0)
    assert x.evidence is not None and x.bias is not None and x.evidence_offer.held
    together = x.evidence.sum(axis=(2, 3), dtype=np.float64) + x.bias
    spread = x.scores.std(axis=1, keepdims=True)
    np.testing.assert_array_less(
        np.abs(together - x.scores) / spread, 1e-4
    )  # of what tells attributes apart, in each answer
    assert (np.abs(x.bias).max(axis=1) > 1e-3 * spread[:, 0]).all(), "nothing would be left to name"
    assert not np.array_equal(x.bias, explanation_of(model, 9).bias), "the rest is of the photo"
