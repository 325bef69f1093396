"""Checkpoints of attribute models: class table, attributes' word vectors and the scale that scores are read on inside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from torch import Tensor
from typing_extensions import Self

from zslviz.catalogue import Task
from zslviz.checkpoints.base import Checkpoint
from zslviz.checkpoints.listing import list_checkpoints
from zslviz.errors import CheckpointError
from zslviz.files.typed import Finite, typed
from zslviz.models.registry import MODELS
from zslviz.tasks.attributes.scoring import AttributeScale, ScoringRule
from zslviz.tasks.attributes.space import SemanticSpace
from zslviz.tasks.attributes.unlike.saved import Seen, shown_of, write_shown
from zslviz.tasks.attributes.unlike.shown import ShownPhotos

_SCALE = ("mean", "std", "table_mean", "table_std")


@dataclass(frozen=True)
class _Listed:
    """What a configuration says of the class table."""

    name: str
    classes: tuple[str, ...]
    seen: tuple[Annotated[int, Field(ge=0, le=1)], ...]
    attributes: tuple[str, ...]
    groups: tuple[str, ...]


@dataclass(frozen=True)
class _Told:
    """What a configuration says beyond what all say. rule, gamma: see `AttributeCheckpoint`."""

    space: _Listed
    rule: ScoringRule
    gamma: Finite


@dataclass(frozen=True, eq=False, kw_only=True)
class AttributeCheckpoint(Checkpoint):
    """A trained attribute model with all that is needed to use it.

    rule: how attribute scores become class scores. scale: on which they are shown as values. gamma: taken from seen classes' scores
    where seen and unseen ones compete. shown: where its training photos lie among its encoder's features, if known.
    """

    task: ClassVar[Task] = "attributes"

    space: SemanticSpace
    rule: ScoringRule
    scale: AttributeScale
    gamma: float
    shown: ShownPhotos | None = None

    def backbone_listed(self) -> dict[str, Any]:
        return {**super().backbone_listed(), "trained": list(self.trained)}

    def calibration_listed(self) -> dict[str, Any]:
        return {"rule": self.rule.to_dict(), "gamma": self.gamma}

    def space_listed(self) -> dict[str, Any]:
        space = self.space
        return {
            "name": space.name,
            "classes": list(space.classes),
            "seen": [int(s) for s in space.seen],
            "attributes": list(space.attributes),
            "groups": list(space.groups),
        }

    def own_tensors(self) -> dict[str, Tensor]:
        space = self.space
        tensors = {"space.table": torch.from_numpy(np.array(space.table))}
        if space.word_vectors is not None:
            tensors["space.word_vectors"] = torch.from_numpy(np.array(space.word_vectors)).half()
        return tensors | {f"scale.{name}": torch.from_numpy(np.array(getattr(self.scale, name))) for name in _SCALE}

    @classmethod
    def own_fields(cls, config: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> dict[str, Any]:
        told = typed(_Told, config, f"'config.json' of '{config['name']}'", CheckpointError, known=None)
        listed, rule, vectors = told.space, told.rule, tensors.get("space.word_vectors")
        space = SemanticSpace(
            listed.classes,
            listed.attributes,
            listed.groups,
            tensors["space.table"].float().numpy(),
            np.array(listed.seen, dtype=bool),
            None if vectors is None else vectors.float().numpy(),
            name=listed.name,
        )
        scales = {name: tensors[f"scale.{name}"].float().numpy() for name in _SCALE}
        scale = AttributeScale(**scales, shares=rule.shares)
        _check_agreement(config, space, scale, rule)
        return {"space": space, "rule": rule, "scale": scale, "gamma": told.gamma}

    @property
    def sees(self) -> Seen:
        """What the photos that it was shown are told apart by."""
        return Seen(self.data, self.backbone, self.size)

    def save(self, folder: Path, half: bool = True) -> None:
        super().save(folder, half)
        write_shown(folder, self.shown, self.sees)

    @classmethod
    def _from(cls, config: Mapping[str, Any], tensors: Mapping[str, Tensor], folder: Path) -> Self:
        loaded = super()._from(config, tensors, folder)
        return replace(loaded, shown=shown_of(folder, loaded.sees))


CHECKPOINT = AttributeCheckpoint


def shipped_word_vectors(attributes: tuple[str, ...]) -> NDArray[np.float32] | None:
    """Word vectors [A, D] of these attributes as a shipped checkpoint holds them, or None if none has the same attributes."""
    for info in list_checkpoints(task="attributes"):
        space = AttributeCheckpoint.load(info.folder).space
        if space.attributes == attributes and space.word_vectors is not None:
            return space.word_vectors
    return None


def _check_agreement(config: Mapping[str, Any], space: SemanticSpace, scale: AttributeScale, rule: ScoringRule) -> None:
    name, attributes = config["name"], len(space.attributes)
    granularities = len(MODELS[config["system"]].granularities)
    arrays = [getattr(scale, field) for field in _SCALE]
    shapes = [(granularities, attributes)] * 2 + [(attributes,)] * 2
    if [array.shape for array in arrays] != shapes or len(rule.weights) != granularities:
        raise CheckpointError(f"The checkpoint '{name}' does not fit together: its scales are of another model.")
    if not all(np.isfinite(array).all() for array in arrays) or min(scale.std.min(), scale.table_std.min()) <= 0:
        raise CheckpointError(f"The checkpoint '{name}' holds scales that no score can be read on.")
    rule.rows(space)  # raises for thresholds of another table
    if config["model"]["attributes"] != attributes:
        raise CheckpointError(
            f"The checkpoint '{name}' predicts {config['model']['attributes']} attributes, not {attributes}."
        )
