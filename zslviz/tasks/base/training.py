"""What a task adds to the door of training (`zslviz.trainer`): its checks, its plan, its checkpoint and figures."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import torch
from lightning_fabric import Fabric

from zslviz.backbones.encoder import Encoder
from zslviz.backbones.given import is_given
from zslviz.checkpoints.base import Checkpoint
from zslviz.errors import ConfigError
from zslviz.features.cache import FeatureCache
from zslviz.models.registry import MODELS, build_model, config_from_dict
from zslviz.tasks.base.recipes import check_system_settings
from zslviz.training.learner import Trained


class Training(ABC):
    """One training of a task's model, from a recipe and data to a checkpoint.

    What can be wrong with both is found when it is made, before any feature is computed. encoder: sees the photos instead of a
    cache. choice: the folder of a checkpoint whose choice on validation is taken over.
    """

    takes_encoder: ClassVar[bool] = False

    def __init__(self, recipe: Any, dataset: Any, encoder: Encoder | None = None, choice: Path | None = None) -> None:
        self.recipe = recipe
        self.dataset = dataset
        self.encoder = encoder
        system = MODELS[recipe.system]
        if system.loss is None and not system.closed_form:
            raise ConfigError(f"The record of {system.title} gives no 'loss' and no 'solver', so it cannot be trained.")
        check_system_settings(recipe, recipe.name)
        config_from_dict(recipe.system, self.model_config())

    def network_bytes(self) -> int:
        """What the network's parameters take in float32, told without making them."""
        with torch.device("meta"):
            network = build_model(self.recipe.system, self.model_config())
        return sum(4 * tensor.numel() for tensor in network.state_dict().values())

    @abstractmethod
    def model_config(self) -> dict[str, Any]:
        """The network's configuration: the recipe's settings, with the sizes that follow from what it sees and predicts."""

    @abstractmethod
    def train(self, caches: Sequence[FeatureCache], run_folder: Path, fabric: Fabric) -> Trained:
        """The network, chosen on validation; a killed run goes on where it was. caches: those of `Recipe.cache_specs`."""

    @abstractmethod
    def checkpoint(self, trained: Trained, caches: Sequence[FeatureCache], fabric: Fabric, command: str) -> Checkpoint:
        """The network with the weights as they are stored, its calibration, and the figures of the test photos, measured once."""

    def yardsticks(self, caches: Sequence[FeatureCache], fabric: Fabric) -> Iterator[tuple[str, dict[str, Any]]]:
        """What is solved for in seconds on the same features and split, to stand beside the model: a name and its figures each."""
        yield from ()

    def accompany(self, folder: Path) -> None:  # noqa: B027 - most tasks have nothing
        """Writes what a task keeps beside the checkpoint that has just been written to `folder`."""

    def common(self) -> dict[str, Any]:
        """The fields of a checkpoint that follow from recipe and data."""
        recipe = self.recipe
        return {
            "name": recipe.name,
            "system": recipe.system,
            "data": self.dataset.name,
            "model_config": self.model_config(),
            "backbone": recipe.backbone,
            "size": recipe.size if not is_given(recipe.backbone) else 0,
            "space": self.dataset.space,
            "recipe": recipe.to_dict(),
        }

    def metrics(
        self, figures: Mapping[str, Any], validation: Mapping[str, Any], command: str, **own: Any
    ) -> dict[str, Any]:
        """Figures of the test photos with how they came about. own: what else a task says of its data."""
        return {
            **figures,
            "data": self.dataset.name,
            **own,
            "command": command,
            "seed": self.recipe.seed,
            "validation": validation,
            "settled_with_test_figures": self.recipe.test_figures_in_sight,
            "terms": self.dataset.terms,
        }
