from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zslviz.errors import DataError
from zslviz.tasks.attributes.figures import (
    evaluate_zero_shot,
    fixed_bias_gzsl,
    gzsl_at,
    mean_accuracy,
    per_class_accuracy,
    sweep_gamma,
    t1_accuracy,
)
from zslviz.tasks.base.curves import harmonic_mean

SEEN = np.array([True, True, False, False])
# Two photos of each class: of the seen classes all are right at gamma 0; of the unseen ones class 2 loses to a seen class
# by 0.3, class 3 by 0.3 once and wins once.
SCORES_SEEN = np.array([[1, 0, 0.2, 0], [1, 0, 0.8, 0], [0, 1, 0.5, 0], [0, 1, 0.5, 0]], np.float32)
LABELS_SEEN = np.array([0, 0, 1, 1])
SCORES_UNSEEN = np.array([[1, 0, 0.7, 0], [1, 0, 0.7, 0], [0, 1, 0, 0.7], [0, 0, 0, 0.7]], np.float32)
LABELS_UNSEEN = np.array([2, 2, 3, 3])
ALL = (SCORES_SEEN, LABELS_SEEN, SCORES_UNSEEN, LABELS_UNSEEN, SEEN)


def test_an_example_counted_by_hand() -> None:
    seen, unseen = gzsl_at(*ALL, np.array([0.0, 0.25, 0.35, 0.6, 2.0]))
    assert seen.tolist() == pytest.approx([1.0, 0.75, 0.75, 0.25, 0.0])
    assert unseen.tolist() == pytest.approx([0.25, 0.25, 1.0, 1.0, 1.0])
    assert t1_accuracy(SCORES_UNSEEN, LABELS_UNSEEN, np.array([2, 3])) == 1.0


def test_the_report_has_the_given_gamma_and_the_oracles_beside_it() -> None:
    report = evaluate_zero_shot(*ALL, gamma=0.25)
    assert (report.s, report.u) == (0.75, 0.25)
    assert report.h == pytest.approx(2 * 0.75 * 0.25 / 1.0)
    assert report.oracle["h"] == pytest.approx(2 * 0.75 / 1.75)
    assert 0.3 <= report.oracle["gamma"] <= 0.5
    assert report.t1 == 1.0
    assert set(report.to_dict()) == {"t1", "u", "s", "h", "gamma", "ausuc", "oracle"}


def test_classes_count_the_same_however_many_photos_they_have() -> None:
    labels = np.array([0] * 99 + [1])
    right = np.array([True] * 99 + [False])
    assert mean_accuracy(right, labels) == pytest.approx(0.5)


def test_classes_without_photos_are_skipped() -> None:
    assert per_class_accuracy(np.array([0, 5, 5]), np.array([0, 0, 5])) == {0: 0.5, 5: 1.0}
    only_class_three = SCORES_UNSEEN[2:], LABELS_UNSEEN[2:]
    _, unseen = gzsl_at(SCORES_SEEN, LABELS_SEEN, *only_class_three, SEEN, np.array([0.0]))
    assert unseen[0] == 0.5


def test_the_harmonic_mean_of_nothing_is_nothing() -> None:
    assert harmonic_mean(0.0, 0.0) == 0.0
    assert harmonic_mean(0.8, 0.0) == 0.0
    assert harmonic_mean(0.5, 0.5) == 0.5
    assert harmonic_mean(np.array([0.0, 1.0]), np.array([0.0, 0.5])).tolist() == pytest.approx([0, 2 / 3])


def test_the_curve_goes_from_all_seen_to_all_unseen() -> None:
    sweep = sweep_gamma(*ALL)
    assert sweep.gammas[0] == 0.0
    assert sweep.unseen.min() == 0.0
    assert sweep.seen.min() == 0.0
    order = np.argsort(sweep.gammas)
    assert (np.diff(sweep.seen[order]) <= 1e-12).all()
    assert (np.diff(sweep.unseen[order]) >= -1e-12).all()


def test_a_perfect_model_has_the_whole_area() -> None:
    perfect = np.eye(4, dtype=np.float32)
    sweep = sweep_gamma(perfect[:2], np.array([0, 1]), perfect[2:], np.array([2, 3]), SEEN)
    assert sweep.ausuc == pytest.approx(1.0)
    assert sweep.harmonic[sweep.best()] == 1.0


def test_a_curve_needs_seen_and_unseen_classes() -> None:
    with pytest.raises(DataError, match="seen and unseen"):
        sweep_gamma(SCORES_SEEN, LABELS_SEEN, SCORES_UNSEEN, LABELS_UNSEEN, np.ones(4, bool))


@given(seed=st.integers(0, 10_000), gamma=st.floats(-2, 2, width=32))
def test_accuracies_agree_with_a_plain_argmax_over_calibrated_scores(seed: int, gamma: float) -> None:
    random = np.random.default_rng(seed)
    seen = random.permutation(np.arange(6) < 4)
    parts = []
    for classes in (np.flatnonzero(seen), np.flatnonzero(~seen)):
        labels = random.choice(classes, 12)
        parts += [random.integers(0, 4, (12, 6)).astype(np.float32) / 2, labels]  # coarse values: many ties
    expected = []
    for scores, labels in (parts[:2], parts[2:]):
        predicted = (scores - np.float32(gamma) * seen.astype(np.float32)).argmax(axis=1)
        expected.append(np.mean(list(per_class_accuracy(predicted, labels).values())))
    s, u = gzsl_at(*parts, seen, np.array([gamma]))
    assert (s[0], u[0]) == (pytest.approx(expected[0]), pytest.approx(expected[1]))


def test_the_fixed_bias_protocol_shifts_each_part_by_its_own_columns() -> None:
    scores, labels = np.concatenate([SCORES_SEEN, SCORES_UNSEEN]), np.concatenate([LABELS_SEEN, LABELS_UNSEEN])
    s, u, h, t1 = fixed_bias_gzsl(scores, labels, SEEN, bias=0.35)
    assert (s, u, t1) == (0.75, 1.0, 1.0)
    assert h == pytest.approx(2 * 0.75 / 1.75)
    assert fixed_bias_gzsl(scores, labels, SEEN)[:2] == (1.0, 0.25)
