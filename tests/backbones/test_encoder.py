"""Who sees the photos of a model, and what travels with the features."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from tests.tiny_vgg import GLOBAL, tiny_vgg
from zslviz.backbones import BACKBONES, Backbone, Features, build_backbone, opened
from zslviz.backbones.encoder import BackboneEncoder, sees_with_clip
from zslviz.backbones.opened import backbone_for, encoder_of
from zslviz.errors import CheckpointError, ConfigError, UnknownNameError
from zslviz.features.cache import CacheSpec, FeatureCache
from zslviz.features.sources import CachedFeatures

CPU = torch.device("cpu")


class Reader(nn.Module):
    """A network that reads c4, and the scene if it is to be given."""

    stages = ("c4",)

    def __init__(self, wants_global: bool = False) -> None:
        super().__init__()
        self.wants_global = wants_global


@dataclass(frozen=True)
class Told:
    """What a checkpoint tells of how it sees."""

    backbone: str = "efficientnet_lite0"
    name: str = "made"
    encoder: str = ""
    backbone_state: dict[str, Tensor] = field(default_factory=dict)
    network: Any = field(default_factory=Reader)


def pixels(side: int = 64) -> Tensor:
    return torch.from_numpy(np.random.default_rng(0).integers(0, 256, (2, 3, side, side), dtype=np.uint8))


def test_models_of_a_device_share_their_frozen_backbone() -> None:
    first, second = (encoder_of(Told(), CPU) for _ in range(2))
    assert first.backbone is second.backbone  # type: ignore[attr-defined]
    assert first.size == 224 and tuple(first.channels) == ("c3", "c4", "c5")


def test_a_backbone_that_was_trained_along_sees_with_its_own_weights() -> None:
    own = build_backbone("efficientnet_lite0", weights=None)
    told = Told(backbone_state={name: tensor.half() for name, tensor in own.state_dict().items()})
    c4 = encoder_of(told, CPU).encode(pixels(), ("c4",)).stages["c4"]
    assert torch.allclose(c4, own(pixels()).stages["c4"], atol=0.05)
    assert not torch.allclose(c4, encoder_of(Told(), CPU).encode(pixels(), ("c4",)).stages["c4"], atol=0.05)
    with pytest.raises(CheckpointError, match="whole of its backbone"):
        encoder_of(Told(backbone_state={"network.nothing": torch.zeros(1)}), CPU)


def test_a_name_that_no_backbone_has_is_told_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="efficientnet_lite0"):
        encoder_of(Told(backbone="efficientnet_lite3"), CPU)


def test_only_the_stages_asked_for_are_computed() -> None:
    class Counting(Backbone):
        last = 0

        def __init__(self) -> None:
            whole = build_backbone("efficientnet_lite0", weights=None)
            super().__init__(whole.spec, whole.network)
            self.network.last_stage().register_forward_hook(self._count)

        def _count(self, *_: object) -> None:
            self.last += 1

    backbone = Counting().eval()
    backbone.network.network.conv_head.register_forward_hook(backbone._count)
    assert set(backbone(pixels(), ("c3",)).stages) == {"c3"} and backbone.last == 0
    assert set(backbone(pixels(), ("c5",)).stages) == {"c5"} and backbone.last == 1


@pytest.mark.usefixtures("_tiny_vgg")
def test_the_scene_travels_with_the_features_of_a_network_that_wants_it() -> None:
    encoder = encoder_of(Told("vgg19", network=Reader(wants_global=True)), CPU)
    features = encoder.encode(pixels(), ("c4",))
    backbone = Backbone(BACKBONES["vgg19"], tiny_vgg()).eval()
    assert features.global_vector is not None and features.global_vector.shape == (2, GLOBAL)
    assert torch.equal(features.global_vector, backbone.network.global_vector(backbone(pixels()).stages["c5"]))
    assert encoder_of(Told("vgg19"), CPU).encode(pixels(), ("c4",)).global_vector is None


@pytest.mark.usefixtures("_tiny_vgg")
def test_the_scene_is_made_of_cached_features_alike_and_its_network_built_once(monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[str] = []
    plain = opened.build_backbone
    monkeypatch.setattr(opened, "build_backbone", lambda name: built.append(name) or plain(name))
    spec = CacheSpec("vgg19", 64)
    backbone = Backbone(BACKBONES["vgg19"], tiny_vgg()).eval()
    with torch.inference_mode():
        computed = backbone(pixels()).stages.values()
    stages = tuple(stage.permute(0, 2, 3, 1).half().numpy() for stage in computed)
    cache = FeatureCache(spec, stages, np.ones(2, dtype=bool))
    for _ in range(3):
        source = CachedFeatures.read_by(Reader(wants_global=True), [cache], CPU)
        features = source.plain(np.array([1, 0]))
    assert built == ["vgg19"]
    assert set(features.stages) == {"c4"} and features.global_vector is not None
    expected = backbone.network.global_vector(cache.load(np.array([1, 0]))["c5"])
    assert torch.equal(features.global_vector, expected)
    assert CachedFeatures.read_by(Reader(), [cache], CPU).plain(np.array([0])).global_vector is None


def test_a_backbone_that_makes_no_global_vector_is_refused_where_one_is_wanted() -> None:
    with pytest.raises(ConfigError, match="'resnet50' makes no global vector"):
        BackboneEncoder(build_backbone("resnet50", weights=None), scene=True)
    with pytest.raises(ConfigError, match="'efficientnet_lite0' makes no global vector"):
        backbone_for(Reader(wants_global=True), "efficientnet_lite0", CPU)


def test_features_move_as_a_whole() -> None:
    features = Features({"c4": torch.rand(1, 2, 3, 3)}, torch.rand(1, 5))
    moved = features.to(torch.device("meta"))
    assert moved.stages["c4"].device.type == moved.global_vector.device.type == "meta"  # type: ignore[union-attr]
    again = Features(*features.parts)
    assert again.stages["c4"] is features.stages["c4"] and again.global_vector is features.global_vector


# -- recipes name what they see with ------------------------------------------------------------------------------------


def test_a_recipe_sees_with_clip_only_by_the_name_of_one() -> None:
    pytest.importorskip("open_clip")
    assert sees_with_clip("ViT-L-14-quickgelu")
    assert not sees_with_clip("resnet101")
    with pytest.raises(UnknownNameError, match="efficientnet_lite2"):
        sees_with_clip("efficientnet_lite3")
    with pytest.raises(UnknownNameError, match="ViT-L-14"):
        sees_with_clip("ViT-L/14")


def test_without_open_clip_a_mistyped_backbone_is_no_matter_of_clip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "open_clip", None)
    with pytest.raises(UnknownNameError, match="'resnet50' or 'resnet101'|'resnet101' or 'resnet50'"):
        sees_with_clip("resnet500")
    with pytest.raises(ConfigError, match=r"zslviz\[clip\]"):
        sees_with_clip("ViT-L-14-quickgelu")
