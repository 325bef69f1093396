"""Models of states and objects."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from tests.contracts.made.data import fashion
from tests.contracts.made.networks import SIZES
from zslviz.backbones.features import Features
from zslviz.models.output import CompositionOutput
from zslviz.tasks.compositional.checkpoint import CompositionCheckpoint
from zslviz.tasks.compositional.explanation import CompositionExplanation

BATCH_AXIS = 0
STATES, OBJECTS = 3, 4


def run(network: nn.Module, features: Features, **options: Any) -> CompositionOutput:
    """The network on the texts of some states and objects."""
    reader: Any = network
    generator = torch.Generator().manual_seed(3)
    states, objects = (torch.randn(n, SIZES["word_dim"], generator=generator) for n in (STATES, OBJECTS))
    output: CompositionOutput = reader(features, reader.text(states, objects), **options)
    return output


# -- a tiny training ----------------------------------------------------------------------------------------------------------

DATA = "fashion"
SETTINGS: dict[str, Any] = {"words": "{words}"}


def make(folder: Path, words: Path) -> Path:
    """The data set's tiny folder."""
    return fashion.make(folder, DATA)


def calibration(checkpoint: CompositionCheckpoint, metrics: Mapping[str, Any]) -> list[tuple[Any, Any]]:
    """What a checkpoint holds that was chosen on validation, beside what its metrics say."""
    return [
        (checkpoint.bias, metrics["closed"]["at_validation_bias"]["bias"]),
        (checkpoint.feasibility, metrics["open"]["threshold"]),
        (list(checkpoint.familiarity), metrics["familiarity"]),
    ]


# -- what is in an explanation, and what can be asked of it -------------------------------------------------------------------

CHANGES = {"open_world": True, "threshold": -1.0, "bias": 0.7, "before": True}
WORDS = {"states": ["striped"], "objects": ["zebra"]}


def scores_in(explanation: CompositionExplanation) -> NDArray[np.float32]:
    """What `Explainer.scores` gives of a photo."""
    return explanation.logits.fused


def things_of(explanation: CompositionExplanation, of: str) -> list[Any]:
    """Everything that an explanation has a map of."""
    space = explanation.space
    if of == "pair":
        return list(np.ndindex(space.shape))
    queries = () if explanation.query_attention is None else explanation.query_maps()
    return list(range(len({"state": space.states, "object": space.objects, "query": queries}[of])))


def best_cells(explanation: CompositionExplanation) -> list[str]:
    """What the first columns of `predict` say of it."""
    best, space = explanation.rank().best, explanation.space
    return [space.states[best.state], space.objects[best.object]]


def picture(explanation: CompositionExplanation) -> dict[str, Any]:
    """What a picture to take away is asked for with."""
    space = explanation.space
    return {"pair": [space.states[0], space.objects[1]], "kind": explanation.offers()[0].name, "opacity": 0.6}
