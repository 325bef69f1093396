"""Names of features that were given instead of computed: features/CHANNELS/FILE@DIGEST. No network here makes them of a photo."""

from __future__ import annotations

import re
from collections.abc import Collection

from torch import Tensor

from zslviz.backbones.base import BackboneSpec
from zslviz.backbones.features import STAGES, Features
from zslviz.errors import ConfigError

PREFIX = "features/"


def name_of(channels: int, stem: str, digest: str) -> str:
    """The name that stands where a backbone's does. stem: of the file they were read from."""
    return f"{PREFIX}{channels}/{stem}@{digest}"


def plain_stem(stem: str) -> str:
    """A file's name as part of a name of ours: letters, digits, '.', '_' and '-'."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", stem).strip("-.") or "features"


def is_given(name: str) -> bool:
    """Whether a checkpoint's or a recipe's "backbone" is features that were given."""
    return re.match(rf"{PREFIX}[1-9]\d*/", name) is not None


def spec_of(name: str) -> BackboneSpec:
    """Their sizes: a vector a photo, which is c5 of a single region."""
    channels = int(name.split("/")[1])
    return BackboneSpec(name, (0, 0, channels), 0, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), "given")


def no_network(model: str, name: str) -> ConfigError:
    """What is said to whoever asks a model of such features for a photo. model: its name."""
    _, channels, file = name.partition("@")[0].split("/", 2)
    return ConfigError(
        f"'{model}' was trained on features that were given ({file}, {channels} numbers a photo); no network here makes them of a "
        "photo, so it explains and predicts none. 'zslviz evaluate --features FILE' measures it."
    )


class NoPhotos:
    """An encoder for measuring alone: it refuses photos. model: who is asked. name: of the features."""

    words = None
    size = 0
    global_channels = 0

    def __init__(self, model: str, name: str) -> None:
        self.name = name
        self.channels = {"c5": spec_of(name).channels[-1]}
        self.shift = dict.fromkeys(STAGES, 0.0)
        self._model = model

    def encode(self, pixels: Tensor, stages: Collection[str]) -> Features:
        """Raises ConfigError."""
        raise no_network(self._model, self.name)
