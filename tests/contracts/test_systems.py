"""What every system of the catalogue must satisfy, on a small random network of its own configuration."""

from __future__ import annotations

from dataclasses import fields
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from tests.contracts.conftest import Explained
from tests.contracts.made import made_for
from tests.contracts.made.networks import sizes_of, small_network, small_settings, some_features
from zslviz.backbones.features import Features
from zslviz.catalogue import SYSTEMS
from zslviz.checkpoints.files import halved
from zslviz.errors import ConfigError, ZslvizError
from zslviz.models.registry import MODELS, build_model

pytestmark = pytest.mark.parametrize("system", SYSTEMS)


def scores_of(system: str, network: nn.Module, features: Features, **options: Any) -> dict[str, Tensor]:
    """Whatever tensors a network answers with, by name."""
    output = made_for(SYSTEMS[system].task).run(network, features, **options)
    found = {f.name: getattr(output, f.name) for f in fields(output)}
    return {name: value for name, value in found.items() if isinstance(value, Tensor)}


def photo(features: Features, index: int) -> Features:
    return Features({name: stage[index : index + 1] for name, stage in features.stages.items()})


def test_it_is_built_from_its_configuration_and_says_what_it_reads(system: str) -> None:
    network: Any = small_network(system)
    assert isinstance(network, MODELS[system].network)
    assert isinstance(network.config, MODELS[system].config)
    assert set(network.stages) <= set(some_features().stages)
    assert network.wants_global in (True, False)


def test_a_setting_that_it_does_not_know_is_refused_by_name(system: str) -> None:
    with pytest.raises(ZslvizError, match="'depht'"):
        build_model(system, sizes_of(system) | {"depht": 3})
    missing = {name: size for name, size in sizes_of(system).items() if name != "channels"}
    with pytest.raises(ConfigError, match="channels"):
        build_model(system, missing)


def test_every_setting_is_explained(system: str) -> None:
    """The settings that a recipe may change; what follows from the data (`sizes_of`) may go without saying."""
    config = MODELS[system].config
    settings = {f.name for f in fields(config)} - set(sizes_of(system))
    assert [name for name in sorted(settings) if name not in str(config.__doc__)] == []


@torch.no_grad()
def test_it_reads_only_the_stages_that_it_names(system: str) -> None:
    network: Any = small_network(system)
    features = some_features()
    named = Features({name: stage for name, stage in features.stages.items() if name in network.stages})
    assert_same(scores_of(system, network, named), scores_of(system, network, features))


@torch.no_grad()
def test_explaining_changes_no_score(system: str, explained: Explained) -> None:
    network, features = small_network(system), some_features()
    plain, shown = scores_of(system, network, features), scores_of(system, network, features, explain=True)
    assert set(plain) <= set(shown)
    assert set(plain) < set(shown) or not explained(system).offers(), "and adds something, where there are maps"
    assert_same(plain, {name: shown[name] for name in plain}, rtol=1e-5, atol=1e-5)


@torch.no_grad()
def test_a_photos_scores_do_not_depend_on_its_batch(system: str) -> None:
    network, features = small_network(system), some_features(batch=2)
    axis = made_for(SYSTEMS[system].task).BATCH_AXIS
    alone = [scores_of(system, network, photo(features, i)) for i in range(2)]
    together = scores_of(system, network, features)
    assert_same(together, {name: torch.cat([a[name] for a in alone], axis) for name in together}, rtol=1e-5, atol=1e-5)


@torch.no_grad()
def test_scores_depend_on_the_photo(system: str) -> None:
    network = small_network(system)
    one, other = (scores_of(system, network, some_features(seed=seed)) for seed in (1, 2))
    assert all(not torch.allclose(one[name], other[name], atol=1e-3) for name in one)


def test_the_gradient_reaches_every_parameter(system: str) -> None:
    """But those that the system says no score depends on, or that are no parameters of descent."""
    still: set[str] = set()
    for seed in range(8):  # a unit of a hidden layer may be cut off in one random network, but not in all of them
        network = small_network(system, seed).train()
        sum(scores.square().sum() for scores in scores_of(system, network, some_features()).values()).backward()
        without = {n for n, p in network.named_parameters() if p.requires_grad and (p.grad is None or not p.grad.any())}
        still = without & still if seed else without
        idle = {n for n, _ in network.named_parameters() if any(fnmatch(n, pattern) for pattern in MODELS[system].idle)}
        if still == idle:
            break
    assert still == idle
    assert all(any(fnmatch(name, pattern) for name in idle) for pattern in MODELS[system].idle), "said in vain"


@torch.no_grad()
def test_weights_go_to_disk_and_back(system: str, tmp_path: Path) -> None:
    network, features = small_network(system), some_features()
    save_file({name: tensor.contiguous() for name, tensor in network.state_dict().items()}, tmp_path / "weights")
    other = small_network(system, seed=5)
    other.load_state_dict(load_file(tmp_path / "weights"))
    assert_same(scores_of(system, network, features), scores_of(system, other, features))


@torch.no_grad()
def test_halved_weights_score_alike(system: str) -> None:
    network, features = small_network(system), some_features()
    exact = scores_of(system, network, features)
    stored = scores_of(system, halved(small_network(system)).eval(), features)
    for name, scores in exact.items():
        assert (stored[name] - scores).abs().max() < 0.01 * scores.std() + 1e-3


@torch.no_grad()
def test_folding_what_does_not_depend_on_a_photo_changes_no_score(system: str) -> None:
    network: Any = small_network(system)
    if not hasattr(network, "fold"):
        pytest.skip(f"{MODELS[system].title} folds nothing")
    before = scores_of(system, network, some_features())
    network.fold()
    assert_same(scores_of(system, network, some_features()), before, rtol=1e-5, atol=1e-5)


def test_small_settings_make_it_small(system: str) -> None:
    """Tests of it are quick because every large width is one of its settings."""
    small = sum(p.numel() for p in build_model(system, sizes_of(system) | small_settings(system)).parameters())
    assert small < 150_000


def assert_same(one: dict[str, Tensor], other: dict[str, Tensor], rtol: float = 0, atol: float = 0) -> None:
    assert set(one) == set(other)
    for name in one:
        torch.testing.assert_close(one[name], other[name], rtol=rtol, atol=atol)
