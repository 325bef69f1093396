from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zslviz.errors import DataError
from zslviz.tasks.multilabel.figures import (
    FIGURES,
    average_precisions,
    evaluate_multi_label,
    mean_average_precision,
    micro_at_k,
    pooled_average_precisions,
)
from zslviz.tasks.multilabel.space import LabelSpace


def made(seed: int, photos: int = 30, labels: int = 6, unknown: float = 0.2) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    tags = np.where(random.uniform(size=(photos, labels)) < 0.3, 1, -1).astype(np.int8)
    tags[random.uniform(size=tags.shape) < unknown] = 0
    return random.normal(size=(photos, labels)).round(1), tags  # rounded, so that some scores are equal


def space_of(labels: int, seen: int) -> LabelSpace:
    return LabelSpace(
        tuple(f"label {i}" for i in range(labels)), np.arange(labels) < seen, np.eye(labels, 7) + 1, "made"
    )


def slow_average_precision(scores: np.ndarray, tags: np.ndarray) -> float:
    """Straight from the definition: at each tagged photo, the precision among all that score as high."""
    found = []
    for score in scores[tags == 1]:
        among = tags[(scores >= score) & (tags != 0)]
        found.append((among == 1).mean())
    return float(np.mean(found)) if found else np.nan


@settings(max_examples=20)
@given(st.integers(0, 10**6))
def test_average_precision_is_what_its_definition_says(seed: int) -> None:
    scores, tags = made(seed)
    expected = [slow_average_precision(scores[:, k], tags[:, k]) for k in range(scores.shape[1])]
    assert np.allclose(average_precisions(scores, tags), expected, equal_nan=True)


@settings(max_examples=20)
@given(st.integers(0, 10**6))
def test_the_order_of_photos_and_rising_changes_of_scores_do_not_matter(seed: int) -> None:
    scores, tags = made(seed)
    order = np.random.default_rng(seed).permutation(len(scores))
    plain = average_precisions(scores, tags)
    assert np.array_equal(average_precisions(scores[order], tags[order]), plain, equal_nan=True)
    assert np.array_equal(average_precisions(np.exp(scores) * 3 - 7, tags), plain, equal_nan=True)


def test_a_label_has_the_same_precision_alone_and_among_many() -> None:
    scores, tags = made(3, photos=200, labels=300)
    alone = [average_precisions(scores[:, k : k + 1], tags[:, k : k + 1])[0] for k in range(300)]
    assert np.array_equal(average_precisions(scores, tags), alone, equal_nan=True)


@settings(max_examples=20)
@given(st.integers(0, 10**6))
def test_a_photo_that_weighs_two_counts_as_two_photos(seed: int) -> None:
    scores, tags = made(seed)
    weights = np.random.default_rng(seed).integers(0, 3, size=(4, len(scores)))
    weighted = average_precisions(scores, tags, weights.astype(float))
    for row, replicate in zip(weighted, weights, strict=True):
        drawn = np.repeat(np.arange(len(scores)), replicate)
        assert np.allclose(row, average_precisions(scores[drawn], tags[drawn]), equal_nan=True)


def test_perfect_and_inverted_rankings() -> None:
    tags = np.array([[1], [1], [-1], [-1]], dtype=np.int8)
    assert average_precisions(-np.arange(4.0)[:, None], tags)[0] == 1
    assert average_precisions(np.arange(4.0)[:, None], tags)[0] == pytest.approx((1 / 3 + 2 / 4) / 2)
    assert average_precisions(np.zeros((4, 1)), tags)[0] == pytest.approx(0.5), (
        "equal scores give the share of tagged photos"
    )


def test_a_label_without_a_tagged_photo_is_left_out_or_counts_as_zero() -> None:
    precisions = np.array([0.5, np.nan, 1.0])
    assert mean_average_precision(precisions) == pytest.approx(0.75)
    assert mean_average_precision(precisions, "authors") == pytest.approx(0.5)
    assert mean_average_precision(np.array([np.nan])) == 0


def test_micro_figures_at_k_count_over_all_photos() -> None:
    scores = np.array([[3.0, 2.0, 1.0, 0.0], [0.0, 1.0, 2.0, 3.0]])
    tags = np.array([[1, -1, 1, 1], [1, -1, 0, 1]], dtype=np.int8)
    plain, authors = micro_at_k(scores, tags, 2), micro_at_k(scores, tags, 2, "authors")
    assert (plain.precision, plain.recall) == (pytest.approx(2 / 3), pytest.approx(2 / 5))
    assert (authors.precision, authors.recall) == (pytest.approx(2 / 4), pytest.approx(2 / 5))
    assert plain.f1 == pytest.approx(2 * (2 / 3) * (2 / 5) / (2 / 3 + 2 / 5))
    assert micro_at_k(scores, tags, 9).recall == 1
    assert micro_at_k(np.zeros((1, 3)), np.array([[1, -1, -1]]), 1).f1 == 1, "of equal scores the first label wins"
    with pytest.raises(DataError, match="at least one label"):
        micro_at_k(scores, tags, 0)


def test_the_pooled_figure_is_not_one_label_s() -> None:
    scores, tags = made(5, unknown=0)
    pooled = pooled_average_precisions(scores, tags)
    assert np.allclose(pooled, slow_average_precision(scores.ravel(), tags.ravel())), "all known: the same for all"
    assert not np.allclose(pooled, average_precisions(scores, tags), atol=1e-3)


def test_a_report_parts_seen_unseen_and_held_out_labels() -> None:
    scores, tags = made(7, photos=80, labels=9, unknown=0)
    unseen = np.arange(9) >= 7  # 5 seen, 2 held out, 2 unseen
    report = evaluate_multi_label(scores, tags, space_of(9, 5), unseen, replicates=200)
    taking_part = np.r_[0:5, 7:9]
    assert report.labels == {"seen": 5, "unseen": 2}
    assert report.map_zsl == pytest.approx(average_precisions(scores, tags)[7:].mean())
    assert report.map_gzsl == pytest.approx(average_precisions(scores, tags)[taking_part].mean())
    assert report.f1_3_gzsl == micro_at_k(scores[:, taking_part], tags[:, taking_part], 3).f1
    assert report.f1_3_zsl == micro_at_k(scores[:, 7:], tags[:, 7:], 3).f1
    assert [row["label"] for row in report.per_label] == [f"label {i}" for i in taking_part]
    assert report.per_label[0]["positives"] == (tags[:, 0] == 1).sum()
    for name in FIGURES:
        low, high = report.intervals[name]
        assert low <= getattr(report, name) <= high
        assert high - low < 0.5
    assert json.loads(json.dumps(report.to_dict()))["map_zsl"] == report.map_zsl


def test_the_authors_leave_photos_out_that_have_none_of_the_labels() -> None:
    scores, tags = made(7, photos=80, labels=9, unknown=0)
    unseen = np.arange(9) >= 7
    report = evaluate_multi_label(scores, tags, space_of(9, 5), unseen, replicates=0)
    tagged = (tags[:, 7:] == 1).any(axis=1)
    assert 0 < tagged.sum() < 80
    assert report.authors["map_zsl"] == pytest.approx(average_precisions(scores[tagged], tags[tagged])[7:].mean())
    assert report.authors["f1_3_zsl"] > report.f1_3_zsl, "fewer photos with nothing to find"
    assert set(report.authors) == set(FIGURES)


def test_scores_that_mean_nothing_are_at_chance() -> None:
    random = np.random.default_rng(0)
    tags = np.where(random.uniform(size=(4000, 8)) < 0.1, 1, -1).astype(np.int8)
    report = evaluate_multi_label(random.normal(size=tags.shape), tags, space_of(8, 4), np.arange(8) >= 4, replicates=0)
    assert report.map_zsl == pytest.approx(report.chance["zsl"], abs=0.02)
    assert report.intervals == {}


def test_what_does_not_fit_is_refused() -> None:
    scores, tags = made(1)
    with pytest.raises(DataError, match="scores are"):
        average_precisions(scores, tags[:, :3])
    with pytest.raises(DataError, match="not numbers"):
        average_precisions(scores * np.nan, tags)
    with pytest.raises(DataError, match="must be unseen labels"):
        evaluate_multi_label(scores, tags, space_of(6, 6), np.zeros(6, dtype=bool))
    with pytest.raises(DataError, match="none of them may be"):
        evaluate_multi_label(scores, tags, space_of(6, 6), np.ones(6, dtype=bool))
