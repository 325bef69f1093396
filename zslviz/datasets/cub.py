"""CUB-200-2011 (Wah et al. 2011) with the proposed split (Xian et al. 2017): 200 birds, 312 attributes, 150 seen classes.

Works on the folder as the authors distribute it (`CUB_200_2011/`, with `attributes.txt` in it or beside it). The proposed
split comes from `proposed_split.npz` + `image_files.txt` or from xlsa17's `att_splits.mat` + `res101.mat`, if they are in
the folder. Trap: its indices count that benchmark's own list of photos, which is not in the order of `images.txt`.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from zslviz.catalogue import DataCard
from zslviz.datasets.cub_parts import read_part_locations
from zslviz.datasets.files import first_of, is_there, optional_word_vectors, per_cent, read_matrix, read_numbered
from zslviz.datasets.proposed_split import labels_of, read_proposed_split
from zslviz.datasets.word_vectors import with_shipped_vectors
from zslviz.errors import DataError
from zslviz.tasks.attributes import space as plain
from zslviz.tasks.attributes.data import ZeroShotDataset
from zslviz.tasks.attributes.space import SemanticSpace, group_of
from zslviz.words.source import WordSource

TERMS = (
    "CUB-200-2011 (Wah et al. 2011, Caltech): non-commercial research and education; the photos are not distributed."
)


def readable_class(name: str) -> str:
    """`001.Black_footed_Albatross` -> "Black footed Albatross"; a class that was added has no number of three digits."""
    return plain.readable_class(re.sub(r"^\d{3}\.(?=.)", "", name))


_SHAPES = {
    "upright-perching_water-like": "upright perching, water-like",
    "chicken-like-marsh": "chicken-like, marsh",
    "long-legged-like": "long-legged",
    "perching-like": "perching",
    "tree-clinging-like": "tree-clinging",
    "upland-ground-like": "upland ground",
}
"""Shapes of birds whose own names are no words."""


def readable_attribute(name: str) -> str:
    """`has_shape::upright-perching_water-like` -> "shape: upright perching, water-like"."""
    group, separator, value = name.partition("::")
    read = _SHAPES.get(value, value.replace("-wings", " wings"))
    return plain.readable_attribute(f"{group}{separator}{read}")


CARDS = {
    "cub": DataCard(
        "birds (CUB)",
        TERMS,
        non_commercial=True,
        citation="Wah et al., The Caltech-UCSD Birds-200-2011 Dataset, Caltech CNS-TR-2011-001",
        described="CUB-200-2011, proposed split (150 seen / 50 unseen classes, 312 attributes)",
        classes=200,
        caution="Trained on photos reduced to 224 x 224 pixels.",
        readable_class=readable_class,
        readable_attribute=readable_attribute,
        part_locations=read_part_locations,
    )
}


def load(name: str, folder: Path, words: WordSource) -> ZeroShotDataset:
    """Reads the folder; photos are in the order of the proposed split's list. Raises DataError."""
    folder = folder / "CUB_200_2011" if is_there(folder / "CUB_200_2011" / "images.txt") else folder
    classes = read_numbered(folder / "classes.txt")
    places = (folder, folder / "attributes", folder.parent)
    attributes_file = first_of(*(place / "attributes.txt" for place in places))
    attributes = read_numbered(attributes_file)
    matrix = folder / "attributes" / "class_attribute_labels_continuous.txt"
    table = per_cent(read_matrix(matrix), matrix)
    if table.shape != (len(classes), len(attributes)):
        raise DataError(f"'{matrix}' is {table.shape}, not {len(classes)} classes x {len(attributes)} attributes.")
    if (table < 0).any():
        raise DataError(f"'{matrix}' has values below 0; its values must be per cent, 0 to 100.")

    in_order = read_numbered(folder / "images.txt")
    _check_labels(folder / "image_class_labels.txt", in_order, classes)
    photos = set(in_order)
    files, split = read_proposed_split(folder)
    strangers = [f for f in files if f not in photos]
    if strangers:
        raise DataError(f"The split lists '{strangers[0]}', a photo that 'images.txt' does not have.")
    labels = labels_of(files, classes)
    seen = np.zeros(len(classes), dtype=bool)
    seen[np.unique(labels[split["trainval"]])] = True
    space = SemanticSpace(
        tuple(classes),
        tuple(attributes),
        tuple(group_of(a) for a in attributes),
        table / np.float32(100.0),
        seen,
        optional_word_vectors(folder, len(attributes)),
        name="cub",
    )
    paths = tuple(folder / "images" / f for f in files)
    dataset = ZeroShotDataset(name, paths, labels, space, **split, terms=TERMS, note="the proposed split", left_out="")
    return with_shipped_vectors(dataset)


def _check_labels(path: Path, photos: list[str], classes: list[str]) -> None:
    """Raises DataError where the authors' list of labels, if it is there, says other classes than the photos' folders do."""
    if not is_there(path):
        return
    table, labels = read_matrix(path), labels_of(photos, classes)
    if table.shape != (len(photos), 2):
        raise DataError(
            f"'{path}' is {table.shape}; it must have a row of two numbers for each of the {len(photos)} photos."
        )
    wrong = np.flatnonzero(table[:, 1] != labels + 1)
    if wrong.size:
        photo, folder_class = photos[wrong[0]], labels[wrong[0]] + 1
        raise DataError(
            f"'{path}' gives '{photo}' the class {table[wrong[0], 1]:g}, but its folder is that of class {folder_class}."
        )
