"""From a recipe to a compositional checkpoint: train, choose on validation, measure the test part once, write."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from zslviz.backbones.encoder import CLIP, Encoder
from zslviz.checkpoints.files import halved
from zslviz.features.cache import open_cache
from zslviz.features.encoded import EncodedPhotos
from zslviz.features.sources import CachedFeatures, Source
from zslviz.runtime.processes import launch
from zslviz.tasks.base.card import write_model_card
from zslviz.tasks.compositional.checkpoint import CompositionCheckpoint
from zslviz.tasks.compositional.data import CompositionalDataset
from zslviz.tasks.compositional.training import measure_compositions, train_compositions
from zslviz.training.recipe import Recipe


def train_composition_model(
    recipe: Recipe,
    dataset: CompositionalDataset,
    cache_root: Path,
    run_folder: Path,
    checkpoint_folder: Path,
    command: str,
    device: str | None = None,
    encoder: Encoder | None = None,
) -> dict[str, Any]:
    """Trains a recipe end to end, writes a checkpoint with its card, and returns its metrics; a killed run goes on where it was.

    Epoch, bias and feasibility threshold come from validation photos; the test part is measured once, at the end, with the weights
    as they are stored. encoder: CLIP, which sees the photos instead of a cache.
    """
    fabric = launch(device, recipe.precision)
    specs = recipe.cache_specs() if encoder is None else []
    caches = [open_cache(cache_root, dataset, spec) for spec in specs]
    trained = train_compositions(recipe, dataset, caches, run_folder, fabric, encoder)
    network = halved(trained.network)
    source: Source
    if encoder is not None:
        source = EncodedPhotos(dataset, encoder, trained.network.stages, fabric.device)
    else:
        source = CachedFeatures.read_by(network, caches[:1], fabric.device)
    figures = measure_compositions(network, source, dataset, fabric)
    checkpoint = CompositionCheckpoint(
        name=recipe.name,
        system=recipe.system,
        data=dataset.name,
        model_config=trained.config,
        backbone=recipe.backbone,
        size=recipe.size,
        network=network,
        space=dataset.space,
        # of the weights as they are stored, which may part equals otherwise than those in training did
        bias=float(figures["closed"]["at_validation_bias"]["bias"]),
        feasibility=float(figures["open"]["threshold"]),
        familiarity=tuple(figures["familiarity"]),
        encoder="" if encoder is None else CLIP,
        recipe=recipe.to_dict(),
    )
    metrics = {
        **figures,
        "data": dataset.name,
        "photos": {part: len(getattr(dataset, part)) for part in ("train", "test_seen", "test_unseen")},
        "command": command,
        "seed": recipe.seed,
        "validation": trained.validation,
        "settled_with_test_figures": recipe.test_figures_in_sight,
        "terms": dataset.terms,
    }
    finished = replace(checkpoint, metrics=json.loads(json.dumps(metrics)))
    if fabric.is_global_zero:
        finished.save(checkpoint_folder)
        write_model_card(checkpoint_folder)
    fabric.barrier()
    return dict(finished.metrics)
