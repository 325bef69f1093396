"""The proposed split (Xian et al. 2017) as the benchmark distributes it."""

from __future__ import annotations

import zipfile
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zslviz.datasets.files import read_lines
from zslviz.errors import DataError
from zslviz.tasks.attributes.data import PARTS


def read_proposed_split(folder: Path) -> tuple[list[str], dict[str, NDArray[np.int64]]]:
    """Photos as CLASS/FILE in the benchmark's own order, and the three parts of the split as indices into them.

    From `proposed_split.npz` with `image_files.txt` (indices from 0), or xlsa17's `att_splits.mat` with `res101.mat`
    (MATLAB counts from 1). Raises DataError.
    """
    npz, listing = folder / "proposed_split.npz", folder / "image_files.txt"
    splits, features = folder / "att_splits.mat", folder / "res101.mat"
    if npz.is_file():
        listed, split = read_lines(listing), _read_npz(npz)
    elif splits.is_file() or features.is_file():
        located = _read_mat(splits, [f"{part}_loc" for part in PARTS])
        listed = [str(cell[0][0]) for cell in _read_mat(features, ["image_files"])["image_files"]]
        split = {part: located[f"{part}_loc"].astype(np.int64).ravel() - 1 for part in PARTS}
    else:
        raise DataError(
            f"'{folder}' has no proposed split; put 'att_splits.mat' and 'res101.mat' of the xlsa17 benchmark there."
        )
    if any(indices.size and not 0 <= indices.min() <= indices.max() < len(listed) for indices in split.values()):
        raise DataError(f"The split in '{folder}' counts photos beyond the {len(listed)} of its list.")
    names = ["/".join(PurePosixPath(f.replace("\\", "/").replace("//", "/")).parts[-2:]) for f in listed]
    return names, split


def labels_of(names: list[str], classes: list[str]) -> NDArray[np.int64]:
    """The class of every photo CLASS/FILE, int64 [N]. Raises DataError for a class that does not exist."""
    class_of = {name: i for i, name in enumerate(classes)}
    try:
        return np.array([class_of[n.split("/")[0]] for n in names], dtype=np.int64)
    except KeyError as error:
        raise DataError(f"The split lists photos of {error}, a class that 'classes.txt' does not have.") from None


def _read_npz(path: Path) -> dict[str, NDArray[np.int64]]:
    try:
        with np.load(path, allow_pickle=False) as archive:
            return {part: archive[part].astype(np.int64).ravel() for part in PARTS}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, zipfile.BadZipFile):
        raise DataError(f"'{path}' is damaged or does not hold {', '.join(PARTS)}.") from None


def _read_mat(path: Path, names: list[str]) -> dict[str, NDArray[Any]]:
    from scipy.io import loadmat

    if not path.is_file():
        raise DataError(f"'{path}' is missing; the proposed split needs 'att_splits.mat' and 'res101.mat' of xlsa17.")
    try:
        loaded = loadmat(path, variable_names=names)
        return {name: loaded[name] for name in names}
    except Exception:  # scipy's reader fails in many ways on a damaged file
        raise DataError(f"'{path}' is damaged or does not hold {', '.join(names)}.") from None
