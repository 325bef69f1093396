"""What a recipe of a compositional model says beyond what all recipes say."""

from __future__ import annotations

from dataclasses import dataclass

from zslviz.backbones import is_backbone
from zslviz.features.cache import CacheSpec
from zslviz.training.recipe import Recipe


@dataclass(frozen=True)
class CompositionRecipe(Recipe):
    """A recipe of a compositional model.

    words: what gives states and objects their vectors (`zslviz.words.source.word_source`), packaged ones if empty. Where `backbone`
    is an architecture of CLIP, that gives them instead.
    """

    words: str = ""

    def cache_specs(self) -> list[CacheSpec]:
        """None with CLIP, which sees the photos anew each time."""
        return super().cache_specs() if is_backbone(self.backbone) else []


RECIPE = CompositionRecipe
