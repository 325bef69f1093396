"""A VGG of the same layers as VGG-19, with few channels and a short fc7, so that it is built in no time."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import nn

import zslviz.backbones.torchvision_compat  # noqa: F401  (before torchvision)
from zslviz.backbones import BACKBONES, opened, vgg

GLOBAL = 16  # length of its fc7
_WIDTHS = (4, 4, "M", 4, 4, "M", 4, 4, 4, 4, "M", 4, 4, 4, 512, "M", 4, 4, 4, 512, "M")


def tiny_vgg(name: str = "vgg19", weights: object = None) -> vgg.VGGPyramid:
    """Random weights, the same every time; c3 to c5 have the channels that VGG-19's have."""
    from torchvision.models.vgg import VGG, make_layers

    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = VGG(make_layers(list(_WIDTHS)), init_weights=False)
        network.avgpool = nn.AdaptiveAvgPool2d(1)
        last = (nn.Linear(GLOBAL, GLOBAL), nn.ReLU(), nn.Dropout(), nn.Linear(GLOBAL, 10))
        network.classifier = nn.Sequential(nn.Linear(512, GLOBAL), nn.ReLU(), nn.Dropout(), *last)
    return vgg.VGGPyramid(network)


@pytest.fixture
def _tiny_vgg(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tiny network in place of VGG-19, shared with no other test."""
    monkeypatch.setattr(vgg, "build_network", tiny_vgg)
    monkeypatch.setitem(BACKBONES, "vgg19", replace(BACKBONES["vgg19"], global_channels=GLOBAL))
    monkeypatch.setattr(opened, "_shared", {})
