"""Checkpoints of compositional models: saved, verified, loaded; word vectors inside, so only words typed later need a source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from zslviz.checkpoints.files import (
    common_config,
    common_fields,
    complete,
    fill,
    read_weights,
    state_tensors,
    write_folder,
)
from zslviz.checkpoints.listing import config_of_kind, resolve, title_of
from zslviz.models.registry import build_model
from zslviz.tasks.compositional.space import CompositionSpace

_TABLES = ("seen", "candidates", "state_vectors", "object_vectors")


@dataclass(frozen=True, eq=False)
class CompositionCheckpoint:
    """A trained compositional model with all that is needed to use it.

    bias: added to the scores of unseen pairs where seen and unseen ones compete. feasibility: pairs less feasible than this are
    left out of the open world. familiarity: weights of a state's and an object's familiarity (`familiarity`). All were
    chosen on validation. encoder: "clip" if it sees with CLIP of the architecture `backbone`, "" for a backbone of ours.
    """

    name: str
    system: str
    data: str
    model_config: Mapping[str, Any]
    backbone: str
    size: int
    network: nn.Module
    space: CompositionSpace
    bias: float
    feasibility: float
    familiarity: tuple[float, float] = (0.0, 0.0)
    encoder: str = ""
    recipe: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, Any] = field(default_factory=dict)

    @property
    def title(self) -> str:
        return title_of(self.system, self.data)


def save_composition_checkpoint(checkpoint: CompositionCheckpoint, folder: Path, half: bool = True) -> None:
    """Writes weights (float16 where `half`; word vectors stay float32), configuration and metrics."""
    space = checkpoint.space
    tensors = state_tensors("network", checkpoint.network.state_dict(), half)
    tensors.update({f"space.{name}": torch.from_numpy(np.array(getattr(space, name))) for name in _TABLES})
    common = common_config(checkpoint)
    config = {
        **common,
        "backbone": {**common["backbone"], "encoder": checkpoint.encoder},
        "bias": checkpoint.bias,
        "feasibility": checkpoint.feasibility,
        "familiarity": list(checkpoint.familiarity),
        "space": {
            "name": space.name,
            "states": list(space.states),
            "objects": list(space.objects),
            "words": space.words,
        },
    }
    write_folder(folder, config, tensors, checkpoint.metrics)


def load_composition_checkpoint(name_or_folder: str | Path) -> CompositionCheckpoint:
    """Loads and verifies a checkpoint; the network is in eval mode on the CPU, float32.

    Raises UnknownNameError for a name that does not exist, and CheckpointError with one sentence on what is wrong.
    """
    folder = resolve(name_or_folder)
    config = config_of_kind(folder, "compositions")
    tensors = read_weights(folder, config)
    with complete(folder.name):
        network = build_model(config["system"], config["model"])
        fill(network, tensors, folder.name)
        listed = config["space"]
        tables = {name: tensors[f"space.{name}"].numpy() for name in _TABLES}
        space = CompositionSpace(
            tuple(listed["states"]), tuple(listed["objects"]), words=listed["words"], name=listed["name"], **tables
        )
        return CompositionCheckpoint(
            **common_fields(config, folder),
            network=network.eval().requires_grad_(False),
            space=space,
            bias=float(config["bias"]),
            feasibility=float(config["feasibility"]),
            familiarity=(float(config["familiarity"][0]), float(config["familiarity"][1])),
            encoder=str(config["backbone"].get("encoder", "")),
        )
