"""The proposed split (Xian et al. 2017) as the benchmark distributes it."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from zslviz.datasets.files import is_there, misnamed, read_lines
from zslviz.errors import DataError
from zslviz.files.arrays import read_npz
from zslviz.files.matlab import MatValue, read_mat
from zslviz.files.tabular import brief
from zslviz.tasks.attributes.data import PARTS

LABELS = "labels"


def read_proposed_split(folder: Path) -> tuple[list[str], dict[str, NDArray[np.int64]]]:
    """Photos as CLASS/FILE in the benchmark's own order, and the three parts of the split as indices into them.

    From `proposed_split.npz` with `image_files.txt` (indices from 0), or xlsa17's `att_splits.mat` with `res101.mat`
    (MATLAB counts from 1). Raises DataError.
    """
    npz, listing = folder / "proposed_split.npz", folder / "image_files.txt"
    splits, features = folder / "att_splits.mat", folder / "res101.mat"
    if is_there(npz):
        (split, labels), listed, start = _read_npz(npz), read_lines(listing), 0
    elif is_there(splits) or is_there(features):
        for path in (splits, features):
            if not is_there(path):
                raise DataError(
                    misnamed(path)
                    or f"'{path}' is missing; the proposed split needs 'att_splits.mat' and 'res101.mat' of xlsa17."
                )
        located = read_mat(splits, [f"{part}_loc" for part in PARTS])
        split = {part: _indices(located[f"{part}_loc"], f"'{part}_loc' of '{splits}'") - 1 for part in PARTS}
        files = read_mat(features, ["image_files"], optional=[LABELS])
        listed, start = _texts(files["image_files"], features), 1
        labels = None if LABELS not in files else _indices(files[LABELS], f"'{LABELS}' of '{features}'")
    else:
        raise DataError(
            f"'{folder}' has no proposed split; put 'att_splits.mat' and 'res101.mat' of the xlsa17 benchmark there."
        )
    _check_split(split, len(listed), start, folder)
    names = ["/".join(PurePosixPath(f.replace("\\", "/").replace("//", "/")).parts[-2:]) for f in listed]
    if labels is not None:
        _check_labels(labels, names, folder)
    return names, split


def _check_split(split: dict[str, NDArray[np.int64]], count: int, start: int, folder: Path) -> None:
    """Raises DataError for a split that does not fit a list of so many photos, counted from `start` on."""
    for part, indices in split.items():
        if not indices.size:
            raise DataError(f"The split in '{folder}' has no photo in '{part}'.")
        if not 0 <= indices.min() <= indices.max() < count:
            raise DataError(
                f"The split in '{folder}' counts photos beyond the {count} of its list, which are counted from {start} to "
                f"{count - 1 + start}: '{part}' goes from {indices.min() + start} to {indices.max() + start}."
            )
    every = np.concatenate(list(split.values()))
    if len(np.unique(every)) < len(every):
        raise DataError(f"The split in '{folder}' has photos in two of its parts, or twice in one.")


def _check_labels(labels: NDArray[np.int64], names: list[str], folder: Path) -> None:
    """Raises DataError where labels that come with the split are of other photos than its list."""
    if len(labels) != len(names):
        raise DataError(f"The split in '{folder}' has labels of {len(labels)} photos, but its list has {len(names)}.")
    classes = [name.split("/")[0] for name in names]
    if not len(set(zip(labels.tolist(), classes, strict=True))) == len(set(classes)) == len(np.unique(labels)):
        raise DataError(
            f"The labels of the split in '{folder}' do not go with its list: one of them is in another order."
        )


def labels_of(names: list[str], classes: list[str]) -> NDArray[np.int64]:
    """The class of every photo CLASS/FILE, int64 [N]. Raises DataError for a class that does not exist."""
    class_of = {name: i for i, name in enumerate(classes)}
    try:
        return np.array([class_of[n.split("/")[0]] for n in names], dtype=np.int64)
    except KeyError as error:
        raise DataError(
            f"The split lists photos of '{brief(str(error.args[0]))}', a class that 'classes.txt' does not have."
        ) from None


def _read_npz(path: Path) -> tuple[dict[str, NDArray[np.int64]], NDArray[np.int64] | None]:
    arrays = read_npz(path, DataError)
    if any(part not in arrays for part in PARTS):
        raise DataError(f"'{path}' is damaged or does not hold {', '.join(PARTS)}.")
    checked = {name: _indices(arrays[name], f"'{name}' of '{path}'") for name in (*PARTS, LABELS) if name in arrays}
    labels = checked.pop(LABELS, None)
    return checked, labels


def _indices(array: MatValue, what: str) -> NDArray[np.int64]:
    """Whole numbers, as one row. Raises DataError."""
    if not isinstance(array, np.ndarray) or array.dtype.kind not in "fiu":
        raise DataError(f"{what} must hold whole numbers, the places of photos in a list.")
    numbers = array.astype(np.float64).ravel()
    if not np.isfinite(numbers).all() or (numbers != np.floor(numbers)).any() or (np.abs(numbers) > 2**40).any():
        raise DataError(f"{what} must hold whole numbers, the places of photos in a list.")
    return numbers.astype(np.int64)


def _texts(cells: MatValue, path: Path) -> list[str]:
    """A list of texts. Raises DataError."""
    texts = [cell for cell in cells if isinstance(cell, str)] if isinstance(cells, list) else []
    if not texts or len(texts) < len(cells):
        raise DataError(f"'image_files' of '{path}' must be a list of file names.")
    return texts
