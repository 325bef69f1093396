"""What a library's network gives, told without computing anything but shapes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from zslviz.backbones.base import BackboneSpec
from zslviz.backbones.features import STAGES, STRIDES
from zslviz.errors import ConfigError

PROBE = 224
"""The side in pixels at which shapes are looked at, where nothing speaks for another."""


@dataclass(frozen=True)
class Found:
    """A network of a library. stages: what gives c3, c4, c5 there. last: of each, whether its channels come last ([B, H, W, C])."""

    spec: BackboneSpec
    stages: tuple[Any, ...]
    last: tuple[bool, ...]


def without_data(build: Callable[[], nn.Module]) -> nn.Module:
    """A network to probe: on the device "meta", where nothing is computed but shapes."""
    try:
        with torch.device("meta"):
            return build().eval()
    except NotImplementedError:  # it computes its own sizes by tensors
        return build().eval().to("meta")


def channels_last(name: str, shapes: Sequence[tuple[int, ...]], side: int) -> tuple[bool, ...]:
    """Of c3, c4, c5, whether it is [B, H, W, C]. Raises ConfigError if they are maps of other sides than the strides say."""
    found = []
    for stage, shape in zip(STAGES, shapes, strict=True):
        sides = (side // STRIDES[stage],) * 2
        if sides not in (shape[2:], shape[1:3]):
            raise ConfigError(
                f"The maps of '{name}' are not an eighth, a sixteenth and a thirty-second of its input; it cannot be taken."
            )
        found.append(sides != shape[2:])
    return tuple(found)


def no_stages(name: str, strides: Collection[int]) -> ConfigError:
    has = (
        f"has maps of stride {', '.join(str(s) for s in sorted(set(strides)))}"
        if strides
        else "gives no maps of its stages"
    )
    return ConfigError(
        f"'{name}' {has}; a backbone here needs strides 8, 16 and 32, as convolutional networks have, and few transformers."
    )


def in_pixels(values: Sequence[float]) -> tuple[float, float, float]:
    """Statistics of pixels in 0..1 as those of 0..255."""
    red, green, blue = (255 * value for value in values)
    return red, green, blue


def weights_not_there(name: str, error: Exception) -> ConfigError:
    """The answer where a library's weights cannot be had, with what its client said."""
    told = (str(error).splitlines() or [type(error).__name__])[0][:160]
    return ConfigError(
        f"The weights of '{name}' could not be loaded ({told}); they are downloaded once, and without a network they must lie "
        "in its library's cache."
    )
