"""The door to explanations: `Explainer.from_pretrained` opens any checkpoint; a photo in, an explanation out."""

from zslviz.checkpoints.listing import CheckpointInfo, list_checkpoints
from zslviz.tasks.base.explainer import Explainer

__all__ = ["CheckpointInfo", "Explainer", "list_checkpoints"]
