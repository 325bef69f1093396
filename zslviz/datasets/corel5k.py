"""Corel-5k (Duygulu et al. 2002): photos of many subjects with up to five tags each, parted for zero-shot learning.

Layout: `photos.csv` (image; split `train`, `val` or `test`; labels joined by ";"), `labels.csv` (label; split `seen`, `val_unseen`
or `unseen`) and the photos in `images/`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from zslviz.catalogue import DataCard
from zslviz.datasets.files import Finder, near, read_rows
from zslviz.errors import DataError
from zslviz.files.tabular import brief, tidy
from zslviz.tasks.multilabel.data import PARTS, MultiLabelDataset
from zslviz.tasks.multilabel.space import LabelSpace
from zslviz.words.source import WordSource

TERMS = "Corel stock photos (Corel-5k, Duygulu et al. 2002): research use; they are not distributed."
PROPER = {"scotland": "Scotland", "kauai": "Kauai", "bengal": "Bengal", "buddha": "Buddha", "indian": "Indian"}
"""Labels that English writes with a capital."""
CARDS = {
    "corel5k": DataCard(
        "many labels (Corel-5k)",
        TERMS,
        non_commercial=True,
        citation="Duygulu et al., Object Recognition as Machine Translation, ECCV 2002",
        readable_word=lambda name: PROPER.get(name, name),
    )
}
LABEL_SPLITS = ("seen", "val_unseen", "unseen")


def load(name: str, folder: Path, words: WordSource) -> MultiLabelDataset:
    """Reads the folder. Raises DataError."""
    split_of: dict[str, str] = {}
    for line, row in read_rows(folder / "labels.csv", "label", "split"):
        if not row["label"] or row["split"] not in LABEL_SPLITS:
            raise DataError(f"Line {line} of 'labels.csv' needs a label and its split: {', '.join(LABEL_SPLITS)}.")
        if row["label"] in split_of:
            raise DataError(f"Line {line} of 'labels.csv' lists '{brief(row['label'])}' a second time.")
        split_of[row["label"]] = row["split"]
    labels = tuple(split_of)
    position = {label: column for column, label in enumerate(labels)}
    files: list[Path] = []
    tags: list[list[int]] = []
    members: dict[str, list[int]] = {part: [] for part in PARTS}
    photos, listed = Finder(folder / "images"), set[Path]()
    for line, row in read_rows(folder / "photos.csv", "image", "split", "labels"):
        if not row["image"] or row["split"] not in members:
            raise DataError(f"Line {line} of 'photos.csv' needs an image and its split: {', '.join(PARTS)}.")
        names = [name for name in map(tidy, row["labels"].split(";")) if name]
        for name in names:
            if name not in position:
                raise DataError(
                    f"Line {line} of 'photos.csv' has the label '{brief(name)}', which 'labels.csv' lacks{near(name, labels)}"
                )
        file = photos.find(row["image"])
        if file is None or file in listed:
            wrong = "a photo that is not in 'images'" if file is None else "a photo that is listed before"
            raise DataError(f"Line {line} of 'photos.csv' lists '{brief(row['image'], 100)}', {wrong}.")
        listed.add(file)
        members[row["split"]].append(len(files))
        files.append(file)
        tags.append([position[name] for name in names])
    if not labels or not files:
        raise DataError(f"'{folder / ('photos.csv' if labels else 'labels.csv')}' has no rows.")
    table = np.full((len(files), len(labels)), -1, dtype=np.int8)
    for photo, columns in enumerate(tags):
        table[photo, columns] = 1
    seen, held_out = (np.array([split_of[label] == split for label in labels]) for split in LABEL_SPLITS[:2])
    train, val, test = (np.array(members[part], dtype=np.int64) for part in PARTS)
    return MultiLabelDataset(
        "corel5k",
        tuple(files),
        LabelSpace(labels, seen, words.phrases(labels), words.name, name="corel5k"),
        table,
        train,
        val,
        test,
        held_out,
        TERMS,
        "Tags are incomplete (at most five a photo): some of what counts as wrong is in the picture all the same.",
        bordered=True,
    )
