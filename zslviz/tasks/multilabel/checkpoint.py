"""Checkpoints of multi-label models: label vectors inside, so only words typed later need their source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

import numpy as np
import torch
from pydantic import Field
from torch import Tensor

from zslviz.catalogue import Task
from zslviz.checkpoints.base import Checkpoint
from zslviz.errors import CheckpointError
from zslviz.files.typed import Finite, typed
from zslviz.tasks.multilabel.space import LabelSpace


@dataclass(frozen=True)
class _Listed:
    """What a configuration says of the labels."""

    name: str
    labels: tuple[str, ...]
    seen: tuple[Annotated[int, Field(ge=0, le=1)], ...]
    words: str


@dataclass(frozen=True)
class _Told:
    """What a configuration says beyond what all say, see `LabelCheckpoint`; older ones know one threshold."""

    space: _Listed
    gamma: Finite
    threshold: Finite
    unseen_threshold: Finite | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class LabelCheckpoint(Checkpoint):
    """A trained multi-label model with all that is needed to use it.

    gamma: taken from the scores of seen labels where seen and unseen ones compete. threshold: the calibrated score from which a
    seen label counts as found; unseen_threshold: an unseen one. All were chosen on validation.
    """

    task: ClassVar[Task] = "multilabel"

    space: LabelSpace
    gamma: float
    threshold: float
    unseen_threshold: float

    def calibration_listed(self) -> dict[str, Any]:
        return {"gamma": self.gamma, "threshold": self.threshold, "unseen_threshold": self.unseen_threshold}

    def space_listed(self) -> dict[str, Any]:
        space = self.space
        return {
            "name": space.name,
            "labels": list(space.labels),
            "seen": [int(s) for s in space.seen],
            "words": space.words,
        }

    def own_tensors(self) -> dict[str, Tensor]:
        return {"space.vectors": torch.from_numpy(np.array(self.space.vectors))}

    @classmethod
    def own_fields(cls, config: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> dict[str, Any]:
        told = typed(_Told, config, f"'config.json' of '{config['name']}'", CheckpointError, known=None)
        listed = told.space
        seen = np.array(listed.seen, dtype=bool)
        vectors = tensors["space.vectors"].float().numpy()
        if vectors.shape[1:] != (config["model"]["word_dim"],):
            raise CheckpointError(
                f"The checkpoint '{config['name']}' does not fit together: its labels' vectors are of others."
            )
        return {
            "space": LabelSpace(listed.labels, seen, vectors, listed.words, name=listed.name),
            "gamma": told.gamma,
            "threshold": told.threshold,
            "unseen_threshold": told.threshold if told.unseen_threshold is None else told.unseen_threshold,
        }


CHECKPOINT = LabelCheckpoint
