"""Multi-label models."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import nn

from tests.contracts.made.data import corel5k
from tests.contracts.made.networks import SIZES
from zslviz.backbones.features import Features
from zslviz.models.output import LabelOutput
from zslviz.tasks.multilabel.checkpoint import LabelCheckpoint
from zslviz.tasks.multilabel.explanation import LabelExplanation

BATCH_AXIS = 0
LABELS = 6


def run(network: nn.Module, features: Features, **options: Any) -> LabelOutput:
    """The network on the vectors of some labels."""
    vectors = torch.randn(LABELS, SIZES["word_dim"], generator=torch.Generator().manual_seed(3))
    output: LabelOutput = network(features, F.normalize(vectors, dim=1), **options)
    return output


# -- a tiny training ----------------------------------------------------------------------------------------------------------

DATA = "corel5k"
SETTINGS: dict[str, Any] = {"words": "{words}", "size": 96}


def make(folder: Path, words: Path) -> Path:
    """The data set's tiny folder."""
    return corel5k.make(folder, DATA)


def calibration(checkpoint: LabelCheckpoint, metrics: Mapping[str, Any]) -> list[tuple[Any, Any]]:
    """What a checkpoint holds that was chosen on validation, beside what its metrics say."""
    return [
        (checkpoint.gamma, metrics["validation"]["gamma"]),
        (checkpoint.threshold, metrics["validation"]["threshold"]),
    ]


# -- what is in an explanation, and what can be asked of it -------------------------------------------------------------------

CHANGES = {"gamma": 0.7, "first": 2, "unseen_only": True}
WORDS = {"added": ["zebra"]}


def scores_in(explanation: LabelExplanation) -> NDArray[np.float32]:
    """What `Explainer.scores` gives of a photo."""
    return explanation.scores


def things_of(explanation: LabelExplanation, of: str) -> list[Any]:
    """Everything that an explanation has a map of."""
    if of == "region":
        return list(np.ndindex(explanation.grid))
    return list(range(len({"label": explanation.space.labels}[of])))


def best_cells(explanation: LabelExplanation) -> list[str]:
    """What the first columns of `predict` say of it."""
    return [explanation.rank().best.name]


def picture(explanation: LabelExplanation) -> dict[str, Any]:
    """What a picture to take away is asked for with."""
    labels = list(explanation.space.labels[:2])
    return {"label": labels[0], "labels": labels, "area": "half", "opacity": 0.6}
