"""One's own data: a folder of photos per class and a table of attributes; split and word vectors if there are any.

    FOLDER/images/CLASS/*.jpg        or FOLDER/CLASS/*.jpg
    FOLDER/attributes.csv            a row a class: "class", then an attribute a column, 0..1 or per cent; "group::name" groups
    FOLDER/unseen.txt                (optional) classes that are never trained on, one a line
    FOLDER/split.csv                 (optional) columns image,split: CLASS/FILE and trainval, test_seen or test_unseen
    FOLDER/attribute_word_vectors.npy, or .txt in the format of GloVe or word2vec (optional)

A class without photos is unseen: it can be ranked but not measured. Without `unseen.txt` and `split.csv` a fifth of the classes
that have photos is unseen too, and a fifth of the others' photos is kept for testing; both are picked by a digest of their names,
so that the pick does not change with the order of rows, with the machine, or with photos of other classes.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from zslviz.datasets.files import built_in_hint, optional_word_vectors
from zslviz.datasets.own_split import (
    SPLIT,
    TABLE,
    Photos,
    check_parts,
    choose_test_photos,
    choose_unseen,
    declared_unseen,
    read_split,
)
from zslviz.errors import DataError, TableError, nearest_names
from zslviz.tasks.attributes.data import ZeroShotDataset
from zslviz.tasks.attributes.space import SemanticSpace
from zslviz.words.source import WordSource
from zslviz.words.vectors import WordVectors

VECTORS = "attribute_word_vectors.txt"
SUFFIXES = frozenset((".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif", ".jp2"))
TERMS = "One's own photos; who took them decides what may be done with them and with this model."


def load(name: str, folder: Path, words: WordSource, listed: Sequence[str] | None = None) -> ZeroShotDataset:
    """Reads the folder; the data set is called `name`. Raises DataError with one sentence on what is wrong.

    listed: the photos as CLASS/FILE, where features of them are given and they need not lie in the folder.
    """
    if not (folder / TABLE).is_file():
        raise DataError(f"'{folder}' has no '{TABLE}', which data of one's own needs; {built_in_hint(name, __name__)}")
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name):
        raise DataError(
            f"'{name}' cannot name data: use letters, digits, '.', '_' and '-', as it becomes a folder's name."
        )
    space, marked = _read_table(folder, name)
    photos = _find_photos(folder, space) if listed is None else _listed_photos(folder, space, listed)
    counts = np.bincount(photos.labels, minlength=len(space.classes))
    declared = declared_unseen(folder, space, marked)
    if (folder / SPLIT).is_file():
        parts = read_split(folder / SPLIT, photos)
        note = f"the split is that of '{SPLIT}'"
    else:
        unseen, note = choose_unseen(space, counts, declared)
        parts = choose_test_photos(space, photos, unseen)
    seen = np.zeros(len(space.classes), dtype=bool)
    seen[np.unique(photos.labels[parts["trainval"]])] = True
    check_parts(space, photos, parts, seen, declared or set())
    space = replace(space, seen=seen)
    return ZeroShotDataset(name, photos.files, photos.labels, space, **parts, terms=TERMS, note=note)


# -- the table ----------------------------------------------------------------------------------------------------------------


def _read_table(folder: Path, name: str) -> tuple[SemanticSpace, bool]:
    """The classes as the table describes them, and whether it has a column "seen" of its own."""
    path = folder / TABLE
    try:
        space = SemanticSpace.from_csv(path)
        header = next(csv.reader(path.open(encoding="utf-8-sig", newline="")))
    except TableError as error:
        raise DataError(f"'{path}': {error}") from None
    vectors = optional_word_vectors(folder, len(space.attributes))
    if vectors is None and (folder / VECTORS).is_file():
        vectors = WordVectors.read(folder / VECTORS, only=space.attribute_names).phrases(space.attribute_names)
    return replace(space, table=_fractions(space, path), word_vectors=vectors, name=name), "seen" in map(
        str.strip, header
    )


def _fractions(space: SemanticSpace, path: Path) -> NDArray[np.float32]:
    """The table as fractions. It is in per cent if most of what is not 0 lies above 1."""
    table = np.asarray(space.table)
    above = table > 1
    per_cent = above.sum() > (table > 0).sum() / 2
    wrong = (table < 0) | (table > 100 if per_cent else above)
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        raise DataError(
            f"'{path}': '{space.attributes[column]}' of '{space.classes[row]}' is {table[row, column]:g}; all values must lie "
            f"between 0 and {100 if per_cent else 1}{'' if per_cent else ', or all be per cent'}."
        )
    return table / np.float32(100) if per_cent else table


# -- the photos ---------------------------------------------------------------------------------------------------------------


def _find_photos(folder: Path, space: SemanticSpace) -> Photos:
    root = folder / "images" if (folder / "images").is_dir() else folder
    class_of = {name: index for index, name in enumerate(space.classes)}
    folders = sorted(f for f in root.iterdir() if f.is_dir() and not f.name.startswith("."))
    for one in folders:
        if one.name not in class_of:
            near = nearest_names(one.name, space.classes, limit=1)
            hint = f" (it has '{near[0]}')" if near else ""
            raise DataError(f"The folder '{one}' is of no class of '{TABLE}'{hint}; add a row for it, or move it away.")
    found = {class_of[one.name]: _photos_in(one) for one in folders}
    if not any(found.values()):
        raise DataError(f"There are no photos in '{root}'; put them into one folder a class, named as in '{TABLE}'.")
    pairs = [(label, file) for label in sorted(found) for file in found[label]]
    labels = np.array([label for label, _ in pairs], dtype=np.int64)
    files = tuple(file for _, file in pairs)
    return Photos(files, tuple(f"{file.parent.name}/{file.name}" for file in files), labels)


def _listed_photos(folder: Path, space: SemanticSpace, listed: Sequence[str]) -> Photos:
    class_of = {name: index for index, name in enumerate(space.classes)}
    for name in listed:
        if name.split("/")[0] not in class_of:
            raise DataError(
                f"The features list '{name}', a photo of no class of '{TABLE}'; photos are named CLASS/FILE there."
            )
    names = sorted(listed, key=lambda name: (class_of[name.split("/")[0]], name))
    labels = np.array([class_of[name.split("/")[0]] for name in names], dtype=np.int64)
    return Photos(tuple(folder / "images" / name for name in names), tuple(names), labels)


def _photos_in(folder: Path) -> list[Path]:
    """The photos of one class by name. Raises DataError if there are files and none of them can be a photo."""
    files = sorted(f for f in folder.iterdir() if f.is_file() and not f.name.startswith("."))
    photos = [f for f in files if f.suffix.lower() in SUFFIXES]
    if files and not photos:
        raise DataError(f"None of the files in '{folder}' is a photo that can be read; save them as JPEG or PNG.")
    return photos
