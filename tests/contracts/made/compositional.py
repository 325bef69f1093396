"""Models of states and objects."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from tests.contracts.made.networks import SIZES
from zslviz.backbones.features import Features
from zslviz.models.output import CompositionOutput

BATCH_AXIS = 0
STATES, OBJECTS = 3, 4


def run(network: nn.Module, features: Features, **options: Any) -> CompositionOutput:
    """The network on the texts of some states and objects."""
    reader: Any = network
    generator = torch.Generator().manual_seed(3)
    states, objects = (torch.randn(n, SIZES["word_dim"], generator=generator) for n in (STATES, OBJECTS))
    output: CompositionOutput = reader(features, reader.text(states, objects), **options)
    return output
