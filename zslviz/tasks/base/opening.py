"""Checkpoints opened by name, whatever their task."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from zslviz.checkpoints.files import read_config
from zslviz.checkpoints.listing import resolve
from zslviz.models.registry import MODELS
from zslviz.tasks.attributes.checkpoint import Checkpoint, load_checkpoint
from zslviz.tasks.compositional.checkpoint import CompositionCheckpoint, load_composition_checkpoint
from zslviz.tasks.multilabel.checkpoint import LabelCheckpoint, load_label_checkpoint

AnyCheckpoint = Checkpoint | LabelCheckpoint | CompositionCheckpoint


def load_any_checkpoint(name_or_folder: str | Path) -> AnyCheckpoint:
    """Loads a checkpoint of whatever task it is. Raises UnknownNameError, CheckpointError."""
    kind = MODELS[read_config(resolve(name_or_folder))["system"]].kind
    load: Any = {"labels": load_label_checkpoint, "compositions": load_composition_checkpoint}.get(
        kind, load_checkpoint
    )
    return load(name_or_folder)  # type: ignore[no-any-return]
