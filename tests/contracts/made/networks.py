"""Small random networks of any system, from what its configuration asks for, and features for them to read."""

from __future__ import annotations

from dataclasses import MISSING, fields
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import torch
from torch import nn

from zslviz.backbones.features import STAGES, Features
from zslviz.models.registry import MODELS, build_model

CHANNELS = dict(zip(STAGES, (8, 12, 16), strict=True))
SIDES = dict(zip(STAGES, (12, 6, 3), strict=True))
SIZES = {"attributes": 5, "classes": 4, "word_dim": 7, "scene_dim": CHANNELS["c5"], "side": SIDES["c5"]}
"""What the task and its features decide, whatever the system."""
SMALL = 32


def small_settings(system: str) -> dict[str, int]:
    """Settings that make a network small: every width of its configuration that is large unless one says otherwise."""
    wide = [f for f in fields(MODELS[system].config) if isinstance(f.default, int) and f.default >= 128]
    return {f.name: SMALL for f in wide}


def sizes_of(system: str) -> dict[str, Any]:
    """What a configuration asks for without a default, for the features below."""
    config = MODELS[system].config
    wanted = {f.name for f in fields(config) if f.default is MISSING and f.default_factory is MISSING}
    kind = get_type_hints(config).get("channels")
    one = kind is int or (get_origin(kind) in (Union, UnionType) and int in get_args(kind))
    channels = CHANNELS["c5"] if one else tuple(CHANNELS.values())
    return {name: ({"channels": channels} | SIZES)[name] for name in wanted}


def small_network(system: str, seed: int = 0) -> nn.Module:
    """A network in evaluation mode, none of whose parameters is zero or like another, as they may be at the start."""
    torch.manual_seed(seed)
    network: Any = build_model(system, sizes_of(system) | small_settings(system))
    if hasattr(network, "set_word_vectors"):
        network.set_word_vectors(torch.randn(SIZES["attributes"], SIZES["word_dim"]))
    if hasattr(network, "set_classes"):
        network.set_classes(torch.rand(SIZES["classes"], SIZES["attributes"]))
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(0.2 * torch.randn_like(parameter))
    built: nn.Module = network.eval()
    return built


def some_features(batch: int = 3, seed: int = 1) -> Features:
    generator = torch.Generator().manual_seed(seed)
    return Features({n: torch.rand(batch, CHANNELS[n], SIDES[n], SIDES[n], generator=generator) for n in STAGES})
