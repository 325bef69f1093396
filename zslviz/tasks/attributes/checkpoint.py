"""Checkpoints of attribute models: saved, verified, loaded.

Everything a model needs to run is inside (network, class table, word vectors, the scale its scores are read on); only the
frozen backbone's weights come from their own package. Nothing that could run code is ever loaded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from zslviz.backbones import build_backbone
from zslviz.checkpoints.files import (
    common_config,
    common_fields,
    complete,
    fill,
    read_weights,
    state_tensors,
    write_folder,
)
from zslviz.checkpoints.listing import config_of_kind, list_checkpoints, resolve, title_of
from zslviz.errors import CheckpointError
from zslviz.models.finetuned import FineTuned
from zslviz.models.registry import MODELS, build_model
from zslviz.tasks.attributes.scoring import AttributeScale, ScoringRule
from zslviz.tasks.attributes.space import SemanticSpace

_SCALE = ("mean", "std", "table_mean", "table_std")


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """A trained attribute model with all that is needed to use it. `recipe`: how it was trained, as plain values.

    trained: stages of the backbone that were trained along: () for none, ("c5",) if `network` brings its own last stage
    (models.finetuned), ("c3", "c4", "c5") if the whole backbone was trained and its weights are in `backbone_state`.
    """

    name: str
    system: str
    data: str
    model_config: Mapping[str, Any]
    backbone: str
    size: int
    network: nn.Module
    space: SemanticSpace
    rule: ScoringRule
    scale: AttributeScale
    gamma: float
    recipe: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, Any] = field(default_factory=dict)
    trained: tuple[str, ...] = ()
    backbone_state: Mapping[str, Tensor] = field(default_factory=dict)

    @property
    def title(self) -> str:
        return title_of(self.system, self.data)


def shipped_word_vectors(attributes: tuple[str, ...]) -> NDArray[np.float32] | None:
    """Word vectors [A, D] of these attributes as a shipped checkpoint holds them, or None if none has the same attributes."""
    for info in list_checkpoints(kind="attributes"):
        space = load_checkpoint(info.folder).space
        if space.attributes == attributes and space.word_vectors is not None:
            return space.word_vectors
    return None


def save_checkpoint(checkpoint: Checkpoint, folder: Path, half: bool = True) -> None:
    """Writes weights (float16 where `half`; tables and scales stay float32), configuration and metrics."""
    space, scale = checkpoint.space, checkpoint.scale
    tensors = {
        **state_tensors("network", checkpoint.network.state_dict(), half),
        **state_tensors("backbone", checkpoint.backbone_state, half),
    }
    tensors["space.table"] = torch.from_numpy(np.array(space.table))
    if space.word_vectors is not None:
        tensors["space.word_vectors"] = torch.from_numpy(np.array(space.word_vectors)).half()
    for name in _SCALE:
        tensors[f"scale.{name}"] = torch.from_numpy(np.array(getattr(scale, name)))
    common = common_config(checkpoint)
    config = {
        **common,
        "backbone": {**common["backbone"], "trained": list(checkpoint.trained)},
        "rule": checkpoint.rule.to_dict(),
        "gamma": checkpoint.gamma,
        "space": {
            "name": space.name,
            "classes": list(space.classes),
            "seen": [int(s) for s in space.seen],
            "attributes": list(space.attributes),
            "groups": list(space.groups),
        },
    }
    write_folder(folder, config, tensors, checkpoint.metrics)


def load_checkpoint(name_or_folder: str | Path) -> Checkpoint:
    """Loads and verifies a checkpoint; the network is in eval mode on the CPU, float32.

    Raises UnknownNameError for a name that does not exist, and CheckpointError with one sentence on what is wrong: a missing
    file, a changed byte, a tensor of another shape, or a configuration of another model.
    """
    folder = resolve(name_or_folder)
    config = config_of_kind(folder, "attributes")
    tensors = read_weights(folder, config)
    with complete(folder.name):
        trained = tuple(config["backbone"].get("trained", ()))
        network = build_model(config["system"], config["model"])
        if trained == ("c5",):
            network = FineTuned(network, build_backbone(config["backbone"]["name"], weights=None).last_stage())
        fill(network, tensors, folder.name)
        listed = config["space"]
        vectors = tensors.get("space.word_vectors")
        space = SemanticSpace(
            tuple(listed["classes"]),
            tuple(listed["attributes"]),
            tuple(listed["groups"]),
            tensors["space.table"].numpy(),
            np.array(listed["seen"], dtype=bool),
            None if vectors is None else vectors.float().numpy(),
            name=listed["name"],
        )
        rule = ScoringRule.from_dict(config["rule"])
        scale = AttributeScale(**{name: tensors[f"scale.{name}"].numpy() for name in _SCALE}, shares=rule.shares)
        _check_agreement(config, space, scale, rule, folder.name)
        return Checkpoint(
            **common_fields(config, folder),
            network=network.eval().requires_grad_(False),
            space=space,
            rule=rule,
            scale=scale,
            gamma=float(config["gamma"]),
            trained=trained,
            backbone_state={k.removeprefix("backbone."): v for k, v in tensors.items() if k.startswith("backbone.")},
        )


def _check_agreement(
    config: Mapping[str, Any], space: SemanticSpace, scale: AttributeScale, rule: ScoringRule, name: str
) -> None:
    granularities = len(MODELS[config["system"]].granularities)
    attributes = len(space.attributes)
    if scale.mean.shape != (granularities, attributes) or len(rule.weights) != granularities:
        raise CheckpointError(f"The checkpoint '{name}' does not fit together: its scales are of another model.")
    if config["model"]["attributes"] != attributes:
        raise CheckpointError(
            f"The checkpoint '{name}' predicts {config['model']['attributes']} attributes, not {attributes}."
        )
