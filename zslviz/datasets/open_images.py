"""Open Images V4 (Kuznetsova et al., IJCV 2020) as zero-shot learning uses it: 7186 trainable labels seen, 400 others unseen.

The lists are read as they are distributed: `class-descriptions.csv` (label id, name), `classes-trainable.txt` (label ids), and for
each PART of `train`, `validation` and `test` the file `PART-annotations-human-imagelabels.csv` (ImageID, Source, LabelName,
Confidence), in the folder or in `PART/`. Photos lie in `PART/` or `images/PART/` as ID.jpg; only those that are there count, so a
part of the photos will do.

A label that people confirmed (confidence 1) is tagged, one that they denied (0) is not, every other one is unknown.
Unseen labels are those of `classes-unseen.txt` (ids or names); without it the 400 other labels that are most often confirmed in
the test photos, as Huynh and Elhamifar (CVPR 2020) choose them.
"""

from __future__ import annotations

import csv
import io
import itertools
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from zslviz.catalogue import DataCard
from zslviz.datasets.files import first_of, is_there, near, optional, read_lines, read_text
from zslviz.datasets.multi_label import known_labels
from zslviz.errors import DataError
from zslviz.files import check_file, reason
from zslviz.files.tabular import brief, tidy
from zslviz.photos.finding import find_photos
from zslviz.tasks.multilabel.data import MultiLabelDataset
from zslviz.tasks.multilabel.space import LabelSpace
from zslviz.words.source import WordSource

TERMS = "Photos under CC BY 2.0, annotations under CC BY 4.0 (Open Images V4, Kuznetsova et al. 2020); not distributed here."
CARDS = {
    "openimages": DataCard(
        "many labels (Open Images)",
        TERMS,
        non_commercial=False,
        citation="Kuznetsova et al., The Open Images Dataset V4, IJCV 2020",
    )
}
PARTS = ("train", "validation", "test")
UNSEEN = 400
_MAX_CELLS = 4 * 10**9  # a byte each
_COLUMNS = ("ImageID", "LabelName", "Confidence")


def load(name: str, folder: Path, words: WordSource) -> MultiLabelDataset:
    """Reads the folder. Raises DataError."""
    name_of = _descriptions(folder / "class-descriptions.csv")
    trainable = read_lines(folder / "classes-trainable.txt")
    photos = {part: _photos(folder, part) for part in PARTS}
    if not photos["train"] or not photos["test"]:
        missing = "train" if not photos["train"] else "test"
        raise DataError(f"There are no photos in '{folder / missing}'; put some of them there as ID.jpg.")
    unseen = _unseen(folder, name_of, set(trainable), photos["test"])
    ids = [*trainable, *unseen]
    known, vectors = known_labels([name_of.get(i, i) for i in ids], words, unique=True)
    ids = [ids[i] for i in known]
    files = [file for part in PARTS for file in photos[part].values()]
    if len(files) * len(ids) > _MAX_CELLS:
        raise DataError(f"{len(files)} photos with {len(ids)} labels each do not fit into memory; take fewer photos.")
    table = np.zeros((len(files), len(ids)), dtype=np.int8)
    column_of = {label: column for column, label in enumerate(ids)}
    row_of = {(part, image): row for row, (part, image) in enumerate((p, i) for p in PARTS for i in photos[p])}
    for part in PARTS:
        for image, label, confirmed in _annotations(folder, part) if photos[part] else ():
            row, column = row_of.get((part, image)), column_of.get(label)
            if row is not None and column is not None:
                table[row, column] = 1 if confirmed else -1
    edges = np.cumsum([0, *(len(photos[part]) for part in PARTS)])
    train, val, test = (np.arange(a, b, dtype=np.int64) for a, b in itertools.pairwise(edges))
    seen = np.isin(ids, trainable)
    return MultiLabelDataset(
        "openimages",
        tuple(files),
        LabelSpace(tuple(name_of.get(i, i) for i in ids), seen, vectors, words.name, name="openimages"),
        table,
        train[(table[train][:, seen] == 1).any(axis=1)],
        val,
        test,
        np.zeros(len(ids), dtype=bool),
        TERMS,
        "Only what people confirmed or denied counts; every other label of a photo is unknown. "
        f"{len(trainable) + len(unseen) - len(ids)} labels without a word vector of their own are left out.",
    )


def _descriptions(path: Path) -> dict[str, str]:
    """Names by label id; a first line of column names is passed over."""
    try:
        rows = [[tidy(cell) for cell in row] for row in csv.reader(io.StringIO(read_text(path), newline=""))]
    except csv.Error:
        raise DataError(f"'{path}' is not a CSV file in UTF-8.") from None
    rows = [row for row in rows if any(row)]
    if any(len(row) < 2 for row in rows):
        raise DataError(f"'{path}' must hold a label id and a name a line.")
    return {row[0]: row[1] for row in rows if row[0] != "LabelName"}


def _photos(folder: Path, part: str) -> dict[str, Path]:
    """Photos of a part by their ids, in the order of the ids."""
    for where in (folder / "images" / part, folder / part):
        if where.is_dir() and (files := find_photos(where).photos):
            return {file.stem: file for file in files}
    return {}


def _annotations(folder: Path, part: str) -> Iterator[tuple[str, str, bool]]:
    """(image id, label id, whether it is there) of every verified label."""
    name = f"{part}-annotations-human-imagelabels.csv"
    path = first_of(folder / name, folder / part / name)
    if not is_there(path):
        raise DataError(f"'{path}' is missing; the data folder is not complete.")
    check_file(path, DataError)
    try:
        with path.open(newline="", encoding="utf-8-sig") as stream:
            reader = csv.reader(stream)
            header = [cell.strip() for cell in next(reader, [])]
            if any(column not in header for column in _COLUMNS):
                raise DataError(f"'{path}' must have the columns {', '.join(_COLUMNS)}.")
            image, label, confidence = (header.index(column) for column in _COLUMNS)
            for row in reader:
                if any(map(str.strip, row)):
                    yield row[image], row[label], _confirmed(row[confidence], f"line {reader.line_num} of '{path}'")
    except OSError as problem:
        raise DataError(f"'{path}' cannot be read ({reason(problem)}).") from None
    except (UnicodeDecodeError, csv.Error, ValueError, IndexError):
        raise DataError(f"'{path}' is not a table of verified labels.") from None


def _confirmed(confidence: str, where: str) -> bool:
    """Whether people said that a label is there. Raises DataError for what is no confidence."""
    value = float(confidence)
    if not 0 <= value <= 1:
        raise DataError(f"The confidence in {where} is {value:g}; it must lie between 0 and 1.")
    return value > 0.5


def _unseen(folder: Path, name_of: dict[str, str], trainable: set[str], test: dict[str, Path]) -> list[str]:
    """Ids of the unseen labels."""
    path = folder / "classes-unseen.txt"
    if not optional(path):
        counts = Counter(
            label
            for image, label, confirmed in _annotations(folder, "test")
            if confirmed and image in test and label not in trainable
        )
        return [label for label, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:UNSEEN]]
    id_of = {spelled(name): label for spelled in (str.casefold, str) for label, name in [*name_of.items()][::-1]}
    found = []
    for line in read_lines(path):
        label = line if line in name_of else id_of.get(line, id_of.get(line.casefold()))
        if label is None:
            hint = near(line, list(name_of.values()))
            raise DataError(f"'{path}' names '{brief(line)}', which 'class-descriptions.csv' does not have{hint}")
        if label in trainable:
            raise DataError(f"'{path}' names '{line}', a label of 'classes-trainable.txt'.")
        found.append(label)
    return found
