from __future__ import annotations

import os
import subprocess
import sys
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import ROOT
from zslviz.errors import DataError
from zslviz.tasks.attributes.figures import (
    evaluate_zero_shot,
    fixed_bias_gzsl,
    gzsl_at,
    mean_accuracy,
    mean_of_shares,
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


# -- the same figures on every processor ----------------------------------------------------------------------------------

Part = tuple[np.ndarray, np.ndarray]


def made_part(random: np.random.Generator, classes: np.ndarray, photos: int) -> Part:
    """Scores of coarse values (many ties) and labels; the classes have unlike numbers of photos."""
    labels = random.choice(classes, photos)
    scores = random.normal(size=(photos, 12)) + 1.5 * np.eye(12)[labels]
    return scores.round(1).astype(np.float32), labels


def made_parts(seed: int) -> tuple[Part, Part, np.ndarray]:
    random = np.random.default_rng(seed)
    seen = random.permutation(np.arange(12) < 8)
    of_seen, of_unseen = (made_part(random, np.flatnonzero(kind), 60) for kind in (seen, ~seen))
    return of_seen, of_unseen, seen


def exact_accuracy(right: np.ndarray, labels: np.ndarray) -> Fraction:
    classes = np.unique(labels)
    return sum((Fraction(int(right[labels == c].sum()), int((labels == c).sum())) for c in classes), Fraction(0)) / len(
        classes
    )


@given(seed=st.integers(0, 10_000), classes=st.integers(1, 9), photos=st.integers(1, 80))
def test_an_accuracy_is_the_float_nearest_to_its_fraction(seed: int, classes: int, photos: int) -> None:
    random = np.random.default_rng(seed)
    labels, right = random.integers(classes, size=photos), random.random((3, photos)) < 0.4
    found = mean_accuracy(right, labels)
    assert found.tolist() == [float(exact_accuracy(row, labels)) for row in right]
    order, renamed = random.permutation(photos), random.permutation(classes)
    assert mean_accuracy(right[1, order], renamed[labels[order]]) == found[1], "in whatever order, alone or with others"


def test_accuracies_that_are_equal_as_fractions_are_equal_floats() -> None:
    photos = np.array([3, 10, 10, 10])
    pairs = [([1, 1, 2, 3], [1, 3, 2, 1]), ([0, 6, 0, 0], [0, 1, 2, 3]), ([3, 1, 1, 1], [0, 10, 1, 2])]
    for first, second in pairs:
        one, other = mean_of_shares(np.array([first, second]), photos)
        assert one == other


@given(seed=st.integers(0, 10_000))
def test_an_accuracy_does_not_depend_on_what_else_is_computed_nor_on_the_order_of_photos(seed: int) -> None:
    (scores_seen, labels_seen), (scores_unseen, labels_unseen), seen = made_parts(seed)
    random = np.random.default_rng(seed)
    gammas = np.append(random.normal(size=20).round(1), [0.3, 0.3, -7.0, 7.0])
    together = gzsl_at(scores_seen, labels_seen, scores_unseen, labels_unseen, seen, gammas)
    one, other = random.permutation(60), random.permutation(60)
    shuffled = (scores_seen[one], labels_seen[one], scores_unseen[other], labels_unseen[other], seen)
    for index, gamma in enumerate(gammas):
        alone = gzsl_at(*shuffled, np.array([gamma]))
        assert [a[0] for a in alone] == [t[index] for t in together]


@pytest.mark.parametrize("seed", range(6))
def test_the_area_is_that_of_the_exact_curve_whatever_the_order_of_photos(seed: int) -> None:
    (scores_seen, labels_seen), (scores_unseen, labels_unseen), seen = made_parts(seed)
    sweep = sweep_gamma(scores_seen, labels_seen, scores_unseen, labels_unseen, seen, step=0.05)
    points = []
    for gamma in sweep.gammas.astype(np.float32):
        s, u = (
            exact_accuracy(np.where(seen, scores - gamma, scores).argmax(axis=1) == labels, labels)
            for scores, labels in ((scores_seen, labels_seen), (scores_unseen, labels_unseen))
        )
        points.append((s, u))
    points.sort(key=lambda point: point[1])  # by U alone; equal ones stay in the order of the sweep
    area = sum((v - u) * (s + t) / 2 for (s, u), (t, v) in pairwise(points))
    assert sweep.ausuc == pytest.approx(float(area), abs=1e-15)
    one, other = np.random.default_rng(seed).permutation(60), np.random.default_rng(seed + 1).permutation(60)
    shuffled = sweep_gamma(scores_seen[one], labels_seen[one], scores_unseen[other], labels_unseen[other], seen, 0.05)
    assert (shuffled.ausuc, shuffled.best()) == (sweep.ausuc, sweep.best())


@pytest.mark.parametrize(
    "processor",
    [{"OPENBLAS_CORETYPE": "Prescott"}, {"OPENBLAS_CORETYPE": "Haswell"}, {"OPENBLAS_NUM_THREADS": "1"}],
    ids=lambda setting: "-".join(*setting.items()),
)
def test_the_curve_is_the_same_on_another_processor(processor: dict[str, str], tmp_path: Path) -> None:
    parts = [made_parts(seed) for seed in range(6)]
    np.savez(tmp_path / "photos.npz", *(array for first, second, seen in parts for array in (*first, *second, seen)))
    script = (
        "import numpy as np; from zslviz.tasks.attributes.figures import sweep_gamma\n"
        f"arrays = list(np.load({str(tmp_path / 'photos.npz')!r}).values())\n"
        "for start in range(0, len(arrays), 5):\n"
        "    sweep = sweep_gamma(*arrays[start : start + 5])\n"
        "    print(sweep.ausuc.hex(), sweep.best(), sweep.harmonic.sum().hex())"
    )
    there = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**os.environ, **processor},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    sweeps = [sweep_gamma(*first, *second, seen) for first, second, seen in parts]
    here = [f"{sweep.ausuc.hex()} {sweep.best()} {sweep.harmonic.sum().hex()}" for sweep in sweeps]
    assert there.splitlines() == here
