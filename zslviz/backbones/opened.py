"""Who sees the photos of a model: the only place that decides it."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from zslviz.backbones import given
from zslviz.backbones.base import Backbone
from zslviz.backbones.encoder import CLIP, BackboneEncoder, Encoder
from zslviz.backbones.registry import build_backbone
from zslviz.errors import CheckpointError

_shared: dict[tuple[str, str], Backbone] = {}
_sharing = threading.Lock()


class Sees(Protocol):
    """What a checkpoint tells of how its network sees.

    backbone: one of ours, or an architecture of CLIP where `encoder` says so. backbone_state: its weights, where training changed
    all of them; empty for the pretrained ones.
    """

    @property
    def name(self) -> str: ...

    @property
    def backbone(self) -> str: ...

    @property
    def encoder(self) -> str: ...

    @property
    def backbone_state(self) -> Mapping[str, Tensor]: ...

    @property
    def network(self) -> nn.Module: ...


def encoder_of(checkpoint: Sees, device: torch.device) -> Encoder:
    """What a checkpoint's network sees with: CLIP, its own trained backbone, or the one that all models of a device share.

    Raises ConfigError where CLIP's weights, those of one's own or a global vector cannot be had, or where features were given;
    CheckpointError if the checkpoint's own backbone is not whole, UnknownNameError for a backbone that does not exist.
    """
    if given.is_given(checkpoint.backbone):
        raise given.no_network(checkpoint.name, checkpoint.backbone)
    if checkpoint.encoder == CLIP:
        from zslviz.backbones.clip import own_clip

        return own_clip(checkpoint.backbone).to(device)
    if checkpoint.backbone_state:
        network: Any = checkpoint.network
        return BackboneEncoder(_own_backbone(checkpoint).to(device), network.wants_global)
    return backbone_for(checkpoint.network, checkpoint.backbone, device)


def backbone_for(network: nn.Module, backbone: str, device: torch.device) -> BackboneEncoder:
    """The shared backbone of a name, with its global vector if the network wants one. Raises UnknownNameError, ConfigError."""
    reader: Any = network
    return BackboneEncoder(shared_backbone(backbone, device), reader.wants_global)


def shared_backbone(name: str, device: torch.device) -> Backbone:
    """One frozen backbone a name and device, however many models use it."""
    key = (name, str(device))
    with _sharing:
        if key not in _shared:
            _shared[key] = build_backbone(name).to(device)
        return _shared[key]


def _own_backbone(checkpoint: Sees) -> Backbone:
    """The backbone of a checkpoint whose training changed all of it. Raises CheckpointError if its weights do not fit."""
    backbone = build_backbone(checkpoint.backbone, weights=None)
    try:
        backbone.load_state_dict({name: tensor.float() for name, tensor in checkpoint.backbone_state.items()})
    except RuntimeError:
        raise CheckpointError(
            f"The checkpoint '{checkpoint.name}' does not hold the whole of its backbone '{checkpoint.backbone}'."
        ) from None
    return backbone.eval().requires_grad_(False)
