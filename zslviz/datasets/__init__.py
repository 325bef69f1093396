"""Data sets: each reader yields photos, labels, a SemanticSpace and the proposed split. The folder is an argument."""

from zslviz.datasets.base import READERS, ZeroShotDataset, load_dataset, parse_data_argument, with_word_vectors

__all__ = ["READERS", "ZeroShotDataset", "load_dataset", "parse_data_argument", "with_word_vectors"]
