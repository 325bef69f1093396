"""timm's networks by name: their stages, their statistics and their weights."""

from __future__ import annotations

import importlib
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlparse
from urllib.request import getproxies

import torch
from torch import Tensor, nn

from zslviz.backbones.base import BackboneSpec
from zslviz.backbones.features import STAGES, STRIDES
from zslviz.backbones.probing import PROBE, Found, channels_last, in_pixels, no_stages, weights_not_there, without_data
from zslviz.errors import ConfigError, UnknownNameError

PREFIX = "timm/"


def known() -> list[str]:
    """All names, without those of weights."""
    return [f"{PREFIX}{name}" for name in _timm().list_models()]


def find(name: str, model: str) -> Found:
    timm = _timm()
    if not model or not timm.is_model(model):
        raise UnknownNameError("backbone", name, known())
    tagged = f"{model.partition('.')[0]}.*" if "." in model else model
    published = timm.list_pretrained(tagged)
    if "." in model and model not in published:
        raise UnknownNameError("backbone", name, [f"{PREFIX}{one}" for one in published])
    config = timm.get_pretrained_cfg(model)
    if config is None or not timm.models.is_model_pretrained(model):
        raise ConfigError(f"timm publishes no weights of '{name}', so it cannot be taken.")
    size = int(config.input_size[-1])
    try:
        network: Any = without_data(lambda: timm.create_model(model, pretrained=False, features_only=True))
        strides, channels = network.feature_info.reduction(), network.feature_info.channels()
    except Exception:  # of the many networks, each says in its own way that it has no stages
        raise no_stages(name, ()) from None
    at = {stride: index for index, stride in enumerate(strides)}  # the last one of each
    if not set(STRIDES.values()) <= set(at):
        raise no_stages(name, strides)
    indices = tuple(at[STRIDES[stage]] for stage in STAGES)
    side = size if config.fixed_input_size or size % 32 == 0 else PROBE
    with torch.inference_mode():
        maps = network(torch.zeros(1, 3, side, side, device="meta"))
    last = channels_last(name, [tuple(maps[i].shape) for i in indices], side)
    spec = BackboneSpec(
        name,
        (channels[indices[0]], channels[indices[1]], channels[indices[2]]),
        side,
        in_pixels(config.mean),
        in_pixels(config.std),
        "timm",
        fixed_size=bool(config.fixed_input_size),
    )
    return Found(spec, indices, last)


def network_of(model: str, stages: tuple[Any, ...], pretrained: bool) -> nn.Module:
    timm = _timm()
    with _cached_alone_where_offline():
        network: nn.Module = timm.create_model(model, pretrained=pretrained, features_only=True, out_indices=stages)
    return network


def state_dict_of(model: str) -> dict[str, Tensor]:
    """The published weights of a model, by timm's names. Raises ConfigError if they cannot be had."""
    timm = _timm()
    try:
        with _cached_alone_where_offline():
            network: nn.Module = timm.create_model(model, pretrained=True)
    except Exception as error:  # whatever a client raises without a network, or for a file that is not whole
        raise weights_not_there(f"{PREFIX}{model}", error) from None
    return network.state_dict()


@contextmanager
def _cached_alone_where_offline() -> Iterator[None]:
    """Where the hub's name leads nowhere, its client is told so: it would try again for a minute before it looks into its cache."""
    constants: Any = importlib.import_module("huggingface_hub.constants")  # timm brings it along
    host, told = urlparse(constants.ENDPOINT).hostname or "", constants.HF_HUB_OFFLINE
    try:
        if not getproxies():
            socket.getaddrinfo(host, None)
    except OSError:
        constants.HF_HUB_OFFLINE = True
    try:
        yield
    finally:
        constants.HF_HUB_OFFLINE = told


def _timm() -> Any:
    import zslviz.backbones.torchvision_compat  # noqa: F401  (before timm, which imports torchvision)

    return importlib.import_module("timm")
