"""NUS-WIDE (Chua et al., CIVR 2009) as zero-shot learning uses it: 925 Flickr tags seen, 81 checked concepts unseen.

The lists are read as the authors distribute them: `ImageList/TrainImagelist.txt` and `TestImagelist.txt` (lines FOLDER\\FILE),
`NUS_WID_Tags/TagList1k.txt` with `Train_Tags1k.dat` and `Test_Tags1k.dat` (a row of 0 and 1 a photo), or `AllTags1k.txt` with
`ImageList/Imagelist.txt`; `Concepts81.txt` (also in `ConceptsList/`) and `Groundtruth/TrainTestLabels/Labels_CONCEPT_Train.txt` and
`..._Test.txt` (0 or 1 a line). Photos lie in `Flickr/`, `images/` or `image/`; those that are not there are left out.

Seen are the 1000 frequent tags less those that are concepts as well (925 in the original lists), as in Huynh and Elhamifar (CVPR
2020) and BiAM. Tags are what people wrote, so untagged is no sure no; concepts were checked by hand. A tenth of the training photos
is kept to choose settings on; no tag is held out for that, so sets of seen tags are drawn (`tasks.multilabel.choice`).
"""

from __future__ import annotations

import codecs
import hashlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from zslviz.catalogue import DataCard
from zslviz.datasets.files import first_of, is_there, read_lines
from zslviz.datasets.multi_label import known_labels
from zslviz.errors import DataError
from zslviz.files import check_file, reason
from zslviz.tasks.multilabel.data import MultiLabelDataset
from zslviz.tasks.multilabel.space import LabelSpace
from zslviz.words.source import WordSource

TERMS = "Photos of Flickr users under their own terms (NUS-WIDE, Chua et al. 2009); they are not distributed."
CARDS = {
    "nuswide": DataCard(
        "many labels (NUS-WIDE)",
        TERMS,
        non_commercial=True,
        citation="Chua et al., NUS-WIDE: A Real-World Web Image Database, CIVR 2009",
    )
}
PHOTO_FOLDERS = ("Flickr", "images", "image")
_VALIDATION = 10  # one photo of so many
Tags = NDArray[np.int8]


def load(name: str, folder: Path, words: WordSource) -> MultiLabelDataset:
    """Reads the folder. Raises DataError."""
    listed = {part: _photo_names(folder / "ImageList" / f"{part}Imagelist.txt") for part in ("Train", "Test")}
    photos = _photo_folder(folder)
    present = {part: np.array([is_there(photos / n) for n in names], dtype=bool) for part, names in listed.items()}
    twice = set(listed["Train"]) & set(listed["Test"])
    if twice:
        raise DataError(f"'{min(twice)}' is listed both to train and to test on.")
    if not all(there.any() for there in present.values()):
        raise DataError(f"None of the listed photos to train or to test on is in '{photos}'.")
    concepts = read_lines(first_of(folder / "Concepts81.txt", folder / "ConceptsList" / "Concepts81.txt"))
    tag_names = read_lines(folder / "NUS_WID_Tags" / "TagList1k.txt")
    kept_tags = np.array([tag not in set(concepts) for tag in tag_names])
    if not concepts or not tag_names:
        raise DataError(f"'{folder}' lists no {'tags' if concepts else 'concepts'}.")
    columns, files = [], []
    for part, names in listed.items():
        there = present[part]
        tags = _tags(folder, part, names, len(tag_names))[there][:, kept_tags]
        checked = np.stack([_checked(folder, concept, part, len(names)) for concept in concepts], axis=1)[there]
        columns.append(np.concatenate([tags, checked], axis=1))
        files += [photos / name for name, is_there in zip(names, there, strict=True) if is_there]
    names = [tag for tag, kept in zip(tag_names, kept_tags, strict=True) if kept] + concepts
    known, vectors = known_labels(names, words)
    seen = (np.arange(len(names)) < kept_tags.sum())[known]
    table = np.concatenate(columns)[:, known]
    in_training = np.arange(len(files)) < present["Train"].sum()
    tagged = (table[:, seen] == 1).any(axis=1)  # without one, a photo has nothing to rank
    for_validation = np.array([_drawn(file) for file in files])
    left_out = len(names) - len(known)
    return MultiLabelDataset(
        "nuswide",
        tuple(files),
        LabelSpace(tuple(names[i] for i in known), seen, vectors, words.name, name="nuswide"),
        table,
        np.flatnonzero(in_training & tagged & ~for_validation),
        np.flatnonzero(in_training & tagged & for_validation),
        np.flatnonzero(~in_training),
        np.zeros(len(known), dtype=bool),
        TERMS,
        "Seen labels are tags that people wrote: what is untagged may be in the picture all the same. Photos that are no longer "
        f"to be had are left out{f', and {left_out} labels without a word vector' if left_out else ''}.",
    )


def _photo_names(path: Path) -> list[str]:
    return [line.replace("\\", "/") for line in read_lines(path)]


def _photo_folder(folder: Path) -> Path:
    for name in PHOTO_FOLDERS:
        if (folder / name).is_dir():
            return folder / name
    raise DataError(f"'{folder}' has no photos: put them into '{PHOTO_FOLDERS[0]}', in their folders as listed.")


def _tags(folder: Path, part: str, names: list[str], count: int) -> Tags:
    """1 tagged or -1 untagged for the photos of a part: [N, count]."""
    own = folder / "NUS_WID_Tags" / f"{part}_Tags1k.dat"
    every = folder / "NUS_WID_Tags" / "AllTags1k.txt"
    if is_there(own) or not is_there(every):
        return _table(own, len(names), count)
    order = _photo_names(folder / "ImageList" / "Imagelist.txt")
    table = _table(every, len(order), count)
    row_of = {name: row for row, name in enumerate(order)}
    missing = [name for name in names if name not in row_of]
    if missing:
        raise DataError(f"'Imagelist.txt' does not list '{missing[0]}', a photo of '{part}Imagelist.txt'.")
    return table[[row_of[name] for name in names]]


def _checked(folder: Path, concept: str, part: str, count: int) -> Tags:
    """A concept of the photos of a part, 1 or -1: [N]."""
    places = (folder, folder / "Groundtruth", folder / "GroundTruth")
    path = first_of(*(place / "TrainTestLabels" / f"Labels_{concept}_{part}.txt" for place in places))
    return _table(path, count, 1)[:, 0]


def _table(path: Path, rows: int, columns: int) -> Tags:
    """A table of 0 and 1 as -1 and 1."""
    wrong = DataError(f"'{path}' must hold {rows} rows of {columns} zeros and ones, one for each photo of its list.")
    if not is_there(path):
        raise DataError(f"'{path}' is missing; the data folder is not complete.")
    check_file(path, DataError)
    table = np.zeros((rows, columns), dtype=np.int8)
    row, longest = 0, 8 * columns + 100
    try:
        with path.open("rb") as stream:
            while line := stream.readline(longest):
                line = line.removeprefix(codecs.BOM_UTF8) if not row else line
                if not line.strip():
                    continue
                digits = _digits(line)
                if digits is None or len(digits) != columns or row == rows:
                    raise wrong
                table[row] = digits
                row += 1
    except OSError as problem:
        raise DataError(f"'{path}' cannot be read ({reason(problem)}).") from None
    if row != rows:
        raise wrong
    return (2 * table - 1).astype(np.int8)


def _digits(line: bytes) -> NDArray[np.int8] | None:
    """A line's zeros and ones; None if it holds anything but them and space between them."""
    letters = np.frombuffer(line, dtype=np.uint8)
    digit = (letters == ord("0")) | (letters == ord("1"))
    space = (letters == ord(" ")) | (letters == ord("\t")) | (letters == ord("\r")) | (letters == ord("\n"))
    if not (digit | space).all() or (digit[1:] & digit[:-1]).any():
        return None
    return (letters[digit] - ord("0")).astype(np.int8)


def _drawn(file: Path) -> bool:
    """Whether a training photo is kept to choose settings on: the same ones on every machine."""
    digest = hashlib.sha256("/".join(file.parts[-2:]).encode()).digest()
    return digest[0] % _VALIDATION == 0
