"""Our construction of GBE-MLZSL: parts add up, are linear in regions with gates frozen, and are kept apart."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from zslviz.backbones import Features
from zslviz.errors import ConfigError
from zslviz.models.gbe.loss import training_loss
from zslviz.models.gbe.network import GBE, GBEConfig, principal_weights
from zslviz.models.label_linear import unit_mean_square
from zslviz.models.label_loss import label_loss, ranking_loss

CONFIG = GBEConfig(channels=12, word_dim=6, groups=3, width=5, embedding=7, top=4)
SETTINGS = [CONFIG, replace(CONFIG, feature_norm=True, linear=4), replace(CONFIG, channels=6, stage="c4")]


@pytest.fixture
def features() -> Features:
    generator = torch.Generator().manual_seed(0)
    c4, c5 = torch.rand(2, 6, 4, 4, generator=generator), torch.rand(2, 12, 3, 3, generator=generator)
    return Features({"c4": c4.double(), "c5": c5.double()})


@pytest.fixture
def vectors() -> Tensor:
    return F.normalize(torch.randn(5, 6, generator=torch.Generator().manual_seed(1)), dim=1).double()


def build(config: GBEConfig) -> GBE:
    torch.manual_seed(2)
    return GBE(config).double().eval()


@torch.no_grad()
@pytest.mark.parametrize("config", SETTINGS)
def test_a_score_is_the_sum_of_its_parts(config: GBEConfig, features: Features, vectors: Tensor) -> None:
    network = build(config)
    output = network(features, vectors, explain=True)
    parts = (output.part_embeddings @ network.classifiers(vectors).mT).mT  # [B, P, K, R]
    assert parts.shape[1] == config.groups + 1
    regions = output.region_logits.flatten(2)
    torch.testing.assert_close(parts[:, :-1].sum(1) + parts[:, -1].mean(-1, keepdim=True), regions)
    counted = regions.topk(config.top).indices[:, None].expand(-1, config.groups, -1, -1)
    by_part = torch.cat([parts[:, :-1].gather(-1, counted).mean(-1), parts[:, -1:].mean(-1)], 1)
    torch.testing.assert_close(by_part.sum(1), output.logits)
    torch.testing.assert_close(network(features, vectors).logits, output.logits)
    assert (by_part.std((0, 2)) > 1e-3).all(), "every part says something"
    shares, heard = output.insights
    assert shares.values.shape == (2, config.groups) and (shares.of, heard.of) == ("photo", "model")
    torch.testing.assert_close(shares.values.sum(1), torch.ones_like(shares.values[:, 0]))
    others = config.groups - 1
    torch.testing.assert_close(heard.values * others, network.local.links().sum(0))
    torch.testing.assert_close(
        heard.values.sum() * others, heard.values.new_tensor(float(config.groups))
    )  # rows sum to 1


@pytest.mark.parametrize("norm", [False, True])
def test_parts_are_linear_in_their_regions_with_gates_frozen(norm: bool, features: Features, vectors: Tensor) -> None:
    """What a group gives at a region is a linear map of that region's features, and a constant; and so is the whole photo's."""
    network = build(replace(CONFIG, feature_norm=norm))
    stage, local = features.stages["c5"], network.local
    label = network.classifiers(vectors)[2].detach()
    regions = (unit_mean_square(stage) if norm else stage).detach().requires_grad_()
    told, shares = local(regions)
    mask = (local.hidden(regions) > 0).double()
    frozen = local.spoken(mask * local.hidden(regions), shares.detach()) @ label  # [B, N, R]
    torch.testing.assert_close(frozen, told @ label)
    without = local.spoken(mask * local.hidden(torch.zeros_like(regions)), shares.detach()) @ label
    for group, region in ((0, 0), (2, 7)):
        (slope,) = torch.autograd.grad(frozen[1, group, region], regions, retain_graph=True)
        evidence = (slope * regions).sum(1).flatten(1)[1]  # of every region, [R]
        torch.testing.assert_close(evidence.sum() + without[1, group, region], frozen[1, group, region])
        assert evidence[region].abs() > 1e-6 and not evidence[torch.arange(9) != region].any(), "no other place"
    raw = stage.flatten(2).mT.detach().requires_grad_()
    weighed = 9 * principal_weights(raw, CONFIG.steps)[..., None] * raw
    norms = weighed.mean(1).norm(dim=-1).detach() / math.sqrt(12) if norm else torch.ones(2).double()
    whole = network.whole(weighed / norms[:, None, None]) @ label
    torch.testing.assert_close(whole, network.parts(stage)[1] @ label)
    (slope,) = torch.autograd.grad(whole[0, 3], raw)
    constant = network.whole.bias @ label
    torch.testing.assert_close((slope * raw)[0, 3].sum() + constant, whole[0, 3])


@torch.no_grad()
def test_groups_read_their_own_channels_and_share_out_every_region(features: Features) -> None:
    network = build(CONFIG)
    stage = features.stages["c5"]
    told, shares = network.local(stage)
    torch.testing.assert_close(shares.sum(1), torch.ones(2, 9).double())
    hidden = network.local.hidden(stage).relu()
    changed = stage.clone()
    changed[:, 4:8] += 1  # of the second group
    moved = (network.local.hidden(changed).relu() != hidden).any(-1).any(-1).any(0).unflatten(0, (3, 5)).any(1)
    assert moved.tolist() == [False, True, False]
    links = network.local.links()
    torch.testing.assert_close(links.sum(1), torch.ones(3).double())
    assert not links.diagonal().any()
    by_hand = network.local.value(hidden).flatten(2).unflatten(1, (3, -1)).mT * 3 * shares[..., None]
    for group in range(3):
        heard = sum(links[group, other] * by_hand[:, other] for other in range(3))
        torch.testing.assert_close(told[:, group], by_hand[:, group] + heard @ network.local.message.mT)


@torch.no_grad()
def test_the_principal_direction_is_the_first_singular_vector() -> None:
    regions = torch.rand(2, 9, 5, generator=torch.Generator().manual_seed(4)).double()
    weights = principal_weights(regions, 100)
    along = torch.linalg.svd(regions).Vh[:, 0]
    along = torch.einsum("brc,bc->br", regions, along).abs()
    torch.testing.assert_close(weights, along / along.sum(1, keepdim=True))
    torch.testing.assert_close(principal_weights(torch.zeros(1, 4, 3), 3), torch.full((1, 4), 0.25))
    away = torch.tensor([[[1.0, 0], [1, 0], [-1, 0]]])
    assert principal_weights(away, 3)[0, 2] < 1e-9


@torch.no_grad()
def test_a_linear_map_is_added_each_channel_with_its_group(features: Features, vectors: Tensor) -> None:
    network, matrix = build(replace(CONFIG, linear_share=0.4)), torch.zeros(13, 7).double()
    matrix[5] = torch.randn(7, generator=torch.Generator().manual_seed(3)).double()  # a channel of the second group
    matrix[-1, -1] = 2.0
    joined = network.with_linear(matrix, weight=0.5).double()
    own, both = (n(features, vectors, explain=True) for n in (network, joined))
    parts = [(o.part_embeddings @ n.classifiers(vectors).mT).mT for o, n in ((own, network), (both, joined))]
    added = parts[1] - 0.5 * parts[0]
    assert added[:, [0, 2]].abs().max() < 1e-6 < added[:, 1].abs().max()
    c5 = features.stages["c5"]
    words = torch.cat([vectors, torch.ones(5, 1).double()], 1)
    pooled = torch.cat([c5.mean((2, 3)), torch.ones(2, 1).double()], 1)
    torch.testing.assert_close(added.sum(1).mean(-1), pooled @ matrix @ words.mT, atol=1e-6, rtol=1e-5)
    places = torch.cat([c5.flatten(2).mT, torch.zeros(2, 9, 1).double()], 2)
    torch.testing.assert_close(added[:, 1], (0.4 * places @ matrix @ words.mT).mT, atol=1e-6, rtol=1e-5)


def test_the_loss_is_the_sum_of_its_terms() -> None:
    generator = torch.Generator().manual_seed(5)
    logits, each = torch.randn(2, 4, generator=generator), torch.randn(2, 3, 4, generator=generator)
    tags = torch.tensor([[1, -1, -1, 0], [-1, 1, 1, -1]])
    vectors, whole = torch.eye(3, 5).expand(2, 3, 5).clone(), torch.ones(2, 5)
    shares = torch.tensor([[0.5, 0.25, 0.25]] * 2)
    off = {"groups": 0, "apart": 0, "balance": 0, "principal": 0}
    plain = label_loss(logits, tags, 1.0, 2.0)

    def term(of: Tensor = vectors, **weights: float) -> float:
        loss = training_loss(logits, tags, each, of, shares, whole, binary=2.0, **{**off, **weights})
        return float(loss - plain)

    assert term() == 0
    alone = sum(ranking_loss(each[:, n], tags) for n in range(3)) / 3
    assert term(groups=2.0) == pytest.approx(2 * float(alone), rel=1e-5)
    assert term(apart=1.0) == pytest.approx(0, abs=1e-6), "at right angles"
    assert term(torch.ones(2, 3, 5), apart=0.5) == pytest.approx(0.5), "all the same"
    assert term(balance=1.0) == pytest.approx(math.log(3) - 1.5 * math.log(2), rel=1e-4)
    assert term(principal=1.0) == pytest.approx(1 - 3 / math.sqrt(15), rel=1e-4)


def test_settings_that_cannot_work_are_refused(features: Features, vectors: Tensor) -> None:
    with pytest.raises(ConfigError, match="5 groups"):
        replace(CONFIG, groups=5)
    with pytest.raises(ConfigError, match="two or more"):
        replace(CONFIG, groups=1)
    with pytest.raises(ConfigError, match="reads c5"):
        replace(CONFIG, stage="c4", linear=2)
    with pytest.raises(ConfigError, match="10 regions"):
        build(replace(CONFIG, top=10))(features, vectors)
