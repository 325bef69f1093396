"""Checkpoints of multi-label models: saved, verified, loaded; label vectors inside, so only words typed later need their source."""

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
from zslviz.tasks.multilabel.space import LabelSpace


@dataclass(frozen=True, eq=False)
class LabelCheckpoint:
    """A trained multi-label model with all that is needed to use it.

    gamma: taken from the scores of seen labels where seen and unseen ones compete. threshold: the calibrated score from which a
    label counts as found. Both were chosen on validation.
    """

    name: str
    system: str
    data: str
    model_config: Mapping[str, Any]
    backbone: str
    size: int
    network: nn.Module
    space: LabelSpace
    gamma: float
    threshold: float
    recipe: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, Any] = field(default_factory=dict)

    @property
    def title(self) -> str:
        return title_of(self.system, self.data)


def save_label_checkpoint(checkpoint: LabelCheckpoint, folder: Path, half: bool = True) -> None:
    """Writes weights (float16 where `half`; label vectors stay float32), configuration and metrics."""
    space = checkpoint.space
    tensors = state_tensors("network", checkpoint.network.state_dict(), half)
    tensors["space.vectors"] = torch.from_numpy(np.array(space.vectors))
    config = {
        **common_config(checkpoint),
        "gamma": checkpoint.gamma,
        "threshold": checkpoint.threshold,
        "space": {
            "name": space.name,
            "labels": list(space.labels),
            "seen": [int(s) for s in space.seen],
            "words": space.words,
        },
    }
    write_folder(folder, config, tensors, checkpoint.metrics)


def load_label_checkpoint(name_or_folder: str | Path) -> LabelCheckpoint:
    """Loads and verifies a checkpoint; the network is in eval mode on the CPU, float32.

    Raises UnknownNameError for a name that does not exist, and CheckpointError with one sentence on what is wrong.
    """
    folder = resolve(name_or_folder)
    config = config_of_kind(folder, "labels")
    tensors = read_weights(folder, config)
    with complete(folder.name):
        network = build_model(config["system"], config["model"])
        fill(network, tensors, folder.name)
        listed = config["space"]
        seen = np.array(listed["seen"], dtype=bool)
        vectors = tensors["space.vectors"].float().numpy()
        return LabelCheckpoint(
            **common_fields(config, folder),
            network=network.eval().requires_grad_(False),
            space=LabelSpace(tuple(listed["labels"]), seen, vectors, listed["words"], name=listed["name"]),
            gamma=float(config["gamma"]),
            threshold=float(config["threshold"]),
        )
