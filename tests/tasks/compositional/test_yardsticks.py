"""Yardsticks of compositional learning on made features that hold state and object plainly."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from zslviz.features.cache import CacheSpec, FeatureCache
from zslviz.tasks.compositional import yardsticks
from zslviz.tasks.compositional.data import CompositionalDataset
from zslviz.tasks.compositional.space import CompositionSpace
from zslviz.tasks.compositional.yardsticks import fit_logistic, measure_yardsticks, pair_vectors, visprod_scores

S, O = 3, 4  # noqa: E741
PARTS = {"train": 60, "val_seen": 20, "val_unseen": 20, "test_seen": 20, "test_unseen": 20}


@pytest.fixture(scope="module")
def made() -> tuple[CompositionalDataset, FeatureCache]:
    rng = np.random.default_rng(0)
    seen = np.array([[1, 1, 0, 1], [0, 1, 1, 1], [1, 0, 1, 1]], dtype=bool)
    val, test = np.zeros((2, S, O), dtype=bool)
    val[0, 2] = test[1, 0] = test[2, 1] = True
    tables = {"train": seen, "val_seen": seen, "val_unseen": val, "test_seen": seen, "test_unseen": test}
    pairs = np.concatenate(
        [rng.permutation(np.argwhere(tables[p]).repeat(count, 0))[:count] for p, count in PARTS.items()]
    )
    edges = np.cumsum([0, *PARTS.values()])
    parts = {p: np.arange(a, b) for p, a, b in zip(PARTS, edges, edges[1:], strict=False)}
    space = CompositionSpace(
        ("red", "green", "blue"), ("hat", "shoe", "bag", "sock"), seen, seen | val | test,
        rng.normal(size=(S, 5)).astype(np.float32), rng.normal(size=(O, 5)).astype(np.float32), "made",
    )  # fmt: skip
    files = tuple(Path(f"{i}.jpg") for i in range(len(pairs)))
    dataset = CompositionalDataset(
        "made", files, pairs[:, 0], pairs[:, 1], space, **parts, val_pairs=val, test_pairs=test, terms="", note="made"
    )
    stages = []
    for channels in (8, 9, 10):
        plain = np.concatenate([np.eye(S)[pairs[:, 0]], np.eye(O)[pairs[:, 1]]], axis=1) @ rng.normal(
            size=(S + O, channels)
        )
        noise = rng.normal(size=(len(pairs), 2, 2, channels))
        stages.append((plain[:, None, None] + 0.2 * noise).astype(np.float16))
    return dataset, FeatureCache(CacheSpec(size=224), tuple(stages), np.ones(len(pairs), dtype=bool))


def test_logistic_regression_is_at_its_minimum() -> None:
    torch.manual_seed(0)
    x, labels = torch.randn(50, 4), torch.randint(3, (50,))
    weight, bias = fit_logistic(x, labels, 3, ridge=0.1)
    residual = (x @ weight.mT + bias).softmax(1) - torch.nn.functional.one_hot(labels, 3)
    assert (residual.mT @ x / 50 + 0.1 * weight).abs().max() < 1e-3
    assert residual.mean(0).abs().max() < 1e-3


def test_a_start_changes_the_way_and_not_the_minimum() -> None:
    torch.manual_seed(0)
    x, labels = (
        torch.randn(50, 4).double(),
        torch.randint(3, (50,)),
    )  # in float32 it stops where rounding hides the slope
    zero, other = (
        (torch.zeros(3, 4).double(), torch.zeros(3).double()),
        (torch.randn(3, 4).double(), torch.randn(3).double()),
    )
    weight, bias = fit_logistic(x, labels, 3, ridge=0.1, start=zero)
    begun, _ = fit_logistic(x, labels, 3, ridge=0.1, start=other)
    assert begun.numpy() == pytest.approx(weight.numpy(), abs=1e-3)
    assert not bias.requires_grad


def test_a_pair_scores_the_product_of_both_probabilities() -> None:
    states, objects = torch.randn(5, S), torch.randn(5, O)
    product = visprod_scores(states, objects, log=False)
    assert product.sum((1, 2)) == pytest.approx(np.ones(5), abs=1e-5)
    assert product[2, 1, 3] == pytest.approx(float(states.softmax(1)[2, 1] * objects.softmax(1)[2, 3]), abs=1e-6)
    assert np.log(product) == pytest.approx(visprod_scores(states, objects, log=True), abs=1e-4)


def test_pair_vectors_stand_state_by_state(made: tuple[CompositionalDataset, FeatureCache]) -> None:
    space = made[0].space
    vectors = pair_vectors(space)
    assert vectors.shape == (S * O, 10)
    wanted = space.object_vectors[3] / np.linalg.norm(space.object_vectors[3])
    assert vectors[1 * O + 3, 5:].numpy() == pytest.approx(wanted, abs=1e-6)


def test_every_yardstick_is_measured_on_both_worlds(
    made: tuple[CompositionalDataset, FeatureCache], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(yardsticks, "RIDGES", (10.0, 0.01))
    monkeypatch.setattr(yardsticks, "LEARNING_RATES", (1e-2,))
    dataset, cache = made
    results = measure_yardsticks(dataset, [cache], "a command")
    assert set(results) == {
        f"{kind}{stages}-made" for kind in ("visprod", "pair-embedding") for stages in ("", "-stages")
    }  # fmt: skip
    visprod = results["visprod-stages-made"]
    assert visprod["settings"]["ridge"] == 0.01  # the other is far too much
    assert visprod["closed"]["auc"] > 0.5
    assert visprod["command"] == "a command"
    assert results["pair-embedding-stages-made"]["closed"]["s"] > 0.5
