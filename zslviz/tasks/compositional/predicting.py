"""Scores of many photos by a compositional network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from zslviz.backbones import Features
from zslviz.features.predicting import predict, settle
from zslviz.features.sources import Source
from zslviz.tasks.compositional.scoring import fused_scores
from zslviz.tasks.compositional.space import CompositionSpace

if TYPE_CHECKING:
    from lightning_fabric import Fabric


def word_vectors(space: CompositionSpace, device: torch.device) -> tuple[Tensor, Tensor]:
    """The vectors of a space's states [S, D] and objects [O, D]."""
    states, objects = (torch.from_numpy(np.array(v)).to(device) for v in (space.state_vectors, space.object_vectors))
    return states, objects


def predict_pairs(
    network: nn.Module,
    source: Source,
    photos: NDArray[np.int64],
    space: CompositionSpace,
    fabric: Fabric,
    batch_size: int = 64,
) -> NDArray[np.float32]:
    """Fused scores of all pairs: float32 [N, S, O]; the processes of a fabric take a share each and all get the whole."""
    settle(network, fabric)
    with torch.inference_mode():
        text = network.text(*word_vectors(space, fabric.device))  # type: ignore[operator]

    def score(features: Features) -> tuple[Tensor, ...]:
        output = network(features, text)
        return output.pair_logits, output.state_logits, output.object_logits

    logits = predict(score, source, photos, fabric, batch_size)
    scores: NDArray[np.float32] = fused_scores(*(part.numpy() for part in logits))
    return scores
