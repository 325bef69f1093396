"""Where the parts of CUB's birds are, and which parts an attribute speaks of.

CUB-200-2011 (Wah et al. 2011) marks 15 parts in every photo (`parts/parts.txt`, `parts/part_locs.txt`) and a box around the
bird (`bounding_boxes.txt`), in pixels of the original photo, by the ids of `images.txt`. Everything here is a fraction of the
photo's width and height and in the order of a data set's `files`, so that it holds for photos of any size. The originals'
sizes come from `image_sizes.txt` (id, width, height) where the photos were resized, else from the photos themselves.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from zslviz.datasets.files import read_matrix, read_numbered
from zslviz.errors import DataError
from zslviz.tasks.attributes.data import PartLocations, ZeroShotDataset

_EYES = ("left eye", "right eye")
_WINGS = ("left wing", "right wing")
_BILL, _TAIL = ("beak",), ("tail",)

PARTS_OF_GROUP: dict[str, tuple[str, ...]] = {
    "bill shape": _BILL,
    "bill length": _BILL,
    "bill color": _BILL,
    "head pattern": ("crown", "forehead", "nape", *_EYES),
    "crown color": ("crown",),
    "forehead color": ("forehead",),
    "nape color": ("nape",),
    "eye color": _EYES,
    "throat color": ("throat",),
    "breast color": ("breast",),
    "breast pattern": ("breast",),
    "belly color": ("belly",),
    "belly pattern": ("belly",),
    "underparts color": ("throat", "breast", "belly"),
    "back color": ("back",),
    "back pattern": ("back",),
    "upperparts color": ("nape", "back", *_WINGS),
    "wing color": _WINGS,
    "wing pattern": _WINGS,
    "wing shape": _WINGS,
    "tail shape": _TAIL,
    "tail pattern": _TAIL,
    "upper tail color": _TAIL,
    "under tail color": _TAIL,
    "leg color": ("left leg", "right leg"),
}
"""Parts by attribute group. Size, shape and primary colour speak of the whole bird and have none.

Upper- and underparts follow bird topography as far as the 15 parts go; the patterns of the head (eyebrow, eye ring, cap, crest)
are given to its marked parts but the bill and the throat, which have groups of their own.
"""


def read_part_locations(dataset: ZeroShotDataset) -> PartLocations:
    """Reads parts and boxes beside the photos of a CUB data set. Raises DataError."""
    folder = dataset.files[0].parents[2]  # images/CLASS/FILE
    names = read_numbered(folder / "images.txt")
    parts = tuple(read_numbered(folder / "parts" / "parts.txt"))
    missing = {part for group in PARTS_OF_GROUP.values() for part in group} - set(parts)
    if missing:
        raise DataError(f"'{folder / 'parts' / 'parts.txt'}' does not list the part '{min(missing)}'.")
    marks = _numbered_table(folder / "parts" / "part_locs.txt", 5, len(names) * len(parts))
    boxes = _numbered_table(folder / "bounding_boxes.txt", 5, len(names))
    order = _order(dataset, names)
    sizes = _sizes(folder, dataset, len(names), order)  # [N, 2]

    placed = np.zeros((len(names), len(parts), 3), dtype=np.float32)
    photo, part = marks[:, 0].astype(int) - 1, marks[:, 1].astype(int) - 1
    if not (0 <= photo.min() <= photo.max() < len(names) and 0 <= part.min() <= part.max() < len(parts)):
        raise DataError("'part_locs.txt' counts photos or parts beyond the lists.")
    placed[photo, part] = marks[:, 2:]
    left_top, extent = boxes[order, 1:3], boxes[order, 3:5]
    return PartLocations(
        parts,
        (placed[order, :, :2] / sizes[:, None]).astype(np.float32),
        placed[order, :, 2] > 0,
        np.concatenate([left_top / sizes, (left_top + extent) / sizes], axis=1).astype(np.float32),
        PARTS_OF_GROUP,
    )


def _order(dataset: ZeroShotDataset, names: list[str]) -> NDArray[np.int64]:
    """For every photo of the data set its row in `images.txt`, which has another order than the split's list."""
    row = {name: i for i, name in enumerate(names)}
    listed = ["/".join(file.parts[-2:]) for file in dataset.files]
    strangers = [name for name in listed if name not in row]
    if strangers:
        raise DataError(f"'images.txt' does not list the photo '{strangers[0]}'.")
    return np.array([row[name] for name in listed], dtype=np.int64)


def _sizes(folder: Path, dataset: ZeroShotDataset, count: int, order: NDArray[np.int64]) -> NDArray[np.float32]:
    """Width and height [N, 2] of the photos that the places were marked in."""
    if (folder / "image_sizes.txt").is_file():
        return _numbered_table(folder / "image_sizes.txt", 3, count)[order, 1:]
    sizes = []
    for file in dataset.files:
        with Image.open(file) as photo:  # reads the header alone
            sizes.append(photo.size)
    return np.array(sizes, dtype=np.float32)


def _numbered_table(path: Path, columns: int, rows: int) -> NDArray[np.float32]:
    """A table of numbers whose first column is an id; rows in the order of the file must be in the order of the ids."""
    table = read_matrix(path)
    if table.shape != (rows, columns):
        raise DataError(f"'{path}' is {table.shape}; it must have {rows} rows of {columns} numbers.")
    if (np.diff(table[:, 0]) < 0).any():
        raise DataError(f"'{path}' must be sorted by its first column.")
    return table
