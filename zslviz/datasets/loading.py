"""Data of whatever kind by its name: photos of classes, of several labels, or of state-object pairs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from zslviz.catalogue import Task
from zslviz.datasets import compositional, multi_label
from zslviz.datasets.compositional import load_compositional
from zslviz.datasets.multi_label import load_multi_label
from zslviz.datasets.reading import load_dataset
from zslviz.tasks.attributes.data import ZeroShotDataset
from zslviz.tasks.compositional.data import CompositionalDataset
from zslviz.tasks.multilabel.data import MultiLabelDataset
from zslviz.words.names import GLOVE
from zslviz.words.source import word_source

AnyDataset = ZeroShotDataset | MultiLabelDataset | CompositionalDataset


def data_task(name: str) -> Task:
    """What photos of a built-in data set are labelled with; data of one's own are taken to be classes with attributes."""
    if name in multi_label.READERS:
        return "multilabel"
    if name in compositional.READERS:
        return "compositional"
    return "attributes"


def load_any_dataset(name: str, folder: Path, task: Task | None = None, words: str = "") -> AnyDataset:
    """Reads a data set of a task (that of its name if None). words: what gives labels, states and objects their vectors.

    Raises DataError, UnknownNameError, ConfigError.
    """
    task = task or data_task(name)
    if task == "multilabel":
        return load_multi_label(name, folder, words or GLOVE)
    if task == "compositional":
        return load_compositional(name, folder, word_source(words or GLOVE))
    return load_dataset(name, folder)


def training_photos(dataset: AnyDataset) -> NDArray[np.int64]:
    """The photos that a final training may see, whose mirrored features are worth caching."""
    if isinstance(dataset, ZeroShotDataset):
        return dataset.trainval
    if isinstance(dataset, MultiLabelDataset):
        return np.sort(np.concatenate([dataset.train, dataset.val]))
    return dataset.train


def used_photos(dataset: AnyDataset) -> NDArray[np.int64]:
    """All photos that training, validation or measurement take: those of any part of the split."""
    if isinstance(dataset, ZeroShotDataset):
        parts = [dataset.trainval, dataset.test_seen, dataset.test_unseen]
    elif isinstance(dataset, MultiLabelDataset):
        parts = [dataset.train, dataset.val, dataset.test]
    else:
        parts = [dataset.train, *(dataset.photos_of(part) for part in ("val", "test"))]
    return np.unique(np.concatenate(parts))
