"""The recipes of the package at their own sizes: what sees and what predicts go together, to the shapes of scores and maps.

Tensors here have a shape and no numbers (PyTorch's "meta" device), so that a ResNet-101 at 448 px, a ViT-B/16 and a CLIP ViT-L/14
cost nothing and need no weights.
"""

from __future__ import annotations

import importlib
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from tests.backbones.test_clip import installed
from zslviz.backbones import Features, build_backbone
from zslviz.backbones.clip import ClipEncoder
from zslviz.catalogue import SYSTEMS
from zslviz.models.registry import build_model
from zslviz.tasks.attributes.network import model_config
from zslviz.tasks.base.recipes import load_recipe
from zslviz.tasks.compositional import training as compositions
from zslviz.tasks.multilabel.training import model_config as label_config
from zslviz.training.recipe import recipe_names

PAPER = [name for name in recipe_names() if name.endswith("-paper")]
SPACES = {"cub": (312, 200), "awa2": (85, 50)}  # attributes and classes
WORDS = 300
SHAPED: Any = importlib.import_module("torch.fx.experimental._config")


@lru_cache
def features(backbone: str, side: int, stages: tuple[str, ...]) -> Features:
    """What a backbone of the recipes makes of two photos of so many pixels."""
    with torch.device("meta"):
        made: Features = build_backbone(backbone, weights=None)(
            torch.empty(2, 3, side, side, dtype=torch.uint8), stages
        )
    return made


def of_task(task: str, names: list[str]) -> list[str]:
    return [name for name in names if SYSTEMS[load_recipe(name).system].task == task]


@pytest.mark.parametrize("name", of_task("attributes", PAPER))
def test_attribute_models_of_the_papers_sizes_score_photos_of_their_size(name: str) -> None:
    recipe: Any = load_recipe(name)
    attributes, classes = SPACES[recipe.data]
    space: Any = SimpleNamespace(
        attributes=range(attributes), classes=range(classes), word_vectors=np.zeros((attributes, WORDS))
    )
    with torch.device("meta"):
        network = build_model(recipe.system, model_config(recipe, space)).train()
        output = network(features(recipe.backbone, recipe.size, tuple(network.stages)))  # type: ignore[arg-type]
    assert output.scores.shape == (len(network.granularities), 2, attributes)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", of_task("multilabel", PAPER))
def test_label_models_of_the_papers_sizes_score_photos_of_their_size(name: str) -> None:
    recipe: Any = load_recipe(name)
    space: Any = SimpleNamespace(vectors=np.zeros((1006, WORDS)))
    with torch.device("meta"):
        network: Any = build_model(recipe.system, label_config(recipe, space)).eval()
        seen = features(recipe.backbone, recipe.size, tuple(network.stages))
        whole = torch.empty(2, network.config.scene_dim) if network.wants_global else None
        output = network(Features(seen.stages, whole), torch.empty(1006, WORDS), explain=True)
    assert output.logits.shape == (2, 1006) and output.region_logits.shape[:2] == (2, 1006)


@lru_cache
def clip(architecture: str) -> ClipEncoder:
    with torch.device("meta"):
        return ClipEncoder(installed().create_model(architecture, pretrained=None, device="meta"), None, "clip")


@pytest.mark.parametrize("name", [name for name in recipe_names() if name.endswith("-clip")])
def test_models_of_pairs_read_the_layers_of_the_clip_that_their_recipe_names(name: str) -> None:
    recipe: Any = load_recipe(name)
    encoder = clip(recipe.backbone)
    width = encoder.words.dimension
    space: Any = SimpleNamespace(state_vectors=np.zeros((5, width)), object_vectors=np.zeros((7, width)))
    config = compositions.model_config(recipe, space, encoder)
    with torch.device("meta"), SHAPED.patch(meta_nonzero_assume_all_nonzero=True):  # all pairs are asked for
        network: Any = build_model(recipe.system, config).eval()
        photos = torch.empty(2, 3, recipe.size, recipe.size, dtype=torch.uint8)
        seen = encoder.encode(photos, network.stages)
        output = network(seen, network.text(torch.empty(5, width), torch.empty(7, width)))
    assert output.pair_logits.shape == (2, 5, 7)
