"""What a recipe of a multi-label model says beyond what all recipes say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from zslviz.training.recipe import Recipe, Validation


@dataclass(frozen=True)
class LabelRecipe(Recipe):
    """A recipe of a multi-label model.

    words: what gives labels their vectors (`zslviz.words.source.word_source`); packaged ones if empty.
    linear: settings of the linear map that the model's scores are added to; none where it is empty.
    """

    validation: Validation = field(default_factory=Validation)
    words: str = ""
    linear: Mapping[str, float] = field(default_factory=dict)


RECIPE = LabelRecipe
