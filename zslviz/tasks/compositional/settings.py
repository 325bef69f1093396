"""What a recipe of a compositional model says beyond what all recipes say."""

from __future__ import annotations

from dataclasses import dataclass

from zslviz.backbones import is_backbone
from zslviz.backbones.features import STAGES
from zslviz.errors import UnknownNameError
from zslviz.features.cache import CacheSpec
from zslviz.training.recipe import Recipe, Text


@dataclass(frozen=True)
class CompositionRecipe(Recipe):
    """A recipe of a compositional model.

    words: what gives states and objects their vectors (`zslviz.words.source.word_source`), packaged ones if empty. Where `backbone`
    is an architecture of CLIP, that gives them instead.
    """

    words: Text = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        stages = self.model.get("stages")
        strangers = [s for s in stages if s not in STAGES] if isinstance(stages, list | tuple) else []
        if is_backbone(self.backbone) and strangers:
            raise UnknownNameError("stage", str(strangers[0]), STAGES)

    def cache_specs(self) -> list[CacheSpec]:
        """None with CLIP, which sees the photos anew each time."""
        return super().cache_specs() if is_backbone(self.backbone) else []


RECIPE = CompositionRecipe
