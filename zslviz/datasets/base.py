"""What a reader gives, and readers by name; any other name is one's own data (`zslviz.datasets.own`)."""

from __future__ import annotations

import importlib
import re
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from zslviz.errors import DataError, nearest_names
from zslviz.images import load_photo
from zslviz.semantics import SemanticSpace

PARTS = ("trainval", "test_seen", "test_unseen")
READERS = {"cub": "zslviz.datasets.cub", "awa2": "zslviz.datasets.awa2"}


class PhotoSet(Protocol):
    """Photos in a fixed order: what features are computed and cached of, whatever the photos are labelled with."""

    @property
    def name(self) -> str: ...

    @property
    def files(self) -> tuple[Path, ...]: ...

    def photo(self, index: int) -> Image.Image:
        """The photo as networks are to see it: upright RGB, without a border that is none of it."""


@dataclass(frozen=True, eq=False)
class ZeroShotDataset:
    """N photos of the classes of a SemanticSpace, parted by the proposed split (Xian et al. 2017).

    files: N paths. labels: int64 [N], index of the class. trainval, test_seen, test_unseen: photo indices.
    terms: one sentence on whose the photos are and what may be done with them. note: where the split comes from, in a few words.
    """

    name: str
    files: tuple[Path, ...]
    labels: NDArray[np.int64]
    space: SemanticSpace
    trainval: NDArray[np.int64]
    test_seen: NDArray[np.int64]
    test_unseen: NDArray[np.int64]
    terms: str
    note: str

    def __post_init__(self) -> None:
        if len(self.files) != len(self.labels):
            raise DataError(f"There are {len(self.files)} photos but {len(self.labels)} labels.")
        for part, seen in (("trainval", True), ("test_seen", True), ("test_unseen", False)):
            classes = np.unique(self.labels[getattr(self, part)])
            wrong = [c for c in classes if bool(self.space.seen[c]) is not seen]
            if wrong:
                raise DataError(
                    f"The split's part '{part}' holds photos of '{self.space.classes[wrong[0]]}', a class it must not "
                    "hold: the split belongs to another order of the photos."
                )

    def photo(self, index: int) -> Image.Image:
        """The photo, upright RGB. Raises ImageError."""
        return load_photo(self.files[index])

    @property
    def summary(self) -> str:
        """One sentence on the split: how many classes and photos of each kind there are, and where it comes from."""
        seen, unseen = int(self.space.seen.sum()), int((~self.space.seen).sum())
        return (
            f"{seen} seen and {unseen} unseen classes; {len(self.trainval)} photos to train on, {len(self.test_seen)} of seen and "
            f"{len(self.test_unseen)} of unseen classes to test on; {self.note}."
        )


def load_dataset(name: str, folder: str | Path) -> ZeroShotDataset:
    """Reads a data set from its folder: a built-in one by its name, any other name as one's own data. Raises DataError.

    The built-in data sets as their authors distribute them bring no word vectors of the attributes; those of a shipped
    checkpoint with the same attributes are taken then.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise DataError(f"The data folder '{folder}' does not exist.")
    if name not in READERS:
        return _load_own(name, folder)
    reader: Any = importlib.import_module(READERS[name])
    dataset: ZeroShotDataset = reader.load(folder)
    if dataset.space.word_vectors is not None:
        return dataset
    from zslviz.checkpoints import shipped_word_vectors  # only here, since it brings PyTorch along

    vectors = shipped_word_vectors(dataset.space.attributes)
    return replace(dataset, space=replace(dataset.space, word_vectors=vectors))


def with_word_vectors(dataset: ZeroShotDataset) -> ZeroShotDataset:
    """The data set with word vectors of its attributes: its own, or packaged GloVe's. Raises DataError, ConfigError."""
    if dataset.space.word_vectors is not None:
        return dataset
    from zslviz.words import WordVectors

    vectors = WordVectors.packaged().phrases(dataset.space.attribute_names)
    return replace(dataset, space=replace(dataset.space, word_vectors=vectors))


def _load_own(name: str, folder: Path) -> ZeroShotDataset:
    from zslviz.datasets import own
    from zslviz.datasets.own_split import TABLE

    if not (folder / TABLE).is_file():
        near = nearest_names(name, READERS)
        known = " and ".join(f"'{n}'" for n in READERS)
        hint = f"did you mean '{near[0]}'?" if len(near) == 1 else f"the built-in data sets are {known}."
        raise DataError(f"'{folder}' has no '{TABLE}', which data of one's own needs; {hint}")
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name):
        raise DataError(
            f"'{name}' cannot name data: use letters, digits, '.', '_' and '-', as it becomes a folder's name."
        )
    return own.load(folder, name)


def parse_data_argument(argument: str) -> tuple[str, Path]:
    """Splits the command line's `NAME=DIR` ("cub=/data/CUB_200_2011"). Raises DataError."""
    name, equals, folder = argument.partition("=")
    if not equals or not folder:
        raise DataError(f"'{argument}' does not say which data lies where; write for example cub=/data/CUB_200_2011.")
    return name, Path(folder)


def read_lines(path: Path) -> list[str]:
    """The non-empty lines of a list file, stripped. Raises DataError if it is not there."""
    try:
        return [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except OSError:
        raise DataError(f"'{path}' is missing; the data folder is not complete.") from None
    except UnicodeDecodeError:
        raise DataError(f"'{path}' is not a text file.") from None


def read_numbered(path: Path) -> list[str]:
    """The names of a list file of lines `NUMBER NAME`, in the order of their numbers."""
    pairs = [line.split(maxsplit=1) for line in read_lines(path)]
    if any(len(pair) != 2 or not pair[0].isdigit() for pair in pairs):
        raise DataError(f"'{path}' must hold lines of a number and a name.")
    return [name.strip() for _, name in sorted(pairs, key=lambda pair: int(pair[0]))]


def read_matrix(path: Path) -> NDArray[np.float32]:
    """A white-space separated table of numbers. Raises DataError."""
    try:
        return np.loadtxt(path, dtype=np.float32, ndmin=2)
    except (OSError, ValueError):
        raise DataError(f"'{path}' is missing or is not a table of numbers.") from None


def optional_word_vectors(folder: Path, attributes: int) -> NDArray[np.float32] | None:
    """`attribute_word_vectors.npy` [A, D] of the folder, or None if there is none. Raises DataError."""
    path = folder / "attribute_word_vectors.npy"
    if not path.is_file():
        return None
    vectors = np.load(path, allow_pickle=False).astype(np.float32)
    if vectors.ndim != 2 or vectors.shape[0] != attributes:
        raise DataError(f"'{path}' is {vectors.shape}; it must have a row for each of the {attributes} attributes.")
    return vectors


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
