"""Checkpoints: a folder with `model.safetensors`, `config.json`, `metrics.json` and a model card, of three kinds of models."""

from __future__ import annotations

from pathlib import Path

from zslviz.checkpoints.attributes import Checkpoint, load_checkpoint, save_checkpoint, shipped_word_vectors
from zslviz.checkpoints.compositions import (
    CompositionCheckpoint,
    load_composition_checkpoint,
    save_composition_checkpoint,
)
from zslviz.checkpoints.files import fits_half, halved, read_config
from zslviz.checkpoints.labels import LabelCheckpoint, load_label_checkpoint, save_label_checkpoint
from zslviz.checkpoints.listing import CheckpointInfo, list_checkpoints, resolve, title_of
from zslviz.folders import checkpoints_folder
from zslviz.models import MODELS

__all__ = [
    "AnyCheckpoint",
    "Checkpoint",
    "CheckpointInfo",
    "CompositionCheckpoint",
    "LabelCheckpoint",
    "checkpoints_folder",
    "fits_half",
    "halved",
    "list_checkpoints",
    "load_any_checkpoint",
    "load_checkpoint",
    "load_composition_checkpoint",
    "load_label_checkpoint",
    "resolve",
    "save_checkpoint",
    "save_composition_checkpoint",
    "save_label_checkpoint",
    "shipped_word_vectors",
    "title_of",
]

AnyCheckpoint = Checkpoint | LabelCheckpoint | CompositionCheckpoint


def load_any_checkpoint(name_or_folder: str | Path) -> AnyCheckpoint:
    """Loads a checkpoint of whatever kind it is. Raises UnknownNameError, CheckpointError."""
    kind = MODELS[read_config(resolve(name_or_folder))["system"]].kind
    if kind == "labels":
        return load_label_checkpoint(name_or_folder)
    if kind == "compositions":
        return load_composition_checkpoint(name_or_folder)
    return load_checkpoint(name_or_folder)
