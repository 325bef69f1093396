"""Measuring a compositional model on a data set's test photos, from the photos themselves or from cached features."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from zslviz.errors import DataError
from zslviz.tasks.compositional.choice import part_scores
from zslviz.tasks.compositional.data import CompositionalDataset, Part
from zslviz.tasks.compositional.explainer import CompositionExplainer
from zslviz.tasks.compositional.figures import evaluate_compositions

PARTS: tuple[Part, ...] = ("val", "test")


def evaluate_composition_model(
    explainer: CompositionExplainer, dataset: CompositionalDataset, cache_root: Path | None = None
) -> dict[str, Any]:
    """`evaluate_compositions` of a model as plain values; validation photos give the bias and the feasibility threshold.

    Raises DataError if the model scores other states and objects.
    """
    space = explainer.space
    if (dataset.space.states, dataset.space.objects) != (space.states, space.objects):
        raise DataError(f"'{explainer.name}' does not know the states and objects of this data.")
    if (dataset.space.seen != space.seen).any():
        raise DataError(f"'{explainer.name}' was trained on other pairs than this data says.")
    if cache_root is not None:
        return _from_cache(explainer, dataset, cache_root)
    val, test = (part_scores(dataset, part, _scores(explainer, dataset, dataset.photos_of(part))) for part in PARTS)
    return evaluate_compositions(val, test, dataset.space_for("val"), dataset.space_for("test"), familiar=True)


def _from_cache(explainer: CompositionExplainer, dataset: CompositionalDataset, cache_root: Path) -> dict[str, Any]:
    from zslviz.features.cache import CacheSpec, open_cache
    from zslviz.features.sources import CachedFeatures
    from zslviz.runtime.processes import launch
    from zslviz.tasks.compositional.training import measure_compositions

    checkpoint = explainer.checkpoint
    cache = open_cache(cache_root, dataset, CacheSpec(checkpoint.backbone, checkpoint.size))
    source = CachedFeatures([cache], checkpoint.network.stages)  # type: ignore[arg-type]
    return measure_compositions(checkpoint.network, source, dataset, launch(explainer.device.type))


def _scores(
    explainer: CompositionExplainer, dataset: CompositionalDataset, photos: NDArray[np.int64]
) -> NDArray[np.float32]:
    photo_scores = explainer.scores(dataset.photo(int(i)) for i in photos)
    return np.stack(list(tqdm(photo_scores, total=len(photos), unit="photo", desc=dataset.name)))
