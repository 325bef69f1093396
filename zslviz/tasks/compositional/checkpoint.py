"""Checkpoints of compositional models: word vectors of states and objects inside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor

from zslviz.catalogue import Task
from zslviz.checkpoints.base import Checkpoint
from zslviz.errors import CheckpointError
from zslviz.files.typed import Finite, typed
from zslviz.tasks.compositional.space import CompositionSpace

_TABLES = ("seen", "candidates", "state_vectors", "object_vectors")


@dataclass(frozen=True)
class _Listed:
    """What a configuration says of states and objects."""

    name: str
    states: tuple[str, ...]
    objects: tuple[str, ...]
    words: str


@dataclass(frozen=True)
class _Told:
    """What a configuration says beyond what all say: see `CompositionCheckpoint`."""

    space: _Listed
    bias: Finite
    feasibility: Finite
    familiarity: tuple[Finite, Finite]


@dataclass(frozen=True, eq=False, kw_only=True)
class CompositionCheckpoint(Checkpoint):
    """A trained compositional model with all that is needed to use it.

    bias: added to the scores of unseen pairs where seen and unseen ones compete. feasibility: pairs less feasible than this are
    left out of the open world. familiarity: weights of a state's and an object's familiarity (`familiarity`). All were
    chosen on validation.
    """

    task: ClassVar[Task] = "compositional"

    space: CompositionSpace
    bias: float
    feasibility: float
    familiarity: tuple[float, float] = (0.0, 0.0)

    def backbone_listed(self) -> dict[str, Any]:
        return {**super().backbone_listed(), "encoder": self.encoder}

    def calibration_listed(self) -> dict[str, Any]:
        return {"bias": self.bias, "feasibility": self.feasibility, "familiarity": list(self.familiarity)}

    def space_listed(self) -> dict[str, Any]:
        space = self.space
        return {
            "name": space.name,
            "states": list(space.states),
            "objects": list(space.objects),
            "words": space.words,
        }

    def own_tensors(self) -> dict[str, Tensor]:
        return {f"space.{name}": torch.from_numpy(np.array(getattr(self.space, name))) for name in _TABLES}

    @classmethod
    def own_fields(cls, config: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> dict[str, Any]:
        told = typed(_Told, config, f"'config.json' of '{config['name']}'", CheckpointError, known=None)
        listed = told.space
        tables: dict[str, Any] = {name: tensors[f"space.{name}"].numpy() for name in _TABLES}
        for name in ("state_vectors", "object_vectors"):
            vectors = tables[name]
            if vectors.shape[1:] != (config["model"]["word_dim"],) or not np.isfinite(vectors).all():
                raise CheckpointError(
                    f"The checkpoint '{config['name']}' does not fit together: its word vectors are of others."
                )
        return {
            "space": CompositionSpace(listed.states, listed.objects, words=listed.words, name=listed.name, **tables),
            "bias": told.bias,
            "feasibility": told.feasibility,
            "familiarity": told.familiarity,
        }


CHECKPOINT = CompositionCheckpoint
