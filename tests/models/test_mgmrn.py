from __future__ import annotations

import copy
import json
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from tests.contracts.made.networks import sizes_of, small_settings, some_features
from zslviz.backbones.features import STAGES, Features
from zslviz.errors import ConfigError, UnknownNameError
from zslviz.models.mgmrn.loss import mgmrn_loss
from zslviz.models.mgmrn.network import GroupingUnit, MgMRN, MgMRNConfig
from zslviz.models.registry import MODELS, build_model, config_from_dict

CONFIG = MgMRNConfig(attributes=7, word_dim=6, channels=(8, 12, 16), width=32, hidden=10, parts=5)


def make_net(config: MgMRNConfig = CONFIG, seed: int = 0) -> MgMRN:
    torch.manual_seed(seed)
    net = MgMRN(config)
    net.set_word_vectors(torch.randn(config.attributes, config.word_dim))
    return net


def make_features(batch: int = 3, grid: tuple[int, int] = (3, 3), seed: int = 1) -> Features:
    generator = torch.Generator().manual_seed(seed)
    return Features(
        {
            name: torch.randn(batch, channels, grid[0] * up, grid[1] * up, generator=generator).relu()
            for name, channels, up in zip(STAGES, CONFIG.channels, (4, 2, 1), strict=True)
        }
    )


configs = pytest.mark.parametrize(
    "config",
    [CONFIG, replace(CONFIG, grouping="decoupled"), replace(CONFIG, width=64, parts=3, grouping="decoupled")],
    ids=["official", "decoupled", "three parts"],
)


@configs
def test_attention_over_own_regions_and_context_sums_to_one(config: MgMRNConfig) -> None:
    output = make_net(config)(make_features(), explain=True)
    total = output.attention.sum((-2, -1)) + output.attention_context.sum((-2, -1))
    assert torch.allclose(total, torch.ones(3, 3, 7), atol=1e-6)
    assert (output.attention >= 0).all()
    assert (output.attention_context[2] == 0).all(), "the coarsest granularity has no context"
    assert (output.attention_context[:2].sum((-2, -1)) > 0).all()


@configs
def test_evidence_and_bias_add_up_to_the_scores(config: MgMRNConfig) -> None:
    net = make_net(config)
    output = net(make_features(), explain=True)
    total = output.evidence.sum((-2, -1)) + output.bias[:, None]
    assert torch.allclose(total, output.scores, atol=1e-5)
    assert output.bias.abs().max() > 1e-3, "the bias is part of the sum"


@configs
def test_scores_are_the_same_with_and_without_maps(config: MgMRNConfig) -> None:
    net, features = make_net(config), make_features()
    plain, explained = net(features), net(features, explain=True)
    assert torch.equal(plain.scores, explained.scores)
    for name in ("attention", "attention_context", "evidence", "bias", "parts"):
        assert getattr(plain, name) is None, "maps are made only when asked for"


def test_maps_have_the_shape_of_the_coarsest_stage_also_if_it_is_not_square() -> None:
    output = make_net(replace(CONFIG, grouping="decoupled"))(make_features(2, (2, 5)), explain=True)
    assert output.scores.shape == (3, 2, 7)
    assert output.attention.shape == output.attention_context.shape == output.evidence.shape == (3, 2, 7, 2, 5)
    assert output.parts.shape == (3, 2, 5, 2, 5)


def test_a_place_of_the_map_is_a_place_of_the_stage() -> None:
    """Evidence of the coarse granularity changes most where its input changes (its only neighbourhood is 3 x 3)."""
    net, features = make_net(), make_features(1, (6, 6))
    changed = features.stages["c5"].clone()
    changed[:, :, 0, 5] += 3.0
    before = net.decoders[2](net.mining[2](features.stages["c5"])[0].flatten(2).mT, net.word_vectors)
    after = net.decoders[2](net.mining[2](changed)[0].flatten(2).mT, net.word_vectors)
    local = [
        (evidence / attention).abs().mean(1).unflatten(-1, (6, 6))[0] for attention, evidence, _ in (before, after)
    ]
    row, column = divmod(int((local[1] - local[0]).abs().argmax()), 6)
    assert row <= 1
    assert column >= 4


def test_decoupled_grouping_starts_equal_to_the_official_one() -> None:
    official = make_net()
    decoupled = make_net(replace(CONFIG, grouping="decoupled"))
    missing, unexpected = decoupled.load_state_dict(official.state_dict(), strict=False)
    assert all(name.endswith("group.gate") for name in missing)
    assert not unexpected
    a, b = official(make_features(), explain=True), decoupled(make_features(), explain=True)
    assert torch.allclose(a.scores, b.scores, atol=2e-5)
    assert torch.allclose(a.evidence, b.evidence, atol=2e-5)


def test_part_centres_learn_only_if_grouping_is_decoupled() -> None:
    for grouping, learns in (("official", False), ("decoupled", True)):
        net = make_net(replace(CONFIG, grouping=grouping))
        with (
            torch.no_grad()
        ):  # at the start all gates are equal, so where a place is assigned to makes no difference yet
            for mining in net.mining:
                if mining.group.gate is not None:
                    mining.group.gate.add_(0.3 * torch.randn_like(mining.group.gate))
        net(make_features()).scores.square().sum().backward()
        for mining in net.mining:
            for parameter in (mining.group.weight, mining.group.smooth_factor):
                assert bool(parameter.grad.abs().max() > 0) is learns
            if learns:
                assert mining.group.gate.grad.abs().max() > 0


def test_decoupled_gates_learn_from_the_first_step() -> None:
    net = make_net(replace(CONFIG, grouping="decoupled"))
    net(make_features()).scores.square().sum().backward()
    gates = [mining.group.gate.grad for mining in net.mining]
    assert all((gate[0] - gate[1]).abs().max() > 0 for gate in gates), "parts part ways"


def test_assignments_to_parts_sum_to_one_and_follow_the_nearest_centre() -> None:
    unit = GroupingUnit(4, 3, decoupled=True)
    with torch.no_grad():
        unit.weight.copy_(torch.eye(4)[:3, :, None, None] * 5)
        unit.smooth_factor.fill_(-2.0)
    x = torch.zeros(1, 4, 1, 3)
    x[0, [2, 0, 1], 0, [0, 1, 2]] = 5.0
    assignment = unit.assign(x)
    assert torch.allclose(assignment.sum(1), torch.ones(1, 1, 3), atol=1e-6)
    assert assignment.argmax(1).flatten().tolist() == [2, 0, 1]


def test_official_grouping_shows_no_parts() -> None:
    assert make_net()(make_features(), explain=True).parts is None


# -- training ---------------------------------------------------------------------------------------------------------


def scores_of_one(net: MgMRN, features: Features, granularity: int) -> Tensor:
    """Scores [1, B, A] of one granularity alone, as the authors compute them for its pass."""
    mined, context, _ = net.tokens(features)
    parts = [mined[granularity], context[granularity]]
    tokens = torch.cat([part.flatten(2).mT for part in parts if part is not None], dim=1)
    _, evidence, bias = net.decoders[granularity](tokens, net.word_vectors)
    return (evidence.sum(-1) + bias)[None]


def train(net: MgMRN, batches: list[tuple[Features, Tensor]], table: Tensor, joint: bool) -> MgMRN:
    optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-3)
    for features, labels in batches:
        for granularity in [None] if joint else range(3):
            scores = net(features).scores if granularity is None else scores_of_one(net, features, granularity)
            loss = mgmrn_loss(scores, labels, table).total
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return net


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("grouping", ["official", "decoupled"])
def test_one_joint_step_equals_the_authors_three_passes(grouping: str, seed: int) -> None:
    """Official training: three times forward, zero_grad, backward, step, one granularity each, on a frozen pyramid.

    In float64: three granularities at once and one alone need not be multiplied in the same order.
    """
    start = make_net(replace(CONFIG, grouping=grouping), seed).double()
    table = torch.rand(4, 7).double()
    inputs = [make_features(4, seed=10 * seed + i) for i in range(3)]
    double = (Features({name: stage.double() for name, stage in one.stages.items()}) for one in inputs)
    batches = [(features, torch.randint(4, (4,))) for features in double]
    joint = train(copy.deepcopy(start), batches, table, joint=True)
    sequential = train(copy.deepcopy(start), batches, table, joint=False)
    for (name, a), b in zip(joint.named_parameters(), sequential.parameters(), strict=True):
        assert torch.allclose(a, b, rtol=0, atol=1e-12), name
    first = dict(start.named_parameters())
    still = {name.rpartition(".")[2] for name, p in joint.named_parameters() if torch.equal(p, first[name])}
    assert still == (set() if grouping == "decoupled" else {"smooth_factor"}), "every parameter takes part"


def test_a_granularitys_loss_reaches_only_its_own_parameters() -> None:
    net = make_net()
    owners: dict[str, set[int]] = {}
    for granularity in range(3):
        net.zero_grad()
        net(make_features()).scores[granularity].square().sum().backward()
        for name, parameter in net.named_parameters():
            if parameter.grad is not None and parameter.grad.abs().max() > 0:
                owners.setdefault(name, set()).add(granularity)
    assert all(len(granularities) == 1 for granularities in owners.values())
    assert owners["refinement.0.conv.weight"] == {0}
    assert owners["refinement.1.conv.weight"] == {1}
    assert owners["mining.2.blocks.0.0.weight"] == {2}


def test_dropout_acts_in_training_only() -> None:
    net, features = make_net(replace(CONFIG, dropout=0.5)), make_features()
    assert not torch.equal(net.train()(features).scores, net(features).scores)
    assert torch.equal(net.eval()(features).scores, net(features).scores)


# -- the registry -------------------------------------------------------------------------------------------------------


def test_every_system_is_built_from_plain_values_and_says_what_it_shows() -> None:
    for name in (name for name, system in MODELS.items() if system.task == "attributes"):
        net = build_model(name, json.loads(json.dumps(sizes_of(name) | small_settings(name))))
        assert isinstance(net, MODELS[name].network)
        assert {"attributes", "evidence"} <= MODELS[name].capabilities
        assert len(net(some_features()).scores) == len(MODELS[name].granularities)


def test_wrong_systems_and_settings_are_named() -> None:
    with pytest.raises(UnknownNameError, match="'mgmrn'"):
        build_model("mgmr", {})
    with pytest.raises(UnknownNameError, match="called 'depth'"):
        config_from_dict("msdn", {"attributes": 3, "word_dim": 4, "channels": 8, "depth": 2})
    with pytest.raises(ConfigError, match="incomplete"):
        config_from_dict("msdn", {"attributes": 3})


def test_on_the_grid_of_c4_all_maps_are_twice_as_fine_and_still_add_up() -> None:
    """The weights are those of the coarse grid where the convolutions are; c3 then has one convolution less."""
    stages = {"c3": torch.randn(2, 4, 16, 16), "c4": torch.randn(2, 6, 8, 8), "c5": torch.randn(2, 8, 4, 4)}
    network = MgMRN(MgMRNConfig(5, 6, (4, 6, 8), width=32, hidden=8, grid="c4", grouping="decoupled"))
    output = network(Features(stages), explain=True)
    assert network.map_stride == 16
    assert output.evidence.shape == (3, 2, 5, 8, 8)
    assert output.parts.shape[-2:] == (8, 8)
    assert torch.allclose(output.evidence.sum((-2, -1)) + output.bias[:, None], output.scores, atol=1e-5)
    coarse = network.mining[2](stages["c5"])[0]
    assert torch.allclose(
        coarse[..., ::7, ::7],
        network.mining[2].blocks[0](network.mining[2].group(stages["c5"])[0])[..., ::3, ::3],
        atol=1e-5,
    )
