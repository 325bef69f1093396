"""Attribute models."""

from __future__ import annotations

from typing import Any

from torch import nn

from zslviz.backbones.features import Features
from zslviz.models.output import AttributeOutput

BATCH_AXIS = 1  # of scores [G, B, A]


def run(network: nn.Module, features: Features, **options: Any) -> AttributeOutput:
    output: AttributeOutput = network(features, **options)
    return output
