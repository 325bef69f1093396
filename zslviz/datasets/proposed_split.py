"""The proposed split (Xian et al. 2017) as the benchmark distributes it."""

from __future__ import annotations

import warnings
import zipfile
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zslviz.datasets.files import is_there, read_lines
from zslviz.errors import DataError
from zslviz.files import reason
from zslviz.tabular import brief
from zslviz.tasks.attributes.data import PARTS

HDF5 = b"\x89HDF\r\n\x1a\n"
MAX_SPLIT_BYTES = 200 * 2**20


def read_proposed_split(folder: Path) -> tuple[list[str], dict[str, NDArray[np.int64]]]:
    """Photos as CLASS/FILE in the benchmark's own order, and the three parts of the split as indices into them.

    From `proposed_split.npz` with `image_files.txt` (indices from 0), or xlsa17's `att_splits.mat` with `res101.mat`
    (MATLAB counts from 1). Raises DataError.
    """
    npz, listing = folder / "proposed_split.npz", folder / "image_files.txt"
    splits, features = folder / "att_splits.mat", folder / "res101.mat"
    if is_there(npz):
        listed, split, start = read_lines(listing), _read_npz(npz), 0
    elif is_there(splits) or is_there(features):
        located = read_mat(splits, [f"{part}_loc" for part in PARTS])
        split = {part: _indices(located[f"{part}_loc"], f"'{part}_loc' of '{splits}'") - 1 for part in PARTS}
        listed, start = _texts(read_mat(features, ["image_files"])["image_files"], features), 1
    else:
        raise DataError(
            f"'{folder}' has no proposed split; put 'att_splits.mat' and 'res101.mat' of the xlsa17 benchmark there."
        )
    _check_split(split, len(listed), start, folder)
    names = ["/".join(PurePosixPath(f.replace("\\", "/").replace("//", "/")).parts[-2:]) for f in listed]
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


def labels_of(names: list[str], classes: list[str]) -> NDArray[np.int64]:
    """The class of every photo CLASS/FILE, int64 [N]. Raises DataError for a class that does not exist."""
    class_of = {name: i for i, name in enumerate(classes)}
    try:
        return np.array([class_of[n.split("/")[0]] for n in names], dtype=np.int64)
    except KeyError as error:
        raise DataError(
            f"The split lists photos of '{brief(str(error.args[0]))}', a class that 'classes.txt' does not have."
        ) from None


def _read_npz(path: Path) -> dict[str, NDArray[np.int64]]:
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
        if unpacked > MAX_SPLIT_BYTES:
            raise ValueError
        with np.load(path, allow_pickle=False) as arrays:
            found = {part: arrays[part] for part in PARTS}
    except Exception:  # NumPy's and Python's readers fail in many ways on a damaged file
        raise DataError(f"'{path}' is damaged or does not hold {', '.join(PARTS)}.") from None
    return {part: _indices(array, f"'{part}' of '{path}'") for part, array in found.items()}


def _indices(array: NDArray[Any], what: str) -> NDArray[np.int64]:
    """Whole numbers, as one row. Raises DataError."""
    if array.dtype.kind not in "fiu" or not np.isfinite(array).all() or (array != np.floor(array)).any():
        raise DataError(f"{what} must hold whole numbers, the places of photos in a list.")
    if array.size and np.abs(array.astype(np.float64)).max() > 2**40:
        raise DataError(f"{what} must hold the places of photos in a list, not such large numbers.")
    return array.astype(np.int64).ravel()


def _texts(cells: NDArray[Any], path: Path) -> list[str]:
    """A list of texts as MATLAB has it: cells that each hold one, or rows of letters. Raises DataError."""
    if cells.dtype.kind == "U":
        return [str(text).strip() for text in cells.ravel()]
    texts = [str(np.asarray(cell).ravel()[0]) if np.asarray(cell).size else "" for cell in cells.ravel()]
    if cells.dtype.kind != "O" or any(np.asarray(cell).dtype.kind != "U" for cell in cells.ravel()):
        raise DataError(f"'image_files' of '{path}' must be a list of file names.")
    return texts


def read_mat(path: Path, names: list[str]) -> dict[str, NDArray[Any]]:
    """Variables of a MATLAB file by name. Raises DataError."""
    from scipy.io import loadmat

    if not is_there(path):
        raise DataError(f"'{path}' is missing; the proposed split needs 'att_splits.mat' and 'res101.mat' of xlsa17.")
    try:
        with path.open("rb") as stream:
            start = stream.read(520)
    except OSError as problem:
        raise DataError(f"'{path}' cannot be read ({reason(problem)}).") from None
    if start.startswith(b"MATLAB 7.3") or HDF5 in start:
        raise DataError(
            f"'{path}' is a MATLAB file of version 7.3 (HDF5), which is not read here; save it in MATLAB with the option '-v7'."
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            loaded = loadmat(path, variable_names=names)
        found = {name: loaded[name] for name in names}
    except Exception:  # scipy's reader fails in many ways on a damaged file
        found = {}
    if not found or not all(isinstance(value, np.ndarray) for value in found.values()):
        raise DataError(f"'{path}' is damaged or does not hold {', '.join(names)}.")
    return found
