"""An attribute network together with the layers of the backbone that were trained with it.

The backbone up to c4 stays frozen and shared between models; c5 is computed from c4 by layers of the model's own. Whoever feeds
a network asks it which `stages` it reads, so a fine-tuned one takes c4 where a plain one takes c5, and nothing else changes.
"""

from __future__ import annotations

from typing import Any

from torch import nn

from zslviz.backbones import Backbone
from zslviz.backbones.features import PIXELS, Features
from zslviz.models.output import AttributeOutput


class FineTuned(nn.Module):
    """`head` (MSDN, Mg-MRN, ...) on c5 = `last_stage`(c4). Normalisation statistics stay those of the pretraining.

    A batch of a few dozen photos is too small to estimate statistics anew, and frozen ones make a photo's scores independent
    of the others in its batch.
    """

    wants_global = False

    def __init__(self, head: nn.Module, last_stage: nn.Module) -> None:
        super().__init__()
        self.head = head
        self.last_stage = last_stage
        self.train(self.training)

    @property
    def stages(self) -> tuple[str, ...]:
        """Which stages of the frozen backbone it reads."""
        own: tuple[str, ...] = self.head.stages  # type: ignore[assignment]
        return tuple(sorted({*own, "c4"} - {"c5"}))

    def fold(self) -> None:
        """Keeps what does not depend on the photo; `train()` and `eval()` forget it."""
        if hasattr(self.head, "fold"):
            self.head.fold()  # type: ignore[operator]

    def train(self, mode: bool = True) -> FineTuned:
        super().train(mode)
        self.last_stage.eval()
        return self

    def forward(self, features: Features, **options: Any) -> AttributeOutput:
        return self.head(self.with_last(features), **options)

    def with_last(self, features: Features) -> Features:
        """The features as the head takes them: with c5 by the layers of its own."""
        stages = features.stages
        return Features({**stages, "c5": self.last_stage(stages["c4"])}, features.global_vector)


class EndToEnd(nn.Module):
    """`head` on a whole backbone that is trained with it, from pixels [B, 3, S, S] in 0..255; statistics stay frozen here too."""

    stages = (PIXELS,)
    wants_global = False

    def __init__(self, head: nn.Module, backbone: Backbone) -> None:
        super().__init__()
        self.head = head
        self.backbone = backbone
        self.train(self.training)

    def train(self, mode: bool = True) -> EndToEnd:
        super().train(mode)
        self.backbone.eval()
        return self

    def forward(self, features: Features, **options: Any) -> AttributeOutput:
        return self.head(self.backbone(features.stages[PIXELS], self.head.stages), **options)
