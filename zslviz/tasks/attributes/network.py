"""The network of an attribute model as its recipe describes it."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
import torch
from torch import nn

from zslviz.backbones import build_backbone, spec_of
from zslviz.backbones.features import STRIDES
from zslviz.errors import ConfigError
from zslviz.models.finetuned import EndToEnd, FineTuned
from zslviz.models.registry import MODELS, build_model
from zslviz.tasks.attributes.settings import AttributeRecipe
from zslviz.tasks.attributes.space import SemanticSpace
from zslviz.training.recipe import with_sizes


def model_config(recipe: AttributeRecipe, space: SemanticSpace) -> dict[str, Any]:
    """The network's configuration: the recipe's settings, with the sizes that follow from backbone and space."""
    spec, system = spec_of(recipe.backbone), MODELS[recipe.system]
    stages = recipe.model.get("stages", ())
    sizes = {
        "attributes": len(space.attributes),
        "classes": len(space.classes),
        "word_dim": 0 if space.word_vectors is None else space.word_vectors.shape[1],
        "channels": system.channels_of(spec.channels, len(stages)),
    }
    if len(stages) > 1:
        sizes["lag"] = lag(spec.shift)
    first = stages[0] if stages else "c5"
    sizes["side"] = recipe.size // STRIDES.get(first, spec.patch or STRIDES["c5"])
    known = {f.name for f in fields(system.config)}
    return with_sizes({name: size for name, size in sizes.items() if name in known}, recipe.model)


def lag(shift: tuple[float, float, float]) -> float:
    """How many cells of c4 further right and down c5 sees than c4, of a backbone's shifts in pixels (`BackboneSpec.shift`)."""
    return round((shift[2] - shift[1]) / STRIDES["c4"], 4)


def reads_words(system: str) -> bool:
    """Whether a system takes word vectors of the attributes; what does not, needs none and is not stopped by a word without one."""
    record = MODELS[system]
    return hasattr(record.network, "set_word_vectors") or "word_dim" in {f.name for f in fields(record.config)}


def build_network(recipe: AttributeRecipe, space: SemanticSpace) -> nn.Module:
    """The recipe's network with random weights, on the pretrained layers of the backbone that it trains.

    Raises ConfigError where the network takes word vectors and the space has none.
    """
    head = build_model(recipe.system, model_config(recipe, space))
    if hasattr(head, "set_word_vectors"):
        if space.word_vectors is None:
            raise ConfigError(
                "Training needs word vectors of the attributes: 'attribute_word_vectors.npy' in the data folder."
            )
        head.set_word_vectors(torch.from_numpy(np.array(space.word_vectors)))  # type: ignore[operator]
    if hasattr(head, "set_classes"):
        head.set_classes(torch.from_numpy(np.array(space.prototypes)))  # type: ignore[operator]
    if recipe.finetune.stages == "none":
        return head
    backbone = build_backbone(recipe.backbone)
    if recipe.finetune.stages == "last":
        return FineTuned(head, backbone.last_stage().requires_grad_(True))
    if hasattr(head, "take_from"):
        head.take_from(backbone)  # type: ignore[operator]
    return EndToEnd(head, backbone.requires_grad_(True))
