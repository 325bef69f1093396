"""The yardsticks: what is solved is what the papers say, and it goes from features to a checkpoint like every other system."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.datasets import layouts
from tests.tasks.attributes.test_training import train
from zslviz.datasets.reading import load_dataset
from zslviz.errors import ConfigError
from zslviz.explainer import Explainer
from zslviz.features.cache import build_cache, open_cache
from zslviz.models.linear.equations import Dap, Eszsl, platt
from zslviz.models.ridge import Ridge
from zslviz.tasks.attributes import closed_form
from zslviz.tasks.attributes.checkpoint import AttributeCheckpoint
from zslviz.tasks.attributes.closed_form import rule_for
from zslviz.tasks.attributes.data import ZeroShotDataset
from zslviz.tasks.attributes.evaluation import evaluate_model
from zslviz.tasks.attributes.scoring import class_scores
from zslviz.tasks.attributes.settings import AttributeRecipe
from zslviz.training.recipe import Validation

SYSTEMS = ("eszsl", "dap")


# -- the equations --------------------------------------------------------------------------------------------------------


def made_photos(seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features [60, 9], labels [60] of 6 classes and their descriptions [6, 4], which the features follow with noise."""
    rng = np.random.default_rng(seed)
    descriptions = rng.uniform(0.05, 0.95, (6, 4))
    labels = rng.permutation(np.repeat(np.arange(6), 10))
    features = descriptions[labels] @ rng.normal(size=(4, 9)) + rng.normal(0, 0.2, (60, 9)) + 3
    return features, labels, descriptions


def test_ridge_solves_the_normal_equations() -> None:
    x, labels, descriptions = made_photos()
    y = descriptions[labels]
    weight, bias = Ridge(x, y).solve(0.7)
    centred = x - x.mean(axis=0)
    scatter = centred.T @ centred
    expected = np.linalg.solve(scatter + 0.7 * np.trace(scatter) / 9 * np.eye(9), centred.T @ (y - y.mean(axis=0)))
    assert np.allclose(weight.T, expected)
    assert np.allclose(x.mean(axis=0) @ weight.T + bias, y.mean(axis=0))


@pytest.mark.parametrize(("feature_ridge", "attribute_ridge"), [(0.1, 0.1), (10.0, 0.3)])
def test_eszsl_is_the_papers_closed_form(feature_ridge: float, attribute_ridge: float) -> None:
    x, labels, descriptions = made_photos()
    signatures = descriptions / np.linalg.norm(descriptions, axis=1, keepdims=True)
    weight, bias = Eszsl(x, labels, signatures).solve(feature_ridge, attribute_ridge)
    features = (x - x.mean(axis=0)).T  # [C, N], as the paper writes it
    signs = np.where(labels[:, None] == np.arange(6), 1.0, -1.0)  # [N, K]
    s = signatures.T  # [A, K]
    scatter, gram = features @ features.T, s @ s.T
    g, r = feature_ridge * np.trace(scatter) / 9, attribute_ridge * np.trace(gram) / 4
    v = np.linalg.inv(scatter + g * np.eye(9)) @ features @ signs @ s.T @ np.linalg.inv(gram + r * np.eye(4))
    assert np.allclose(weight.T, v)
    assert np.allclose(x @ weight.T + bias, features.T @ v)


def test_platt_finds_the_probabilities_that_scores_were_drawn_from() -> None:
    rng = np.random.default_rng(0)
    scores = rng.normal(2, 3, (20000, 2))
    slope, offset = np.array([1.3, 0.4]), np.array([-2.0, 0.5])
    drawn = (rng.uniform(size=scores.shape) < 1 / (1 + np.exp(-(slope * scores + offset)))).astype(float)
    found = platt(scores, drawn, shrink=0.0)
    assert np.allclose(found, (slope, offset), atol=0.1)


def test_platt_stays_finite_where_a_score_parts_the_photos_without_error() -> None:
    scores = np.linspace(-1, 1, 50)[:, None]
    slope, offset = platt(scores, (scores > 0).astype(float))
    assert np.isfinite([slope, offset]).all()
    assert slope[0] > 1


@pytest.mark.parametrize("kind", ["binary", "table"])
def test_dap_ranks_by_the_product_of_probabilities_over_priors(kind: closed_form.RuleKind, space) -> None:
    """Lampert et al. (2014), eq. 2, computed as it stands; `table` takes each class's probability of the attribute."""
    rng = np.random.default_rng(1)
    x, labels = rng.normal(size=(40, 9)), rng.permutation(np.repeat(np.arange(4), 10))
    rule = rule_for(kind, space, 1.0)
    rows = rule.rows(space).astype(float)
    weight, bias = Dap(x, labels, rows[space.seen]).solve(1.0)
    scores = x[:5] @ weight.T + bias
    prior = np.clip(rows[space.seen].mean(axis=0), 0.005, 0.995)
    posterior = 1 / (1 + np.exp(-(scores + np.log(prior / (1 - prior)))))
    has, lacks = posterior / prior, (1 - posterior) / (1 - prior)
    product = np.stack([np.prod(has**row * lacks ** (1 - row), axis=1) for row in rows], axis=1)
    naive = np.log(product / product.sum(axis=1, keepdims=True))
    ours = class_scores(scores[:, None].astype(np.float32), space, rule)
    ours = ours - np.log(np.exp(ours).sum(axis=1, keepdims=True))
    assert np.allclose(ours, naive, atol=1e-4)


def test_an_attribute_that_does_not_carry_over_to_new_classes_counts_less() -> None:
    x, labels, descriptions = made_photos()
    learnt_by_heart = np.concatenate([descriptions, np.array([[0.9], [0.1], [0.1], [0.9], [0.1], [0.9]])], axis=1)
    x = np.concatenate([x, 4 * np.eye(6)[labels]], axis=1)  # which class it is, but nothing on what it looks like
    dap = Dap(x, labels, learnt_by_heart)
    weight, bias = dap.solve(0.01)
    spread = (x @ weight.T + bias).std(axis=0)
    assert spread[:4].mean() > 3 * spread[4]


# -- from features to a checkpoint ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> ZeroShotDataset:
    return load_dataset("cub", layouts.make_cub(tmp_path_factory.mktemp("cub")))


@pytest.fixture(scope="module")
def cache_root(dataset: ZeroShotDataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("features")
    for spec in recipe_of("eszsl").cache_specs():
        build_cache(root, dataset, spec, dataset.trainval if spec.flip else None)
    return root


def recipe_of(system: str) -> AttributeRecipe:
    return AttributeRecipe(
        f"{system}-tiny", system, "cub", 1, backbone="efficientnet_lite0", size=64, validation=Validation(repeats=2)
    )


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_yardstick_trains_and_is_measured_again_as_stated(
    system: str, dataset: ZeroShotDataset, cache_root: Path, tmp_path: Path
) -> None:
    train(recipe_of(system), dataset, cache_root, tmp_path)
    explainer = Explainer.from_pretrained(tmp_path / "model", device="cpu")
    again = evaluate_model(explainer, dataset, cache_root).to_dict()
    stated = json.loads((tmp_path / "model" / "metrics.json").read_text())
    assert {k: again[k] for k in ("t1", "u", "s", "h")} == pytest.approx({k: stated[k] for k in ("t1", "u", "s", "h")})
    assert set(stated["validation"]["settings"]) == set(closed_form.candidates(recipe_of(system))[0])
    assert AttributeCheckpoint.load(tmp_path / "model").rule.kind == (
        "dot" if system == "eszsl" else stated["validation"]["settings"]["rows"]
    )


def test_settings_are_chosen_without_a_test_photo(dataset: ZeroShotDataset, cache_root: Path) -> None:
    recipe = recipe_of("eszsl")
    caches = [open_cache(cache_root, dataset, spec) for spec in recipe.cache_specs()]
    for cache in caches:
        cache.done[np.concatenate([dataset.test_seen, dataset.test_unseen])] = False  # reading one of them is an error
    assert closed_form.choose(recipe, dataset, caches)["settings"]["feature_ridge"] > 0


def test_a_setting_that_the_recipe_names_is_fixed_and_another_is_refused() -> None:
    recipe = recipe_of("eszsl")
    fixed = closed_form.candidates(replace(recipe, loss={"feature_ridge": 5.0}))
    assert {c["feature_ridge"] for c in fixed} == {5.0}
    assert len({c["attribute_ridge"] for c in fixed}) > 1
    with pytest.raises(ConfigError, match="'ridge'"):
        closed_form.candidates(replace(recipe, loss={"ridge": 5.0}))
