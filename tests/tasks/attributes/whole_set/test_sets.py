"""Sets of classes with the coverage that was asked for, and what their classes have in common."""

from __future__ import annotations

import numpy as np
import pytest

from tests.conftest import make_space
from zslviz.tasks.attributes.retesting import TestedModel
from zslviz.tasks.attributes.scoring import calibrate, rank_classes
from zslviz.tasks.attributes.whole_set.sets import SHARE, Within, may_be, set_sentence, shared


@pytest.mark.parametrize("model", ["mgmrn-awa2", "eszsl-awa2", "msdn-cub-grounded"])
def test_as_many_test_photos_as_were_asked_for_have_their_class_in_the_set(model: str) -> None:
    tested = TestedModel.open(model)
    known, photos, space = tested.within(), tested.photos, tested.space
    scores = calibrate(photos.scores(space, tested.rule), space.seen, tested.gamma).astype(np.float64)
    inside = scores[np.arange(len(photos)), photos.labels] >= scores.max(axis=1) - known.lead
    assert SHARE <= inside.mean() < SHARE + 0.01
    share = known.seen * photos.of_seen.mean() + known.unseen * (~photos.of_seen).mean()
    assert share == pytest.approx(SHARE, abs=0.02), "measured on photos that had no say"
    gamma = tested.gamma + 3
    assert tested.within(gamma=gamma).seen < known.seen, "another handicap is measured anew"


def test_the_set_holds_the_first_class_and_all_that_are_near_it() -> None:
    tested = TestedModel.open("msdn-awa2")
    space, vector = tested.space, tested.photos.vectors[5][None]
    ranking = rank_classes(vector, space, tested.rule.__class__("dot", (1.0,)), tested.gamma)
    lines = ranking.top(len(space.classes))
    for lead in (0.0, 0.5, 3.0):
        assert may_be(ranking, lead) == [
            line.index for line in lines if np.float64(lines[0].score) - line.score <= lead
        ]


def test_what_some_classes_have_in_common_is_what_few_others_have() -> None:
    space = make_space(classes=6, attributes=3).with_values(
        {
            (c, a): float(v)
            for c, row in enumerate(["110", "110", "010", "010", "011", "101"])
            for a, v in enumerate(row)
        }
    )
    assert shared(space, [0, 1]) == ([0], 1), "attribute 1 is had by most of the others"
    assert shared(space, [0, 4]) == ([], 0)
    known = Within(0.5, 0.96, 0.855)
    said = set_sentence(space, [0, 1], known).text
    assert said == (
        "90 of 100 test photos have their class within 0.50 of the first. Here these are 2: Class 0 and Class 1. All are described "
        "with color: shade 0, as is 1 of the other 4 classes. Measured: 96 of 100 photos of classes trained on, 86 of 100 of the "
        "others."
    )
    assert "that is Class 3 alone. Measured" in set_sentence(space, [3], known).text
    less = space.with_values({(5, 0): 0.0})
    assert "with color: shade 0, as is none of the other 4 classes. Measured" in set_sentence(less, [0, 1], known).text
    more = make_space(classes=8, attributes=2).with_values({(c, 0): float(c < 4) for c in range(8)})
    assert (
        shared(more, [0, 1]) == ([0], 2) and "All are" not in set_sentence(more, [0, 1], known).text
    )  # a third of the others
