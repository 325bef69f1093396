"""Measuring a checkpoint on a data set's test photos, from the photos themselves or from cached features."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from zslviz.errors import DataError, listed
from zslviz.features.cache import FeatureCache
from zslviz.tasks.attributes.data import ZeroShotDataset
from zslviz.tasks.attributes.explainer import AttributeExplainer
from zslviz.tasks.attributes.figures import ZeroShotReport
from zslviz.tasks.attributes.report import FullReport, full_report, zero_shot_report
from zslviz.tasks.attributes.space import SemanticSpace
from zslviz.tasks.attributes.variants import PhotoScores
from zslviz.tasks.attributes.whole_set.photos import fused_bytes, photos_digest
from zslviz.tasks.base.measuring import scores_on

AttributeScores = Callable[[NDArray[np.int64]], NDArray[np.float32]]


def evaluate_model(
    explainer: AttributeExplainer, dataset: ZeroShotDataset, cached: Path | FeatureCache | None = None
) -> ZeroShotReport:
    """T1, U, S, H at the checkpoint's gamma with intervals, AUSUC and the oracle. Raises DataError for other classes."""
    return zero_shot_report(explainer.checkpoint, scores_on_test(explainer, dataset, cached))


def evaluate(
    explainer: AttributeExplainer,
    dataset: ZeroShotDataset,
    cached: Path | FeatureCache | None = None,
    label: str = "",
) -> FullReport:
    """All that `full_report` tells, of a model on a data set's test photos. Raises DataError for other classes."""
    scores = scores_on_test(explainer, dataset, cached)
    report, photos = full_report(explainer.checkpoint, scores, label), tested_photos(dataset)
    return replace(report, fuse=lambda: fused_bytes(explainer.checkpoint, explainer.checkpoint.digest, scores, photos))


def tested_photos(dataset: ZeroShotDataset) -> str:
    """The digest of a data set's test photos, as `FusedPhotos` has it: those of seen classes first."""
    tested = np.concatenate([dataset.test_seen, dataset.test_unseen])
    return photos_digest(dataset.files[i].name for i in tested.tolist())


def scores_in(attribute_scores: AttributeScores, dataset: ZeroShotDataset, labels: NDArray[np.int64]) -> PhotoScores:
    """attribute_scores: photo indices -> raw scores [N, G, A]; labels: in the model's space. Raises DataError if there are none."""
    for part, what in ((dataset.test_seen, "seen"), (dataset.test_unseen, "unseen")):
        if not len(part):
            raise DataError(
                f"The data '{dataset.name}' has no test photos of {what} classes, so nothing can be measured."
            )
    return PhotoScores(
        attribute_scores(dataset.test_seen),
        labels[dataset.test_seen],
        attribute_scores(dataset.test_unseen),
        labels[dataset.test_unseen],
    )


def scores_on_test(
    explainer: AttributeExplainer, dataset: ZeroShotDataset, cached: Path | FeatureCache | None = None
) -> PhotoScores:
    """Raw attribute scores of the test photos, with labels in the model's own space. Raises DataError."""
    labels = labels_in(explainer.space, dataset)
    return scores_in(lambda part: scores_on(explainer, dataset, part, cached), dataset, labels)


def labels_in(space: SemanticSpace, dataset: ZeroShotDataset) -> NDArray[np.int64]:
    """The data set's labels as class indices of another space, paired by name.

    Raises DataError for a class that it does not know, and for one with test photos that counts as seen there and as unseen here,
    or the other way round: its photos would be measured among those of the wrong kind.
    """
    position = {name: i for i, name in enumerate(space.classes)}
    unseen = [name for name in dataset.space.classes if name in position and not space.seen[position[name]]]
    tested = set(dataset.labels[np.concatenate([dataset.test_seen, dataset.test_unseen])].tolist())
    for c in np.unique(dataset.labels).tolist():
        name, seen = dataset.space.classes[c], bool(dataset.space.seen[c])
        if name not in position:
            raise DataError(
                f"The model does not know the class '{name}' of this data; give its description with --table, or add it to the "
                "model with 'zslviz extend'."
            )
        if c in tested and bool(space.seen[position[name]]) is not seen:
            known = "was not trained on" if seen else "was trained on"
            raise DataError(
                f"The model {known} '{name}', but by the split of this data its photos test "
                f"{'a seen' if seen else 'an unseen'} class ({dataset.note}); let both say the same. The model was not "
                f"trained on {listed(unseen)} of this data."
            )
    return np.array([position.get(name, -1) for name in dataset.space.classes], dtype=np.int64)[dataset.labels]
