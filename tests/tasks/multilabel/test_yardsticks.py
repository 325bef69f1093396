"""Yardsticks of multi-label learning on made features in which every label lies along its own vector."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from zslviz.features.cache import CacheSpec, FeatureCache
from zslviz.tasks.multilabel import yardsticks as label_yardsticks
from zslviz.tasks.multilabel.data import MultiLabelDataset
from zslviz.tasks.multilabel.figures import FIGURES, average_precisions
from zslviz.tasks.multilabel.space import LabelSpace
from zslviz.tasks.multilabel.yardsticks import (
    LinearLabels,
    label_problems,
    measure_yardsticks,
    pooled,
    prior_scores,
)

K, D, C, N = 16, 6, 12, 300


@pytest.fixture(scope="module")
def made() -> tuple[MultiLabelDataset, FeatureCache]:
    random = np.random.default_rng(0)
    tags = np.where(random.uniform(size=(N, K)) < np.linspace(0.1, 0.4, K), 1, -1).astype(np.int8)
    space = LabelSpace(tuple(f"label {i}" for i in range(K)), np.arange(K) < 10, random.normal(size=(K, D)), "made")
    plain = (tags == 1) @ space.vectors @ random.normal(size=(D, C))
    maps = plain[:, None, None] + random.normal(scale=0.3, size=(N, 2, 2, C))
    order = np.arange(N)
    held_out = (np.arange(K) >= 10) & (np.arange(K) < 13)
    files = tuple(Path(f"{i}.jpg") for i in range(N))
    dataset = MultiLabelDataset(
        "made", files, space, tags, order[:180], order[180:240], order[240:], held_out, "made", "made"
    )
    empty = np.zeros((N, 1, 1, 1), np.float16)
    return dataset, FeatureCache(CacheSpec(size=224), (empty, empty, maps.astype(np.float16)), np.ones(N, dtype=bool))


def test_the_scores_are_those_of_the_equation(made: tuple[MultiLabelDataset, FeatureCache]) -> None:
    dataset, cache = made
    space, x = dataset.space, pooled(cache, dataset.train)
    tags = dataset.labels[dataset.train]
    scores = LinearLabels(x, tags).scores(x, space, feature_ridge=0.5, label_ridge=0.2, with_bias=False)
    centred, vectors = x - x.mean(0), np.asarray(space.vectors, dtype=np.float64)
    s = vectors[space.seen].T
    left, right = centred.T @ centred, s @ s.T
    left += 0.5 * np.trace(left) / C * np.eye(C)
    right += 0.2 * np.trace(right) / D * np.eye(D)
    y = (tags[:, space.seen] == 1).astype(float)
    v = np.linalg.inv(left) @ centred.T @ y @ s.T @ np.linalg.inv(right)
    assert np.allclose(scores, centred @ v @ vectors.T)


def test_the_prior_of_an_unseen_label_is_that_of_its_nearest_seen_ones() -> None:
    vectors = np.array([[1, 0], [0.9, 0.1], [0, 1], [0.95, 0.0]])
    space = LabelSpace(("a", "b", "c", "d"), np.array([True, True, True, False]), vectors, "made")
    tags = np.array([[1, 1, -1, 1], [1, -1, -1, 1], [1, -1, 0, 1], [-1, 1, 1, 1]], dtype=np.int8)
    assert np.allclose(prior_scores(tags, space, 1), [3 / 4, 2 / 4, 1 / 3, 3 / 4])
    assert np.allclose(prior_scores(tags, space, 2)[3], (3 / 4 + 2 / 4) / 2), "never the share of its own tags"


def test_no_validation_problem_trains_on_what_it_asks_for(made: tuple[MultiLabelDataset, FeatureCache]) -> None:
    dataset, _ = made
    problems = label_problems(dataset)
    assert len(problems) == 5
    assert np.array_equal(problems[0].unseen[0], np.flatnonzero(dataset.val_unseen))
    for problem in problems:
        (unseen,) = problem.unseen
        assert len(unseen)
        assert not problem.space.seen[unseen].any()
        assert not (problem.space.seen & ~dataset.space.seen).any()
        assert not dataset.unseen[unseen].any(), "labels of the test are left alone"


def test_both_are_measured_and_only_the_linear_map_looks(
    made: tuple[MultiLabelDataset, FeatureCache], monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset, cache = made
    for name, few in (("FEATURE_RIDGES", (1.0, 10.0)), ("LABEL_RIDGES", (0.1,)), ("_SHIFTS", (0.0, 0.5))):
        monkeypatch.setattr(label_yardsticks, name, few)
    results = measure_yardsticks(dataset, [cache], "made")
    linear, prior = results["linear-made"], results["prior-made"]
    assert linear["map_zsl"] > 1.5 * prior["map_zsl"]
    assert linear["f1_3_gzsl"] > prior["f1_3_gzsl"]
    assert prior["map_zsl"] == pytest.approx(prior["chance"]["zsl"])
    assert set(FIGURES) <= set(linear)
    assert json.loads(json.dumps(results))["linear-made"]["settings"]["feature_ridge"] > 0


def test_tags_of_test_labels_change_nothing_of_the_linear_scores(made: tuple[MultiLabelDataset, FeatureCache]) -> None:
    dataset, cache = made
    x, tags = pooled(cache, dataset.train), dataset.labels[dataset.train]
    other = np.where(dataset.space.seen, tags, -tags)
    settings = {"feature_ridge": 1.0, "label_ridge": 0.1, "with_bias": True}
    first, second = (LinearLabels(x, t).scores(x, dataset.space, **settings) for t in (tags, other))
    assert np.allclose(first, second)
    assert np.nanmean(average_precisions(first, tags)) > 0.5
