from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from zslviz.backbones import Features
from zslviz.models.msdn.network import MSDN, MSDNConfig


def make_net(**settings: bool) -> MSDN:
    net = MSDN(MSDNConfig(attributes=7, word_dim=6, channels=10, **settings))
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.normal_(std=0.4)
    return net


def features_of(c5: torch.Tensor) -> Features:
    return Features({"c5": c5})


@pytest.fixture
def features() -> Features:
    return features_of(torch.randn(3, 10, 4, 5).relu())


settings = pytest.mark.parametrize(
    "net_settings",
    [{}, {"normalize_word_vectors": True}, {"normalize_features": False}],
    ids=["cub", "awa2", "raw features"],
)


@settings
def test_attention_sums_to_one_over_regions_and_over_attributes(net_settings: dict, features: Features) -> None:
    first, second = make_net(**net_settings)(features, explain=True).attention
    assert torch.allclose(first.sum((-2, -1)), torch.ones(3, 7), atol=1e-6)
    assert torch.allclose(second.sum(1), torch.ones(3, 4, 5), atol=1e-6)


@settings
def test_evidence_adds_up_to_the_scores(net_settings: dict, features: Features) -> None:
    output = make_net(**net_settings)(features, explain=True)
    assert output.evidence.shape == (2, 3, 7, 4, 5)
    assert torch.allclose(output.evidence.sum((-2, -1)) + output.bias[:, None], output.scores, atol=1e-6)


@settings
def test_scores_are_the_same_with_and_without_maps(net_settings: dict, features: Features) -> None:
    net = make_net(**net_settings)
    plain, explained = net(features), net(features, explain=True)
    assert torch.equal(plain.scores, explained.scores)
    assert plain.attention is None
    assert plain.evidence is None
    assert plain.bias is None


def test_scores_follow_the_papers_equations(features: Features) -> None:
    net = make_net()
    f = F.normalize(features.stages["c5"].flatten(2), dim=1)  # [B, C, R]
    first = (net.V @ net.W_2 @ f).softmax(-1) * (net.V @ net.W_1 @ f)
    second = (net.V @ net.W_2_1 @ f).softmax(1) * (net.V @ net.W_1_1.T @ f)
    assert torch.allclose(net(features).scores, torch.stack([first.sum(-1), second.sum(-1)]), atol=1e-5)


def test_gradients_of_scores_without_maps_are_those_of_finite_differences() -> None:
    torch.manual_seed(0)
    net = make_net().double()
    c5 = (torch.rand(2, 10, 2, 2, dtype=torch.float64) + 0.1).requires_grad_()
    assert torch.autograd.gradcheck(lambda c5, *_: net(features_of(c5)).scores, (c5, *net.parameters()))


def test_gradients_are_the_same_with_and_without_maps(features: Features) -> None:
    gradients = []
    net = make_net().double()
    for explain in (False, True):
        net.zero_grad()
        net(features_of(features.stages["c5"].double()), explain=explain).scores.pow(3).sum().backward()
        gradients.append([p.grad for p in net.parameters()])
    for plain, explained in zip(*gradients, strict=True):
        assert torch.allclose(plain, explained, rtol=1e-10, atol=1e-12)


def test_moving_regions_moves_the_maps_and_leaves_the_scores() -> None:
    net, c5 = make_net(), torch.randn(1, 10, 4, 5)
    here, there = (net(features_of(x), explain=True) for x in (c5, c5.flip(-1)))
    assert torch.allclose(here.scores, there.scores, atol=1e-6)
    assert torch.allclose(here.evidence.flip(-1), there.evidence, atol=1e-6)


def test_brightness_of_features_does_not_matter_when_they_are_normalised(features: Features) -> None:
    net = make_net()
    assert torch.allclose(net(features).scores, net(features_of(7 * features.stages["c5"])).scores, atol=1e-5)


def test_a_region_without_any_feature_stays_finite() -> None:
    net = make_net()
    output = net(features_of(torch.zeros(1, 10, 2, 2)), explain=True)
    assert output.scores.isfinite().all()


def test_word_vectors_start_at_unit_length() -> None:
    net = make_net()
    net.set_word_vectors(torch.randn(7, 6) * 9)
    assert torch.allclose(net.V.norm(dim=1), torch.ones(7))
