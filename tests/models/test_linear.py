"""The pooled linear map and its evidence, whatever found its weights."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from zslviz.backbones import Features
from zslviz.models.linear.equations import Eszsl
from zslviz.models.linear.network import LinearAttributes, LinearConfig
from zslviz.models.ridge import Ridge


def make_net(normalize: bool) -> LinearAttributes:
    net = LinearAttributes(LinearConfig(attributes=5, channels=12, normalize_features=normalize))
    torch.nn.init.normal_(net.bias)
    return net.eval()


def features_of(c5: torch.Tensor) -> Features:
    return Features({"c5": c5})


@pytest.fixture
def c5() -> torch.Tensor:
    return torch.rand(3, 12, 4, 5).to(memory_format=torch.channels_last)


@pytest.mark.parametrize("normalize", [False, True])
def test_scores_are_the_linear_map_of_the_mean_region(normalize: bool, c5: torch.Tensor) -> None:
    net = make_net(normalize)
    pooled = c5.mean((2, 3))
    if normalize:
        pooled = pooled / pooled.norm(dim=1, keepdim=True)
    assert torch.allclose(
        net(features_of(c5)).scores[0], torch.nn.functional.linear(pooled, net.weight, net.bias), atol=1e-6
    )


@pytest.mark.parametrize("normalize", [False, True])
def test_evidence_and_bias_add_up_to_the_score(normalize: bool, c5: torch.Tensor) -> None:
    output = make_net(normalize)(features_of(c5), explain=True)
    assert torch.allclose(output.evidence.sum((-2, -1)) + output.bias[:, None], output.scores, atol=1e-5)


def test_a_regions_evidence_is_its_own_share_of_the_map() -> None:
    net = make_net(normalize=False)
    c5 = torch.zeros(1, 12, 2, 3)
    c5[0, :, 1, 2] = torch.rand(12)
    evidence = net(features_of(c5), explain=True).evidence[0, 0]
    assert torch.allclose(evidence[:, 1, 2], net.weight @ c5[0, :, 1, 2] / 6, atol=1e-6)
    assert (evidence.flatten(1)[:, :5] == 0).all()


def test_a_mean_looks_everywhere_alike(c5: torch.Tensor) -> None:
    attention = make_net(normalize=True)(features_of(c5), explain=True).attention
    assert torch.allclose(attention, torch.full((1, 3, 5, 4, 5), 1 / 20))


def test_a_photo_without_any_feature_gets_the_bias_alone() -> None:
    net = make_net(normalize=True)
    assert torch.allclose(net(features_of(torch.zeros(1, 12, 2, 2))).scores[0, 0], net.bias)


def test_maps_are_made_only_when_asked_for(c5: torch.Tensor) -> None:
    output = make_net(normalize=True)(features_of(c5))
    assert output.evidence is None
    assert output.attention is None


@pytest.mark.parametrize("photos", [9, 40])
def test_few_photos_of_many_numbers_have_the_same_solution(photos: int) -> None:
    """Fewer photos than numbers a photo take another decomposition; the equations are the textbook's in both cases."""
    random = np.random.default_rng(photos)
    x, y = random.normal(size=(photos, 20)) + 3, random.normal(size=(photos, 4))
    centred = x - x.mean(0)
    scatter = centred.T @ centred
    ridge = 0.3 * np.trace(scatter) / 20
    expected = np.linalg.solve(scatter + ridge * np.eye(20), centred.T @ (y - y.mean(0))).T
    weight, bias = Ridge(x, y).solve(0.3)
    assert np.allclose(weight, expected)
    assert np.allclose(bias, y.mean(0) - expected @ x.mean(0))

    labels, rows = np.arange(photos) % 3, random.normal(size=(3, 5))
    signs = np.where(labels[:, None] == np.arange(3), 1.0, -1.0)
    right = rows.T @ rows + 2 * np.trace(rows.T @ rows) / 5 * np.eye(5)
    left = np.linalg.solve(scatter + ridge * np.eye(20), centred.T @ (signs - signs.mean(0)) @ rows)
    weight, bias = Eszsl(x, labels, rows).solve(0.3, 2.0)
    assert np.allclose(weight, np.linalg.solve(right, left.T))
    assert np.allclose(bias, -weight @ x.mean(0))
    once = Eszsl(x, labels, np.eye(3)).described(rows).solve(0.3, 2.0)
    assert np.allclose(once[0], weight) and np.allclose(once[1], bias)


@pytest.mark.parametrize("nothing", ["attributes", "features"])
def test_what_tells_nothing_gives_weights_of_nought(nothing):
    x, rows = np.random.default_rng(0).normal(size=(12, 5)), np.eye(3)
    if nothing == "attributes":
        rows = np.zeros((3, 3))
    else:
        x = np.ones((12, 5))
    weight, bias = Eszsl(x, np.arange(12) % 3, rows).solve(0.3, 2.0)
    assert not weight.any()
    assert not bias.any()
