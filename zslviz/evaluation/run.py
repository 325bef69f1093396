"""Measuring a checkpoint on a data set's test photos, from the photos themselves or from cached features."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from zslviz.checkpoints import Checkpoint
from zslviz.datasets import ZeroShotDataset
from zslviz.errors import DataError
from zslviz.evaluation.zero_shot import ZeroShotReport, evaluate_zero_shot
from zslviz.explainer import Explainer
from zslviz.scoring import class_scores
from zslviz.semantics import SemanticSpace


def evaluate_model(explainer: Explainer, dataset: ZeroShotDataset, cache_root: Path | None = None) -> ZeroShotReport:
    """T1, U, S, H at the checkpoint's gamma, AUSUC and the oracle. Raises DataError if the data has other classes."""
    return report_on_test(
        lambda part: _attribute_scores(explainer, dataset, part, cache_root),
        dataset,
        labels_in(explainer.space, dataset),
        explainer.checkpoint,
    )


def report_on_test(
    attribute_scores: Callable[[NDArray[np.int64]], NDArray[np.float32]],
    dataset: ZeroShotDataset,
    labels: NDArray[np.int64],
    checkpoint: Checkpoint,
) -> ZeroShotReport:
    """Figures at the checkpoint's gamma. attribute_scores: photo indices -> raw scores [N, G, A]; labels: in its space."""
    space = checkpoint.space
    seen, unseen = (
        class_scores(attribute_scores(part), space, checkpoint.rule)
        for part in (dataset.test_seen, dataset.test_unseen)
    )
    of_seen, of_unseen = labels[dataset.test_seen], labels[dataset.test_unseen]
    return evaluate_zero_shot(seen, of_seen, unseen, of_unseen, np.asarray(space.seen), checkpoint.gamma)


def labels_in(space: SemanticSpace, dataset: ZeroShotDataset) -> NDArray[np.int64]:
    """The data set's labels as class indices of another space, paired by name. Raises DataError for a stranger."""
    position = {name: i for i, name in enumerate(space.classes)}
    missing = [name for name in dataset.space.classes if name not in position]
    if missing:
        raise DataError(f"The model does not know the class '{missing[0]}' of this data.")
    return np.array([position[name] for name in dataset.space.classes], dtype=np.int64)[dataset.labels]


def _attribute_scores(
    explainer: Explainer, dataset: ZeroShotDataset, photos: NDArray[np.int64], cache_root: Path | None
) -> NDArray[np.float32]:
    """Raw attribute scores [N, G, A] of some photos."""
    if cache_root is not None:
        from zslviz.training.cache import CacheSpec, open_cache
        from zslviz.training.loop import predict_scores

        spec = CacheSpec(explainer.checkpoint.backbone, explainer.checkpoint.size)
        return predict_scores(
            explainer.checkpoint.network, open_cache(cache_root, dataset, spec), photos, explainer.device
        )
    files = (dataset.files[i] for i in photos)
    return np.stack(list(tqdm(explainer.scores(files), total=len(photos), unit="photo", desc=dataset.name)))
