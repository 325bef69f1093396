from __future__ import annotations

import time
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zslviz.errors import ConfigError
from zslviz.tasks.attributes.bootstrap import (
    FIGURES,
    intervals,
    paired_differences,
    resampled_accuracy,
    resampled_figures,
)
from zslviz.tasks.attributes.figures import Answers
from zslviz.tasks.base.curves import harmonic_mean


def made_answers(seed: int = 0, per_class: int = 12, share: float = 0.6, classes: int = 5) -> Answers:
    random = np.random.default_rng(seed)
    labels_unseen, labels_seen = (np.repeat(np.arange(classes), per_class) for _ in range(2))
    right = [random.random(classes * per_class) < share for _ in range(3)]
    return Answers(*right, labels_unseen, labels_seen)


def test_it_equals_an_explicit_loop_over_replicates_classes_and_photos() -> None:
    answers = made_answers(per_class=4)
    replicates = 30
    found = resampled_figures([answers], replicates, seed=3)
    random = np.random.default_rng(3)
    draws = [  # the same random numbers: classes in order, photos of unseen ones first
        [random.integers(4, size=(replicates, 4)) for _ in np.unique(labels)]
        for labels in (answers.labels_unseen, answers.labels_seen)
    ]
    for replicate in range(replicates):
        expected = {}
        for name, right, labels, drawn in (
            ("t1", answers.t1, answers.labels_unseen, draws[0]),
            ("u", answers.u, answers.labels_unseen, draws[0]),
            ("s", answers.s, answers.labels_seen, draws[1]),
        ):
            of_classes = []
            for c in range(5):
                photos = [i for i in range(len(labels)) if labels[i] == c]
                of_classes.append(Fraction(sum(bool(right[photos[k]]) for k in drawn[c][replicate]), 4))
            expected[name] = float(sum(of_classes) / 5)
        expected["h"] = float(harmonic_mean(expected["s"], expected["u"]))
        for name in FIGURES:
            assert found[name][replicate, 0] == expected[name], "the float nearest to the fraction"


@given(seed=st.integers(0, 1000), share=st.floats(0.1, 0.9))
def test_an_interval_holds_the_figure_it_belongs_to(seed: int, share: float) -> None:
    answers = made_answers(seed, share=share)
    found = intervals(answers, replicates=200)
    for name, value in answers.figures().items():
        low, high = found[name]
        assert 0 <= low <= value <= high <= 1


def test_an_interval_shrinks_with_the_photos_as_one_over_the_root() -> None:
    widths = []
    for per_class in (10, 40, 160):
        found = intervals(made_answers(1, per_class))
        widths.append([found[name][1] - found[name][0] for name in FIGURES])
    ratios = np.array(widths[:-1]) / np.array(widths[1:])
    assert ratios == pytest.approx(np.full((2, 4), 2.0), rel=0.3)


def test_an_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    truth, trials = 0.6, 100
    held = 0
    for seed in range(trials):
        low, high = intervals(made_answers(seed, per_class=20, share=truth), replicates=150, seed=seed)["t1"]
        held += low <= truth <= high
    assert 0.88 <= held / trials <= 0.99


def test_what_is_certain_has_no_spread() -> None:
    everything = made_answers(share=2.0)
    assert all(intervals(everything)[name] == [1.0, 1.0] for name in FIGURES)


def test_every_class_keeps_its_weight_however_few_photos_it_has() -> None:
    labels = np.array([0] * 99 + [1])
    right = np.array([[False] * 99 + [True]])
    values = resampled_accuracy(right, labels, np.random.default_rng(0), 50)
    assert (values == 0.5).all(), "the class of one photo is in every replicate"


def test_the_same_seed_gives_the_same_interval_and_another_seed_nearly_the_same() -> None:
    answers = made_answers(per_class=40)
    assert intervals(answers, seed=1) == intervals(answers, seed=1)
    other = intervals(answers, seed=2)
    assert other["h"] != intervals(answers, seed=1)["h"]
    assert other["h"] == pytest.approx(intervals(answers, seed=1)["h"], abs=0.02)


def test_a_difference_is_paired() -> None:
    answers = made_answers(per_class=40)
    better = answers.u.copy()
    better[np.flatnonzero(~better)[::3]] = True  # a third of the mistakes mended, nothing spoiled
    other = Answers(answers.t1, better, answers.s, answers.labels_unseen, answers.labels_seen)
    differences = paired_differences(answers, other)
    assert differences["t1"].estimate == differences["t1"].low == differences["t1"].high == 0.0
    assert differences["t1"].sign == 0
    gain = differences["u"]
    assert gain.low > 0 and gain.sign == 1
    assert gain.low <= gain.estimate <= gain.high
    own = intervals(answers)["u"]
    assert gain.high - gain.low < own[1] - own[0], "what both share cancels out"
    reverse = paired_differences(other, answers)["u"]
    assert (reverse.estimate, reverse.sign) == (pytest.approx(-gain.estimate), -1)


def test_the_birds_test_photos_take_seconds() -> None:
    random = np.random.default_rng(0)
    labels_unseen, labels_seen = np.arange(2967) % 50, np.arange(1764) % 150
    answers = Answers(
        random.random(2967) < 0.6, random.random(2967) < 0.5, random.random(1764) < 0.5, labels_unseen, labels_seen
    )
    before = time.process_time()
    intervals(answers)
    assert time.process_time() - before < 3


def test_nothing_comes_of_no_replicates() -> None:
    with pytest.raises(ConfigError, match="at least one"):
        intervals(made_answers(), replicates=0)
