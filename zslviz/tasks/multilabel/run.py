"""From a recipe to a multi-label checkpoint: choose on labels held out, train, measure the test part once, write."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from zslviz.backbones.opened import encoder_of
from zslviz.checkpoints.files import halved
from zslviz.features.cache import open_cache
from zslviz.runtime.processes import launch
from zslviz.tasks.base.card import write_model_card
from zslviz.tasks.multilabel.checkpoint import LabelCheckpoint
from zslviz.tasks.multilabel.data import MultiLabelDataset
from zslviz.tasks.multilabel.evaluation import figures_of
from zslviz.tasks.multilabel.explainer import LabelExplainer
from zslviz.tasks.multilabel.scenes import SCENE_FOLDER, measure_label_model
from zslviz.tasks.multilabel.training import predict_labels, train_labels
from zslviz.training.recipe import Recipe


def train_label_model(
    recipe: Recipe,
    dataset: MultiLabelDataset,
    cache_root: Path,
    run_folder: Path,
    checkpoint_folder: Path,
    command: str,
    device: str | None = None,
) -> dict[str, Any]:
    """Trains a recipe end to end, writes a checkpoint with its card, and returns its metrics; a killed run goes on where it was.

    Epoch, gamma and threshold come from validation photos and from labels held out; the test part is measured once, at the end,
    with the weights as they are stored.
    """
    fabric = launch(device, recipe.precision)
    caches = [open_cache(cache_root, dataset, spec) for spec in recipe.cache_specs()]
    trained = train_labels(recipe, dataset, caches, run_folder, fabric)
    network = halved(trained.network).eval()
    gamma = float(trained.validation["gamma"])
    scores = predict_labels(network, caches, dataset.test, trained.space, fabric)
    figures = figures_of(scores, dataset, gamma)
    checkpoint = LabelCheckpoint(
        name=recipe.name,
        system=recipe.system,
        data=dataset.name,
        model_config=asdict(trained.network.config),
        backbone=recipe.backbone,
        size=recipe.size,
        network=network,
        space=trained.space,
        gamma=gamma,
        threshold=float(trained.validation["threshold"]),
        recipe=recipe.to_dict(),
    )
    metrics = {
        **figures,
        "data": dataset.name,
        "note": dataset.note,
        "command": command,
        "seed": recipe.seed,
        "validation": trained.validation,
        "settled_with_test_figures": recipe.test_figures_in_sight,
        "terms": dataset.terms,
    }
    if fabric.is_global_zero and (SCENE_FOLDER / "cutouts.csv").is_file():
        where = fabric.device
        metrics["maps"] = measure_label_model(LabelExplainer(checkpoint, encoder_of(checkpoint, where), where))
    finished = replace(checkpoint, metrics=json.loads(json.dumps(metrics)))
    if fabric.is_global_zero:
        finished.save(checkpoint_folder)
        write_model_card(checkpoint_folder)
    fabric.barrier()
    return dict(finished.metrics)
