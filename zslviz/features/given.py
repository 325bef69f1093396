"""Features that were computed elsewhere, a vector a photo, read from a file and put beside the photos that they are of.

    FILE.mat    xlsa17's res101.mat (Xian et al. 2017): `features` [C, N], `image_files` {N, 1}, `labels` [N, 1] counted from 1
    FILE.npz    `features` [N, C], `image_files` [N] strings, and `labels` [N] if one likes
    FILE.npy    features [N, C], with FILE_image_files.txt (a line each) or .npy beside it, and FILE_labels.npy if one likes

A row is matched to a photo by the last two parts of its path, CLASS/FILE; its place in the file means nothing. `labels` are not
needed; where they are there, photos of one class must have one label and those of two classes two.
"""

from __future__ import annotations

import hashlib
import unicodedata
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zslviz.backbones import given
from zslviz.backbones.own import DIGITS
from zslviz.errors import DataError
from zslviz.features.cache import CacheSpec, FeatureCache
from zslviz.files import read_text, reason
from zslviz.files.matlab import read_mat

FEATURES, FILES, LABELS = "features", "image_files", "labels"


@dataclass(frozen=True, eq=False)
class GivenFeatures:
    """What a file holds. vectors: float32 [N, C], finite. names: N times CLASS/FILE, all different. labels: [N], or None."""

    file: Path
    vectors: NDArray[np.float32]
    names: tuple[str, ...]
    labels: NDArray[Any] | None

    @property
    def stem(self) -> str:
        return given.plain_stem(self.file.stem)

    def of(self, files: Sequence[Path], classes: NDArray[np.int64], used: NDArray[np.int64]) -> FeatureCache:
        """The features in the order of a data set's photos, as c5 of a single region.

        files: its photos. classes: of each, [M]. used: those that must have features. Raises DataError.
        """
        row = {_composed(name): index for index, name in enumerate(self.names)}
        found = np.array([row.get(_composed(_last_two(str(file))), -1) for file in files], dtype=np.int64)
        missing = used[found[used] < 0]
        if missing.size:
            raise DataError(
                f"'{self.file.name}' has no features of '{_last_two(str(files[missing[0]]))}'"
                f"{f' and {missing.size - 1} others' if missing.size > 1 else ''} of the {len(used)} photos of the split; its "
                f"first row is of '{self.names[0]}' (photos are matched as CLASS/FILE)."
            )
        self._check_labels(found, classes)
        there = found >= 0
        c5 = np.zeros((len(files), 1, 1, self.vectors.shape[1]), dtype=np.float32)
        c5[there, 0, 0] = self.vectors[found[there]]
        digest = hashlib.sha256(np.ascontiguousarray(c5[used]).tobytes())
        digest.update("\n".join(_composed(_last_two(str(files[i]))) for i in used).encode())
        name = given.name_of(c5.shape[-1], self.stem, digest.hexdigest()[:DIGITS])
        none = np.zeros((len(files), 1, 1, 0), dtype=np.float32)
        stages: Any = (none, none, c5)  # as exact as they were given
        return FeatureCache(CacheSpec(name, 0), stages, there)

    def _check_labels(self, found: NDArray[np.int64], classes: NDArray[np.int64]) -> None:
        if self.labels is None:
            return
        there = np.flatnonzero(found >= 0)
        label_of: dict[int, Any] = {}
        class_of: dict[Any, int] = {}
        for photo in there:
            mine, label = int(classes[photo]), self.labels[found[photo]].item()
            if label_of.setdefault(mine, label) != label or class_of.setdefault(label, mine) != mine:
                raise DataError(
                    f"In '{self.file.name}' the label {label} of '{self.names[found[photo]]}' is not that of other photos of its "
                    f"class: '{LABELS}' and '{FILES}' stand in different orders."
                )


def read_features(path: str | Path) -> GivenFeatures:
    """Reads and checks a file. Raises DataError with one sentence on what is wrong."""
    path = Path(path)
    readers = {".mat": _read_mat, ".npz": _read_npz, ".npy": _read_pair}
    if path.suffix.lower() not in readers:
        raise DataError(
            f"'{path}' is no file of features that can be read: .mat (as res101.mat of xlsa17), .npz or .npy."
        )
    _check_file(path)
    vectors, files, labels = readers[path.suffix.lower()](path)
    names = _names(path, files)
    if vectors.ndim != 2 or not vectors.size or vectors.dtype.kind not in "fiu":
        raise DataError(
            f"The features in '{path.name}' must be a table of numbers, a vector a photo, not {_told(vectors)}."
        )
    if len(vectors) != len(names):
        turned = " (they lie the other way round: transpose them)" if vectors.shape[1] == len(names) else ""
        raise DataError(
            f"'{path.name}' holds {len(vectors)} vectors but names {len(names)} photos in '{FILES}'{turned}."
        )
    with np.errstate(over="ignore", invalid="ignore"):
        vectors = np.ascontiguousarray(vectors, dtype=np.float32)
        broken = np.flatnonzero(~np.isfinite(vectors.sum(axis=1, dtype=np.float64)))
    if broken.size:
        raise DataError(f"The features of '{names[broken[0]]}' in '{path.name}' are not all finite numbers.")
    return GivenFeatures(path, vectors, names, None if labels is None else _flat(path, labels, LABELS, len(names)))


# -- kinds of files ----------------------------------------------------------------------------------------------------


def _read_mat(path: Path) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any] | None]:
    found = read_mat(path, (FEATURES, FILES), DataError, optional=(LABELS,))
    files = found[FILES]
    cells = np.empty(len(files), dtype=object) if isinstance(files, list) else np.asarray(files)
    if isinstance(files, list):
        cells[:] = files
    labels = found.get(LABELS)
    return np.asarray(found[FEATURES]).T, cells, None if labels is None else np.asarray(labels)


def _read_npz(path: Path) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any] | None]:
    try:
        with np.load(path, allow_pickle=False) as archive:
            there = list(archive.files)
            read = {name: archive[name] for name in (FEATURES, FILES, LABELS) if name in there}
    except Exception as error:  # zipfile and NumPy fail in many ways on a damaged file
        raise DataError(_unreadable(path, error)) from None
    for wanted in (FEATURES, FILES):
        if wanted not in read:
            raise DataError(f"'{path}' has no array '{wanted}'; it has {_listed(there)}.")
    return read[FEATURES], read[FILES], read.get(LABELS)


def _read_pair(path: Path) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any] | None]:
    text, arrays = (path.with_name(f"{path.stem}_{FILES}{suffix}") for suffix in (".txt", ".npy"))
    if text.is_file():
        files = np.array([line.strip() for line in read_text(text, DataError).split("\n") if line.strip()])
    elif arrays.is_file():
        files = _read_npy(arrays)
    else:
        raise DataError(
            f"'{path}' does not say which photos it is of; put '{text.name}' beside it, a line CLASS/FILE each row."
        )
    labels = path.with_name(f"{path.stem}_{LABELS}.npy")
    return _read_npy(path), files, _read_npy(labels) if labels.is_file() else None


def _read_npy(path: Path) -> NDArray[Any]:
    _check_file(path)
    try:
        array: NDArray[Any] = np.load(path, allow_pickle=False)
    except Exception as error:
        raise DataError(_unreadable(path, error)) from None
    if not isinstance(array, np.ndarray):
        raise DataError(f"'{path}' is no .npy file.")
    return array


# -- what they hold ----------------------------------------------------------------------------------------------------


def _names(path: Path, files: NDArray[Any]) -> tuple[str, ...]:
    """CLASS/FILE of every row, from strings or a cell array of strings."""
    cells = [_text(cell) for cell in _flat(path, files, FILES, None)]
    if any(not cell for cell in cells):
        raise DataError(f"'{FILES}' of '{path.name}' must hold a path for every photo, as text.")
    names = tuple(_last_two(str(cell)) for cell in cells)
    seen: set[str] = set()
    for name in names:
        if _composed(name) in seen:
            raise DataError(f"'{path.name}' has two rows of '{name}'; a photo has one.")
        seen.add(_composed(name))
    return names


def _flat(path: Path, array: NDArray[Any], what: str, count: int | None) -> NDArray[Any]:
    """A row or a column as [N]."""
    if array.ndim > 2 or (array.ndim == 2 and 1 not in array.shape) or (count is not None and array.size != count):
        raise DataError(
            f"'{what}' of '{path.name}' must be one entry a photo{f' ({count} of them)' if count else ''}, not {_told(array)}."
        )
    return array.ravel()


def _text(cell: Any) -> str:
    """A string, also one inside the arrays of one entry that a cell array is read as; "" for anything else."""
    while isinstance(cell, np.ndarray) and cell.size == 1:
        cell = cell.ravel()[0]
    return cell.strip() if isinstance(cell, str) else ""


def _last_two(path: str) -> str:
    return "/".join([part for part in path.replace("\\", "/").split("/") if part][-2:])


def _composed(name: str) -> str:
    """One spelling of letters with accents, which file systems write in two ways."""
    return unicodedata.normalize("NFC", name)


def _check_file(path: Path) -> None:
    if path.exists() and not path.is_file():  # a folder, or a pipe that would be waited for
        raise DataError(f"'{path}' is not a file that can be read.")
    try:
        with path.open("rb"):
            pass
    except OSError as problem:
        raise DataError(f"'{path}' cannot be read ({reason(problem)}).") from None


def _unreadable(path: Path, error: Exception) -> str:
    if isinstance(error, ValueError) and "allow_pickle" in str(error):
        return f"'{path}' holds Python objects, which are not read; save its texts as np.array([...], dtype=str)."
    if isinstance(error, MemoryError):
        return f"There is not enough memory for '{path}'."
    kind = "archive" if isinstance(error, zipfile.BadZipFile) or path.suffix == ".npz" else "array"
    return f"'{path}' is damaged or no NumPy {kind}."


def _told(array: NDArray[Any]) -> str:
    return f"{array.dtype} {' x '.join(map(str, array.shape)) or 'alone'}"


def _listed(names: Any) -> str:
    return ", ".join(f"'{name}'" for name in list(names)[:8]) or "nothing"
