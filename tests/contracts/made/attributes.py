"""Attribute models."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import nn

from tests.contracts.made.data import cub
from tests.datasets import layouts
from zslviz.backbones.features import Features
from zslviz.models.output import AttributeOutput
from zslviz.tasks.attributes.checkpoint import AttributeCheckpoint
from zslviz.tasks.attributes.explanation import Explanation

BATCH_AXIS = 1  # of scores [G, B, A]


def run(network: nn.Module, features: Features, **options: Any) -> AttributeOutput:
    output: AttributeOutput = network(features, **options)
    return output


# -- a tiny training ----------------------------------------------------------------------------------------------------------

DATA = "cub"
SETTINGS: dict[str, Any] = {}


def make(folder: Path, words: Path) -> Path:
    """The data set's tiny folder, with vectors of its attributes beside it."""
    made = cub.make(folder, DATA)
    vectors = np.random.default_rng(0).normal(size=(len(layouts.CUB_ATTRIBUTES), 7)).astype(np.float32)
    np.save(made / "attribute_word_vectors.npy", vectors)
    return made


def calibration(checkpoint: AttributeCheckpoint, metrics: Mapping[str, Any]) -> list[tuple[Any, Any]]:
    """What a checkpoint holds that was chosen on validation, beside what its metrics say."""
    return [(checkpoint.gamma, metrics["gamma"]), (checkpoint.gamma, metrics["validation"]["gamma"])]


# -- what is in an explanation, and what can be asked of it -------------------------------------------------------------------

CHANGES = {"image_edits": {"0": 0.9}, "class_edits": {"1": {"2": 0.4}}, "gamma": 0.7, "unseen_only": True}
WORDS: dict[str, Any] = {}  # nothing is added by name


def scores_in(explanation: Explanation) -> NDArray[np.float32]:
    """What `Explainer.scores` gives of a photo."""
    return explanation.scores


def things_of(explanation: Explanation, of: str) -> list[Any]:
    """Everything that an explanation has a map of."""
    return list(range(len({"attribute": explanation.space.attributes, "class": explanation.space.classes}[of])))


def best_cells(explanation: Explanation) -> list[str]:
    """What the first columns of `predict` say of it."""
    return [explanation.space.classes[explanation.rank().best.index]]


def picture(explanation: Explanation) -> dict[str, Any]:
    """What a picture to take away is asked for with."""
    return {"attribute": 0, "which": 0, "opacity": 0.6}
