"""MSDN on regions of c4 joined to c5."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from zslviz.backbones import Features
from zslviz.errors import ConfigError
from zslviz.models.msdn.network import MSDN, MSDNConfig
from zslviz.models.regions import interpolation
from zslviz.models.registry import config_from_dict


@pytest.fixture
def features() -> Features:
    return Features({"c4": torch.randn(3, 4, 6, 8).relu(), "c5": torch.randn(3, 10, 3, 4).relu()})


def make_net(lag: float = 0.0) -> MSDN:
    net = MSDN(MSDNConfig(7, 6, (4, 10), stages=("c4", "c5"), fine_scale=0.7, lag=lag))
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.normal_(std=0.4)
    return net


def test_regions_are_those_of_c4_with_c5_interpolated_at_their_places(features: Features) -> None:
    net, c5 = make_net(), F.normalize(features.stages["c5"], dim=1)
    upper = F.interpolate(c5, size=(6, 8), mode="bilinear", align_corners=False)
    joined = torch.cat([0.7 * F.normalize(features.stages["c4"], dim=1), upper], dim=1)
    plain = MSDN(MSDNConfig(7, 6, 14, normalize_features=False))
    plain.load_state_dict(net.state_dict())
    fine, same = net(features, explain=True), plain(Features({"c5": joined}), explain=True)
    for one, other in ((fine.scores, same.scores), (fine.attention, same.attention), (fine.evidence, same.evidence)):
        assert torch.allclose(one, other, atol=1e-5)
    assert fine.attention.shape[-2:] == (6, 8)


def test_a_lag_moves_c5_by_so_many_cells_of_c4() -> None:
    ramp = torch.arange(6.0)
    inside = slice(4, 9)  # beyond the outermost cells' centres it is constant
    moved = interpolation(6, 12, 1.0) @ ramp
    assert torch.allclose(moved[inside], (interpolation(6, 12, 0.0) @ ramp)[inside] - 0.5)
    assert torch.allclose(interpolation(6, 12, 3.3).sum(1), torch.ones(12))


def test_attention_that_is_learned_from_is_that_of_the_maps_with_its_gradient(features: Features) -> None:
    net = make_net(lag=0.4)
    plain, explained = net(features, attend=True), net(features, explain=True)
    assert torch.equal(plain.scores, explained.scores)
    assert torch.equal(plain.attention[0], explained.attention[0])
    weights = torch.rand_like(plain.attention[0])

    def gradients(output) -> list[torch.Tensor]:
        loss = (output.attention[0] * weights).sum().log() + output.scores.square().sum()
        return list(torch.autograd.grad(loss, list(net.parameters())))

    for by_hand, by_autograd in zip(gradients(plain), gradients(explained), strict=True):
        assert torch.allclose(by_hand, by_autograd, atol=1e-4)


def test_a_number_of_channels_for_each_stage_is_asked_for() -> None:
    assert config_from_dict("msdn", {"attributes": 2, "word_dim": 3, "channels": 4}).stages == ("c5",)
    for stages in (["c5", "c4"], ["c4"], [], ["c4", "c5", "c5"]):
        with pytest.raises(ConfigError, match=r"'stages' is \[c5\] or \[c4, c5\], in this order; not \["):
            config_from_dict("msdn", {"attributes": 2, "word_dim": 3, "channels": [4, 5], "stages": stages})
    for channels, stages in ((4, ["c4", "c5"]), ([4, 5], ["c5"])):
        with pytest.raises(ConfigError, match="a number for each of the stages"):
            config_from_dict("msdn", {"attributes": 2, "word_dim": 3, "channels": channels, "stages": stages})


@pytest.mark.parametrize("idle", [{"fine_scale": 4.0}, {"lag": 0.2}])
def test_what_only_finer_regions_have_is_refused_without_them(idle: dict[str, float]) -> None:
    sizes = {"attributes": 2, "word_dim": 3}
    with pytest.raises(ConfigError, match=f"'{next(iter(idle))}' means nothing where regions are those of c5 alone"):
        config_from_dict("msdn", {**sizes, "channels": 4, **idle})
    config_from_dict("msdn", {**sizes, "channels": [4, 5], "stages": ["c4", "c5"], **idle})


def test_its_maps_lie_where_the_cells_of_c4_lie() -> None:
    assert make_net().strides == (16, 16)
    assert MSDN(MSDNConfig(7, 6, 10)).strides == (32, 32)


@pytest.mark.parametrize("stages", [("c5",), ("c4", "c5")])
def test_a_region_without_any_feature_is_zero_and_pulls_nothing(stages: tuple[str, ...], features: Features) -> None:
    net = make_net() if len(stages) == 2 else MSDN(MSDNConfig(7, 6, 10))
    empty = features.stages["c5"].clone()
    empty[:, :, 1, 1] = 0
    empty.requires_grad_()
    scores = net(Features({**features.stages, "c5": empty})).scores
    (gradient,) = torch.autograd.grad(scores.sum(), empty)
    assert torch.isfinite(scores).all()
    assert gradient[:, :, 1, 1].eq(0).all() and 0 < gradient.abs().max() < 1e3
