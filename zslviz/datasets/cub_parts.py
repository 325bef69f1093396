"""Where the parts of CUB's birds are, and which parts an attribute speaks of.

CUB-200-2011 (Wah et al. 2011) marks 15 parts in every photo (`parts/parts.txt`, `parts/part_locs.txt`) and a box around the
bird (`bounding_boxes.txt`), in pixels of the original photo, by the ids of `images.txt`. Everything here is a fraction of the
photo's width and height and in the order of a data set's `files`, so that it holds for photos of any size. The originals'
sizes come from `image_sizes.txt` (id, width, height) where the photos were resized, else from the photos themselves, as they stand
upright. Places that do not fit these sizes are refused: figures made of them would say nothing.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from zslviz.datasets.files import optional, read_matrix, read_numbered
from zslviz.errors import DataError
from zslviz.photos.loading import upright_size
from zslviz.tasks.attributes.data import PartLocations, ZeroShotDataset

SLACK, WIDEST, STRAY = 0.005, 0.1, 0.01  # of a side; of a side; of the photos
FEW, MANY = 5, 20
REACH, REACH_OF_FEW = 0.8, 0.5  # of a side: how far the boxes of so many photos come at least
REMEDY = "list the originals' sizes (id, width, height) in 'image_sizes.txt'."

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
    names = read_numbered(folder / "images.txt", gapless=True)
    parts = tuple(read_numbered(folder / "parts" / "parts.txt", gapless=True))
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
    if len(np.unique(photo * len(parts) + part)) < len(marks):
        raise DataError("'part_locs.txt' must mark every part of every photo once.")
    placed[photo, part] = marks[:, 2:]
    left_top, extent = boxes[order, 1:3], boxes[order, 3:5]
    located = PartLocations(
        parts,
        (placed[order, :, :2] / sizes[:, None]).astype(np.float32),
        placed[order, :, 2] > 0,
        np.concatenate([left_top / sizes, (left_top + extent) / sizes], axis=1).astype(np.float32),
        PARTS_OF_GROUP,
    )
    _check_places(located, dataset)
    return located


def _check_places(located: PartLocations, dataset: ZeroShotDataset) -> None:
    """Raises DataError where parts or boxes cannot have been marked in photos of these sizes.

    CUB's own marks leave a photo in 30 of 11 788 photos, by 8 % of a side at most, and among any twenty of its photos
    a box comes near the right and the lower edge.
    """
    points = np.where(located.visible[..., None], located.points, 0.5)
    far = np.maximum(points.max(axis=(1, 2)), located.boxes.max(axis=1))
    near = np.minimum(points.min(axis=(1, 2)), located.boxes.min(axis=1))
    outside = (far > 1 + SLACK) | (near < -SLACK)
    wide = (far > 1 + WIDEST) | (near < -WIDEST)
    if wide.any() or outside.sum() > max(2, STRAY * len(outside)):
        first = dataset.files[int(np.argmax(wide if wide.any() else outside))]
        raise DataError(
            f"The parts were marked in photos of another size: in {int(outside.sum())} of {len(outside)} photos, such as "
            f"'{'/'.join(first.parts[-2:])}', they lie outside of it; {REMEDY}"
        )
    reach = float(located.boxes[:, 2:].max(axis=0).min())
    if len(outside) >= FEW and reach < (REACH if len(outside) >= MANY else REACH_OF_FEW):
        raise DataError(f"The parts were marked in smaller photos: no box comes near the edge; {REMEDY}")


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
    if optional(folder / "image_sizes.txt"):
        sizes = _numbered_table(folder / "image_sizes.txt", 3, count)[order, 1:]
        if (sizes < 1).any():
            raise DataError("'image_sizes.txt' gives a photo no width or no height.")
        return sizes
    sizes = np.array([upright_size(file) for file in dataset.files], dtype=np.float32)
    alike = (sizes == sizes[0]).all()
    if alike and len(sizes) >= FEW and (sizes[0, 0] == sizes[0, 1] or len(sizes) >= MANY):
        width, height = sizes[0].astype(int)
        raise DataError(
            f"All photos are {width} x {height}, so they were resized after their parts were marked; {REMEDY}"
        )
    return sizes


def _numbered_table(path: Path, columns: int, rows: int) -> NDArray[np.float32]:
    """A table of numbers whose first column is an id, in the order of the ids; where there is a row an id, they are 1, 2, 3, ..."""
    table = read_matrix(path)
    if table.shape != (rows, columns):
        raise DataError(f"'{path}' is {table.shape}; it must have {rows} rows of {columns} numbers.")
    if (np.diff(table[:, 0]) < 0).any():
        raise DataError(f"'{path}' must be sorted by its first column.")
    if len(np.unique(table[:, 0])) == rows and (table[:, 0] != np.arange(1, rows + 1)).any():
        raise DataError(f"'{path}' must number its rows from 1 on, without a gap.")
    return table
