"""What an encoder makes of photos and networks read: maps by the name of their stage, and a vector of the whole photo."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

STAGES = ("c3", "c4", "c5")
"""The last three stages of a CNN."""
STRIDES: Mapping[str, int] = {"c3": 8, "c4": 16, "c5": 32}
"""How many pixels of the input a cell of each stage is wide."""
PIXELS = "pixels"
"""The photo itself, uint8 or float 0..255 [B, 3, S, S], for a network that brings its backbone along."""
TOKENS = "tokens"
"""A vision transformer's patches after its last layer."""


def class_of(stage: str) -> str:
    """Under which name a vision transformer's class token goes after the layer whose patches are a stage: [B, C, 1, 1]."""
    return f"{stage}-class"


@dataclass(frozen=True, eq=False)
class Features:
    """B photos. stages: maps [B, C, H, W] by name, those that were asked for. global_vector: [B, G], if the encoder makes one.

    A network says in `stages` which it reads, and in `wants_global` whether it wants the global vector given.
    """

    stages: Mapping[str, Tensor]
    global_vector: Tensor | None = None

    def to(self, device: torch.device) -> Features:
        """The same numbers on another device."""
        vector = None if self.global_vector is None else self.global_vector.to(device)
        return Features({name: stage.to(device) for name, stage in self.stages.items()}, vector)

    @property
    def parts(self) -> tuple[dict[str, Tensor], Tensor | None]:
        """Both fields as plain collections, which Fabric can cast and hand on; `Features(*parts)` is the same again."""
        return dict(self.stages), self.global_vector
