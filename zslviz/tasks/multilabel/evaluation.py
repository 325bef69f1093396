"""Measuring a multi-label model on a data set's test photos, from the photos themselves or from cached features."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zslviz.errors import DataError
from zslviz.tasks.base.measuring import scores_on
from zslviz.tasks.base.report import Report
from zslviz.tasks.multilabel.data import MultiLabelDataset
from zslviz.tasks.multilabel.explainer import LabelExplainer
from zslviz.tasks.multilabel.figures import evaluate_multi_label


def evaluate(
    explainer: LabelExplainer, dataset: MultiLabelDataset, cache_root: Path | None = None, label: str = ""
) -> Report:
    """The figures of `MultiLabelReport` with intervals. gamma is taken from seen labels where all compete.

    Raises DataError if the model scores other labels.
    """
    if dataset.space.labels != explainer.space.labels or (dataset.space.seen != explainer.space.seen).any():
        raise DataError(f"'{explainer.name}' was not trained on the labels of this data, or not on the same of them.")
    scores = scores_on(explainer, dataset, dataset.test, cache_root)
    figures = figures_of(scores, dataset, explainer.gamma)
    return Report({"model": explainer.name, "title": explainer.title, "label": label, **figures})


def figures_of(scores: NDArray[np.float32], dataset: MultiLabelDataset, gamma: float) -> dict[str, Any]:
    """The figures of the test photos' scores [N, K], gamma taken from those of seen labels, as plain values."""
    calibrated = scores - np.float32(gamma) * dataset.space.seen
    return evaluate_multi_label(calibrated, dataset.labels[dataset.test], dataset.space, dataset.unseen).to_dict()
