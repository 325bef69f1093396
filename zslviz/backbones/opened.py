"""Backbones that are open: one shared by all models of a device, or a checkpoint's own."""

from __future__ import annotations

import threading
from typing import Any

import torch

from zslviz.backbones import Backbone, build_backbone
from zslviz.errors import CheckpointError

_backbones: dict[tuple[str, str], Backbone] = {}


_backbones_lock = threading.Lock()


def shared_backbone(name: str, device: torch.device) -> Backbone:
    """One frozen backbone a name and device, however many models use it."""
    key = (name, str(device))
    with _backbones_lock:
        if key not in _backbones:
            _backbones[key] = build_backbone(name).to(device)
        return _backbones[key]


def own_backbone(checkpoint: Any) -> Backbone:
    """The backbone of a checkpoint whose training changed all of it. Raises CheckpointError if its weights do not fit."""
    backbone = build_backbone(checkpoint.backbone, weights=None)
    try:
        backbone.load_state_dict({name: tensor.float() for name, tensor in checkpoint.backbone_state.items()})
    except RuntimeError:
        raise CheckpointError(
            f"The checkpoint '{checkpoint.name}' does not hold the whole of its backbone '{checkpoint.backbone}'."
        ) from None
    return backbone.eval().requires_grad_(False)
