"""CUB-200-2011 (Wah et al. 2011) with the proposed split (Xian et al. 2017): 200 birds, 312 attributes, 150 seen classes.

Works on the folder as the authors distribute it (`CUB_200_2011/`, with `attributes.txt` in it or beside it). The proposed
split comes from `proposed_split.npz` + `image_files.txt` or from xlsa17's `att_splits.mat` + `res101.mat`, if they are in
the folder. Trap: its indices count that benchmark's own list of photos, which is not in the order of `images.txt`.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from zslviz.datasets.base import ZeroShotDataset, optional_word_vectors, read_lines, read_matrix, read_numbered
from zslviz.errors import DataError
from zslviz.semantics import SemanticSpace, group_of

TERMS = "CUB-200-2011 (Wah et al. 2011, Caltech): non-commercial research and education; the photos are not distributed."


def load(folder: Path) -> ZeroShotDataset:
    """Reads the folder; photos are in the order of the proposed split's list. Raises DataError."""
    folder = folder / "CUB_200_2011" if (folder / "CUB_200_2011" / "images.txt").is_file() else folder
    classes = read_numbered(folder / "classes.txt")
    attributes_file = next(
        (f for f in (folder / "attributes.txt", folder / "attributes" / "attributes.txt", folder.parent / "attributes.txt")
         if f.is_file()), folder / "attributes.txt",
    )  # fmt: skip
    attributes = read_numbered(attributes_file)
    per_cent = read_matrix(folder / "attributes" / "class_attribute_labels_continuous.txt")

    photos = read_numbered(folder / "images.txt")
    class_of = {name: i for i, name in enumerate(classes)}
    files, split = _proposed_split(folder, set(photos))
    try:
        labels = np.array([class_of[PurePosixPath(f).parent.name] for f in files], dtype=np.int64)
    except KeyError as error:
        raise DataError(f"The split lists photos of {error}, a class that 'classes.txt' does not have.") from None
    seen = np.zeros(len(classes), dtype=bool)
    seen[np.unique(labels[split["trainval"]])] = True
    space = SemanticSpace(
        tuple(classes),
        tuple(attributes),
        tuple(group_of(a) for a in attributes),
        per_cent / np.float32(100.0),
        seen,
        optional_word_vectors(folder, len(attributes)),
        name="cub",
    )
    paths = tuple(folder / "images" / f for f in files)
    return ZeroShotDataset("cub", paths, labels, space, **split, terms=TERMS)


def _proposed_split(folder: Path, known: set[str]) -> tuple[list[str], dict[str, NDArray[np.int64]]]:
    """Photo names (below `images/`) in the benchmark's order, and the three parts as indices into them."""
    parts = ("trainval", "test_seen", "test_unseen")
    if (folder / "proposed_split.npz").is_file():
        listed = read_lines(folder / "image_files.txt")
        with np.load(folder / "proposed_split.npz", allow_pickle=False) as archive:
            split = {part: archive[part].astype(np.int64).ravel() for part in parts}
    elif (folder / "att_splits.mat").is_file():
        from scipy.io import loadmat

        mat = loadmat(folder / "att_splits.mat")
        listed = [str(f[0][0]) for f in loadmat(folder / "res101.mat", variable_names=["image_files"])["image_files"]]
        split = {part: mat[f"{part}_loc"].astype(np.int64).ravel() - 1 for part in parts}  # MATLAB counts from 1
    else:
        raise DataError(
            f"'{folder}' has no proposed split; put 'att_splits.mat' and 'res101.mat' of the xlsa17 benchmark there."
        )
    names = ["/".join(PurePosixPath(f.replace("\\", "/").replace("//", "/")).parts[-2:]) for f in listed]
    strangers = [n for n in names if n not in known]
    if strangers:
        raise DataError(f"The split lists '{strangers[0]}', a photo that 'images.txt' does not have.")
    return names, split
