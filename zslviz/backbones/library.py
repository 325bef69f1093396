"""Backbones of timm and torchvision by name, with the weights that these publish: timm/convnext_tiny, torchvision/resnet50.

NAME may say which weights after a dot, as timm does (convnext_tiny.fb_in22k) and for torchvision likewise (resnet50.IMAGENET1K_V1);
without it the library's default is taken. c3, c4 and c5 are the last maps of stride 8, 16 and 32.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Any

from torch import Tensor, nn

from zslviz.backbones import timm_zoo, torchvision_zoo
from zslviz.backbones.base import BackboneSpec, UnpartedBackbone
from zslviz.backbones.features import STAGES
from zslviz.backbones.probing import Found, weights_not_there

_ZOOS = {zoo.PREFIX: zoo for zoo in (timm_zoo, torchvision_zoo)}
PREFIXES = tuple(_ZOOS)


class LibraryNetwork(nn.Module):
    """A library's network that gives maps of three strides, whatever the order of their axes."""

    def __init__(self, network: nn.Module, last: Sequence[bool]) -> None:
        super().__init__()
        self.network = network
        self._last = tuple(last)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        """c3, c4, c5 of normalised pixels."""
        maps = self.network(x)  # timm gives a list, torchvision's extractor a dictionary
        maps = [maps[name] for name in STAGES] if isinstance(maps, dict) else maps
        return {
            name: stage.permute(0, 3, 1, 2) if last else stage
            for name, stage, last in zip(STAGES, maps, self._last, strict=True)
        }


class LibraryBackbone(UnpartedBackbone):
    """A backbone whose stages come all at once: its layers are the library's and cannot be taken apart here."""

    def computed(self, x: Tensor, stages: Collection[str]) -> dict[str, Tensor]:
        self.spec.check_size(x.shape[-1])
        found: dict[str, Tensor] = self.network(x)
        return found


def is_of_library(name: str) -> bool:
    """Whether a backbone's name says that a library has it."""
    return name.startswith(PREFIXES)


def names() -> list[str]:
    """All names that the two libraries have, without those of weights; the libraries are imported to tell."""
    return [*torchvision_zoo.known(), *timm_zoo.known()]


def spec_of(name: str) -> BackboneSpec:
    """What is to be known of a library's backbone. Raises UnknownNameError, and ConfigError where its stages do not fit."""
    return _found(name).spec


def build_network(name: str, pretrained: bool) -> LibraryNetwork:
    """The network with the library's weights, or random ones. Raises ConfigError if they cannot be had."""
    found = _found(name)
    try:
        network = _zoo(name).network_of(name.partition("/")[2], found.stages, pretrained)
    except Exception as error:  # whatever a client raises without a network, or for a file that is not whole
        if not pretrained:
            raise
        raise weights_not_there(name, error) from None
    return LibraryNetwork(network, found.last)


@lru_cache(maxsize=64)
def _found(name: str) -> Found:
    found: Found = _zoo(name).find(name, name.partition("/")[2])
    return found


def _zoo(name: str) -> Any:
    return _ZOOS[f"{name.partition('/')[0]}/"]
