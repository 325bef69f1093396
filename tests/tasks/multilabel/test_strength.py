"""What a label's score means to people: a line from the middle label trained on to what counts as found."""

from __future__ import annotations

import numpy as np
import pytest

from tests.conftest import make_label_checkpoint
from zslviz.tasks.multilabel.choice import LabelProblem, measure
from zslviz.tasks.multilabel.scoring import rank_labels
from zslviz.tasks.multilabel.space import LabelSpace
from zslviz.tasks.multilabel.strength import StrengthScale, strength_scale, thresholds

SEEN = np.array([True, True, True, False, False])
SCORES = np.array([-5.0, -4.0, -2.0, -3.0, -9.0], dtype=np.float32)


def space(seen: np.ndarray = SEEN) -> LabelSpace:
    return LabelSpace(tuple("abcde"), seen, np.eye(5, dtype=np.float32), "made", name="made")


def test_nothing_is_the_middle_label_trained_on_and_a_hundred_counts_as_found_in_either_group() -> None:
    scale = strength_scale(SCORES, SEEN, -2.0, -3.0)
    assert scale == StrengthScale(-4.0, -2.0, -3.0)
    assert thresholds(scale, 100) == (-2.0, -3.0) and thresholds(scale, 0) == (-4.0, -4.0)
    assert thresholds(scale, 150) == (-1.0, -2.5)
    added = np.append(SCORES, np.float32(7)), np.append(SEEN, False)
    assert strength_scale(*added, -2.0, -3.0) == scale, "a label that was typed changed what the others' numbers mean"


def test_it_rises_where_the_middle_label_is_above_a_bar_or_no_label_was_trained_on() -> None:
    for bars in ((-4.0, -1.0), (-1.0, -8.0)):
        scale = strength_scale(SCORES, SEEN, *bars)
        assert scale.zero < min(bars) and scale.zero == pytest.approx(min(bars) - SCORES[:3].std())
    assert strength_scale(SCORES, ~np.ones_like(SEEN), 0.0, 0.0).zero == -4.0
    assert strength_scale(SCORES[:1], SEEN[:1], -9.0, -9.0).zero < -9.0


def test_each_group_has_a_bar_of_its_own() -> None:
    ranking = rank_labels(SCORES, space(), 0.0, -2.5, unseen_threshold=-3.0)
    assert ranking.found.tolist() == [False, False, True, True, False]
    assert rank_labels(SCORES, space(), 0.0, -2.5).found.tolist() == [False, False, True, False, False]


def test_labels_held_out_choose_the_bar_of_those_never_trained_on() -> None:
    """Their scores are lower by 10; with one bar for all of them none would be found."""
    tags = np.where(np.random.default_rng(0).random((60, 5)) < 0.4, 1, -1).astype(np.int8)
    scores = (tags - 10.0 * ~SEEN).astype(np.float32)
    problem = LabelProblem(space(), tags, np.arange(0), np.arange(60), (np.array([3, 4]),))
    choice = measure(problem, scores, 1)
    assert choice.unseen_threshold == pytest.approx(-9) and choice.threshold == pytest.approx(1 - choice.gamma)


def test_a_checkpoint_that_knows_one_threshold_has_it_for_both(tmp_path) -> None:  # type: ignore[no-untyped-def]
    from zslviz.tasks.multilabel.checkpoint import LabelCheckpoint

    made = make_label_checkpoint()
    config = {
        "name": made.name,
        "model": {"word_dim": 50},
        "gamma": 0.25,
        "threshold": 0.5,
        "space": made.space_listed(),
    }
    tensors = made.own_tensors()
    assert LabelCheckpoint.own_fields(config, tensors)["unseen_threshold"] == 0.5
    assert LabelCheckpoint.own_fields(config | {"unseen_threshold": 0.1}, tensors)["unseen_threshold"] == 0.1
