"""Measuring a multi-label model on a data set's test photos, from the photos themselves or from cached features."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from zslviz.errors import DataError
from zslviz.tasks.multilabel.data import MultiLabelDataset
from zslviz.tasks.multilabel.explainer import LabelExplainer
from zslviz.tasks.multilabel.figures import evaluate_multi_label


def evaluate_label_model(
    explainer: LabelExplainer, dataset: MultiLabelDataset, cache_root: Path | None = None
) -> dict[str, Any]:
    """The figures of `MultiLabelReport` with intervals, as plain values. gamma is taken from seen labels where all compete.

    Raises DataError if the model scores other labels.
    """
    if dataset.space.labels != explainer.space.labels or (dataset.space.seen != explainer.space.seen).any():
        raise DataError(f"'{explainer.name}' was not trained on the labels of this data, or not on the same of them.")
    scores = _scores(explainer, dataset, dataset.test, cache_root)
    return figures_of(scores, dataset, explainer.gamma)


def figures_of(scores: NDArray[np.float32], dataset: MultiLabelDataset, gamma: float) -> dict[str, Any]:
    """The figures of the test photos' scores [N, K], gamma taken from those of seen labels, as plain values."""
    calibrated = scores - np.float32(gamma) * dataset.space.seen
    return evaluate_multi_label(calibrated, dataset.labels[dataset.test], dataset.space, dataset.unseen).to_dict()


def _scores(
    explainer: LabelExplainer, dataset: MultiLabelDataset, photos: NDArray[np.int64], cache_root: Path | None
) -> NDArray[np.float32]:
    if cache_root is not None:
        from zslviz.features.cache import CacheSpec, open_cache
        from zslviz.tasks.multilabel.training import predict_labels

        cache = open_cache(cache_root, dataset, CacheSpec(explainer.checkpoint.backbone, explainer.checkpoint.size))
        return predict_labels(explainer.checkpoint.network, cache, photos, explainer.space)
    with torch.inference_mode():
        photo_scores = explainer.scores(dataset.photo(int(i)) for i in photos)
        return np.stack(list(tqdm(photo_scores, total=len(photos), unit="photo", desc=dataset.name)))
