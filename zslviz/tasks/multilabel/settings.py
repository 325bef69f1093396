"""What a recipe of a multi-label model says beyond what all recipes say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from zslviz.errors import ConfigError
from zslviz.files.typed import Finite, NotNegative, Positive, Share, typed
from zslviz.training.recipe import Recipe, Text, Validation


@dataclass(frozen=True)
class LinearSettings:
    """scale, offset: of the scores, which are about 0 to 1 before. feature_ridge, label_ridge: r and q.

    auxiliary: weight of the backbone's own classes as further labels (`imagenet`), 0 for none; temperature: theirs.
    weight: of the trained network's own scores beside the linear map's. prior: how much is kept of what the average photo scores
    for a label, 0 to 1; a word's vector says little of how frequent a label is, so what is guessed for unseen ones misleads.
    """

    feature_ridge: Positive = 3.0
    label_ridge: Positive = 0.1
    scale: Positive = 10.0
    offset: Finite = -4.0
    auxiliary: NotNegative = 0.0
    temperature: Positive = 1.0
    weight: NotNegative = 1.0
    prior: Share = 1.0


@dataclass(frozen=True)
class LabelRecipe(Recipe):
    """A recipe of a multi-label model.

    words: what gives labels their vectors (`zslviz.words.source.word_source`); packaged ones if empty.
    linear: settings of the linear map that the model's scores are added to; none where it is empty.
    """

    validation: Validation = field(default_factory=Validation)
    words: Text = ""
    linear: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.validation.tried(self.epochs)
        if self.validation.groups:
            raise ConfigError(
                "'groups' of 'validation' means nothing for multi-label models, whose data bring a split of labels."
            )
        typed(LinearSettings, self.linear, f"'linear' of the recipe '{self.name}'")


RECIPE = LabelRecipe
