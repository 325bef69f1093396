"""BiAM: maps are exact, labels may come later, settings say what they read."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F

from zslviz.backbones import Features
from zslviz.errors import ConfigError
from zslviz.models.biam.network import BiAM, BiAMConfig

CONFIG = BiAMConfig(channels=12, scene_dim=12, word_dim=6, width=8, heads=2, embedding=10, top=4)
SETTINGS = [
    CONFIG,
    replace(CONFIG, stage="c4", channels=5),
    replace(CONFIG, stage="c4+c5", channels=(5, 12), reduce=6, kernel=1),
    replace(CONFIG, linear=3, feature_norm=True),
]


@pytest.fixture
def features() -> Features:
    generator = torch.Generator().manual_seed(0)
    c4, c5 = torch.rand(3, 5, 6, 6, generator=generator), torch.rand(3, 12, 3, 3, generator=generator)
    return Features({"c4": c4, "c5": c5})


@pytest.fixture
def vectors() -> torch.Tensor:
    return F.normalize(torch.randn(7, 6, generator=torch.Generator().manual_seed(1)), dim=1)


def build(config: BiAMConfig) -> BiAM:
    torch.manual_seed(2)
    return BiAM(config).eval()


@pytest.mark.parametrize("config", SETTINGS)
def test_mean_of_the_highest_regions_is_the_score(
    config: BiAMConfig, features: Features, vectors: torch.Tensor
) -> None:
    network = build(config)
    output = network(features, vectors, explain=True)
    counted = output.region_logits.flatten(2).topk(config.top).values.mean(-1)
    assert torch.allclose(counted, output.logits, atol=1e-6)
    assert torch.allclose(network(features, vectors).logits, output.logits, atol=1e-5)
    by_hand = output.embeddings @ network.classifiers(vectors).mT
    assert torch.allclose(by_hand.mT.unflatten(-1, output.region_logits.shape[-2:]), output.region_logits, atol=1e-5)


@pytest.mark.parametrize(
    ("stage", "given", "stages"),
    [("c5", "mean", ("c5",)), ("c4", "mean", ("c4", "c5")), ("c4", "given", ("c4",)), ("c4+c5", "mean", ("c4", "c5"))],
)
def test_stages_are_those_that_are_read(stage: str, given: str, stages: tuple[str, ...]) -> None:
    assert build(replace(CONFIG, stage=stage, global_vector=given)).stages == stages  # type: ignore[arg-type]


def test_attention_weighs_regions_and_the_gate_is_a_share(features: Features, vectors: torch.Tensor) -> None:
    output = build(CONFIG)(features, vectors, explain=True)
    assert output.region_attention.shape == (3, 2, 9, 9)
    assert torch.allclose(output.region_attention.sum(-1), torch.ones(3, 2, 9), atol=1e-6)
    assert output.scene_gate.shape == (3, 8) and 0 < output.scene_gate.min() < output.scene_gate.max() < 1
    (told,) = output.insights
    shut, *_, opened = told.values.T
    torch.testing.assert_close(shut, (output.scene_gate < 0.2).float().mean(1))
    torch.testing.assert_close(opened, (output.scene_gate >= 0.8).float().mean(1))
    torch.testing.assert_close(told.values.sum(1), torch.ones(3))


def test_scores_of_a_label_do_not_depend_on_the_others(features: Features, vectors: torch.Tensor) -> None:
    network = build(CONFIG)
    assert torch.allclose(network(features, vectors).logits[:, 2:3], network(features, vectors[2:3]).logits, atol=1e-6)


@pytest.mark.parametrize("share", [0.0, 0.4])
def test_the_linear_part_is_added_and_shared_by_region_and_scene(
    share: float, features: Features, vectors: torch.Tensor
) -> None:
    network = build(replace(CONFIG, linear=3, linear_share=share))
    added = network(features, vectors, explain=True).region_logits
    own_labels, of_features = network.linear.labels(vectors), network.linear.features
    torch.nn.init.zeros_(network.linear.labels.weight)
    torch.nn.init.zeros_(network.linear.labels.bias)
    added = added - network(features, vectors, explain=True).region_logits
    mean = of_features(features.stages["c5"].mean((2, 3))) @ own_labels.mT
    assert torch.allclose(added.mean((2, 3)), mean, atol=1e-5) and mean.abs().max() > 1e-3
    varies = (added - mean[:, :, None, None]).abs().max()
    assert varies > 1e-3 if share else varies < 1e-5


def test_a_global_vector_of_ones_own_opens_the_gate(features: Features, vectors: torch.Tensor) -> None:
    network = build(replace(CONFIG, global_vector="given", scene_dim=4))
    scenes = (torch.full((3, 4), x) for x in (0.0, 9.0))
    gates = [network(replace(features, global_vector=scene), vectors, explain=True).scene_gate for scene in scenes]
    assert not torch.allclose(*gates)
    with pytest.raises(ConfigError, match="global vector"):
        network(features, vectors)


def test_settings_that_cannot_work_are_refused(features: Features, vectors: torch.Tensor) -> None:
    with pytest.raises(ConfigError, match="3 heads"):
        replace(CONFIG, heads=3)
    with pytest.raises(ConfigError, match="c3"):
        replace(CONFIG, stage="c3")  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="10 regions"):
        build(replace(CONFIG, top=10))(features, vectors)
    with pytest.raises(ConfigError, match="linear part"):
        replace(CONFIG, linear=2, stage="c4")


def test_every_parameter_learns(features: Features, vectors: torch.Tensor) -> None:
    network = build(replace(CONFIG, reduce=6)).train()
    network(features, vectors).logits.square().sum().backward()
    still = [name for name, p in network.named_parameters() if p.grad is None or not p.grad.any()]
    assert still == ["region_context_block.w_k.bias"] or not still  # softmax does not see a shift of all keys
