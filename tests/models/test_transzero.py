"""TransZero: what is kept between photos serves explaining and training alike."""

from __future__ import annotations

import torch

from zslviz.backbones.features import Features
from zslviz.models.transzero.network import TransZero, TransZeroConfig


def test_a_process_that_has_explained_can_train() -> None:
    network = TransZero(TransZeroConfig(attributes=5, word_dim=4, channels=6, width=8, feed_forward=8))
    features = Features({"c5": torch.rand(2, 6, 5, 7)})  # a grid that nothing else has
    with torch.inference_mode():
        network(features, explain=True)
    network(features).scores.sum().backward()
    assert network.geometry.weight.grad is not None
