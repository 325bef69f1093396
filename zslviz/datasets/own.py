"""One's own data: a folder of photos per class and a table of attributes; split and word vectors if there are any.

    FOLDER/images/CLASS/...          or FOLDER/CLASS/...: photos, also in folders below (`photos.finding` says what is one)
    FOLDER/attributes.csv            a row a class: "class", then an attribute a column, 0..1 or per cent; "group::name" groups
    FOLDER/unseen.txt                (optional) classes that are never trained on, one a line
    FOLDER/split.csv                 (optional) columns image,split: CLASS/FILE (CLASS/FOLDER/FILE) and
                                     trainval, test_seen or test_unseen
    FOLDER/attribute_word_vectors.npy, or .txt in the format of GloVe or word2vec (optional)

A class without photos is unseen: it can be ranked but not measured. Without `unseen.txt` and `split.csv` a fifth of the classes
that have photos is unseen too, and a fifth of the others' photos is kept for testing; both are picked by a digest of their names,
so that the pick does not change with the order of rows, with the machine, or with photos of other classes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from zslviz.datasets.files import (
    built_in_hint,
    is_there,
    misnamed,
    names_in,
    optional,
    optional_word_vectors,
    read_text,
)
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
from zslviz.files.tabular import tidy
from zslviz.photos.finding import BOOKKEEPING, FoundPhotos, LeftOut, find_photos
from zslviz.tasks.attributes.class_table import read_class_table
from zslviz.tasks.attributes.data import ZeroShotDataset
from zslviz.tasks.attributes.space import SemanticSpace
from zslviz.words.source import WordSource
from zslviz.words.vectors import WordVectors

IMAGES = "images"
_LIKE_IMAGES = ("images", "image", "photos", "photo", "pictures")
VECTORS = "attribute_word_vectors.txt"
TERMS = "One's own photos; who took them decides what may be done with them and with this model."


def load(name: str, folder: Path, words: WordSource, listed: Sequence[str] | None = None) -> ZeroShotDataset:
    """Reads the folder; the data set is called `name`. Raises DataError with one sentence on what is wrong.

    listed: the photos as CLASS/FILE, where features of them are given and they need not lie in the folder.
    """
    if not is_there(folder / TABLE):
        raise DataError(
            misnamed(folder / TABLE)
            or f"'{folder}' has no '{TABLE}', which data of one's own needs; {built_in_hint(name, __name__)}"
        )
    space, marked = _read_table(folder, name)
    photos, left_out = _find_photos(folder, space) if listed is None else (_listed_photos(folder, space, listed), "")
    counts = np.bincount(photos.labels, minlength=len(space.classes))
    declared = declared_unseen(folder, space, marked)
    if optional(folder / SPLIT):
        parts = read_split(folder / SPLIT, photos)
        note = f"the split is that of '{SPLIT}'"
    else:
        unseen, note = choose_unseen(space, counts, declared)
        parts = choose_test_photos(space, photos, unseen)
    seen = np.zeros(len(space.classes), dtype=bool)
    seen[np.unique(photos.labels[parts["trainval"]])] = True
    check_parts(space, photos, parts, seen, declared or set())
    space = replace(space, seen=seen)
    return ZeroShotDataset(name, photos.files, photos.labels, space, **parts, terms=TERMS, note=note, left_out=left_out)


# -- the table ----------------------------------------------------------------------------------------------------------------


def _read_table(folder: Path, name: str) -> tuple[SemanticSpace, bool]:
    """The classes as the table describes them, and whether it has a column "seen" of its own."""
    path = folder / TABLE
    text = read_text(path)
    try:
        table = read_class_table(text)
        space = SemanticSpace.of_table(table)
    except TableError as error:
        raise DataError(f"'{path}': {error}") from None
    vectors = optional_word_vectors(folder, len(space.attributes))
    if vectors is None and is_there(folder / VECTORS):
        vectors = WordVectors.read(folder / VECTORS, only=space.attribute_names).phrases(space.attribute_names)
    return replace(space, word_vectors=vectors, name=name), table.seen is not None


# -- the photos ---------------------------------------------------------------------------------------------------------------


def _find_photos(folder: Path, space: SemanticSpace) -> tuple[Photos, str]:
    """All photos in the folders of classes and below them, and a sentence on what is left out, "" if nothing is."""
    root = _root(folder, space)
    label_of = _labels_of_folders(root, space)
    found = find_photos(root)
    unreadable = next((one for one in found.left_out if one.unreadable), None)
    if unreadable is not None:
        raise DataError(f"'{unreadable.path}' {unreadable.why}; give it the right to be read, or move it away.")
    photos: list[tuple[int, Path]] = []
    left_out = []
    for file in found.photos:
        first, *below = file.relative_to(root).parts
        if below and first in label_of:
            photos.append((label_of[first], file))
        elif root != folder:
            left_out.append(LeftOut(file, "in no folder of a class"))
    for one in found.left_out:
        first, *below = one.path.relative_to(root).parts
        if (below and first in label_of) or root != folder:  # beside the folders of classes lie the tables
            left_out.append(one)
    with_photos = {label for label, _ in photos}
    for first, label in label_of.items():
        if label not in with_photos and any(first == one.path.relative_to(root).parts[0] for one in left_out):
            raise DataError(
                f"None of the files in '{root / first}' is a photo that can be read; save them as JPEG or PNG."
            )
    if not photos:
        raise DataError(f"There are no photos in '{root}'; put them into one folder a class, named as in '{TABLE}'.")
    photos.sort(key=lambda one: one[0])  # stable: by their paths within a class
    files = tuple(file for _, file in photos)
    names = tuple(
        "/".join((space.classes[label], *map(tidy, file.relative_to(root).parts[1:]))) for label, file in photos
    )
    summary = FoundPhotos(root, files, tuple(left_out)).summary
    return Photos(files, names, np.array([label for label, _ in photos], dtype=np.int64)), summary


def _root(folder: Path, space: SemanticSpace) -> Path:
    """The folder that holds one folder a class."""
    if (folder / IMAGES).is_dir():
        return folder / IMAGES
    for name in names_in(folder):
        if tidy(name).casefold() in _LIKE_IMAGES and name not in space.classes and (folder / name).is_dir():
            raise DataError(
                f"'{folder}' has the folder '{name}', but the photos' folder must be called '{IMAGES}'; rename it."
            )
    return folder


def _labels_of_folders(root: Path, space: SemanticSpace) -> dict[str, int]:
    """The class of every folder, however its accents and spaces are written. Raises DataError for one of no class."""
    class_of = {tidy(name): index for index, name in enumerate(space.classes)}
    label_of: dict[str, int] = {}
    for name in sorted(names_in(root)):
        if name.startswith(".") or name.lower() in BOOKKEEPING or not (root / name).is_dir():
            continue
        label = class_of.get(tidy(name))
        if label is None:
            nearest = nearest_names(name, space.classes, limit=1)
            known = f" (it has '{nearest[0]}')" if nearest else ""
            raise DataError(
                f"The folder '{root / name}' is of no class of '{TABLE}'{known}; add a row for it, or move it away."
            )
        if label in label_of.values():
            raise DataError(
                f"Two folders in '{root}' are called '{space.classes[label]}', with accents or spaces written in two ways; put "
                "their photos into one."
            )
        label_of[name] = label
    return label_of


def _listed_photos(folder: Path, space: SemanticSpace, listed: Sequence[str]) -> Photos:
    class_of = {tidy(name): index for index, name in enumerate(space.classes)}
    for name in listed:
        if tidy(name.split("/")[0]) not in class_of:
            raise DataError(
                f"The features list '{name}', a photo of no class of '{TABLE}'; photos are named CLASS/FILE there."
            )
    names = sorted(listed, key=lambda name: (class_of[tidy(name.split("/")[0])], name))
    labels = np.array([class_of[tidy(name.split("/")[0])] for name in names], dtype=np.int64)
    return Photos(tuple(folder / IMAGES / name for name in names), tuple(names), labels)
