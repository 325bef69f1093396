"""Multi-label models."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from tests.contracts.made.networks import SIZES
from zslviz.backbones.features import Features
from zslviz.models.output import LabelOutput

BATCH_AXIS = 0
LABELS = 6


def run(network: nn.Module, features: Features, **options: Any) -> LabelOutput:
    """The network on the vectors of some labels."""
    vectors = torch.randn(LABELS, SIZES["word_dim"], generator=torch.Generator().manual_seed(3))
    output: LabelOutput = network(features, F.normalize(vectors, dim=1), **options)
    return output
