"""Word vectors of a data set's attributes, where it brings none."""

from __future__ import annotations

from dataclasses import replace

from zslviz.tasks.attributes.data import ZeroShotDataset


def with_shipped_vectors(dataset: ZeroShotDataset) -> ZeroShotDataset:
    """The data set with its own vectors, else with those of a shipped checkpoint of the same attributes, if there is one.

    The benchmarks as their authors distribute them bring none.
    """
    if dataset.space.word_vectors is not None:
        return dataset
    from zslviz.tasks.attributes.checkpoint import shipped_word_vectors  # only here, since it brings PyTorch along

    vectors = shipped_word_vectors(dataset.space.attributes)
    return replace(dataset, space=replace(dataset.space, word_vectors=vectors))
