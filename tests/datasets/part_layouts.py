"""Part marks and boxes for the tiny CUB of `layouts`, in the files that CUB-200-2011 has."""

from __future__ import annotations

from pathlib import Path

from tests.datasets.layouts import CUB_CLASSES, numbered, photo_names

ALL_PARTS = (
    "back", "beak", "belly", "breast", "crown", "forehead", "left eye", "left leg", "left wing", "nape", "right eye",
    "right leg", "right wing", "tail", "throat",
)  # fmt: skip


def part_place(photo: int, part: int) -> tuple[int, int]:
    """Where a part is marked in the photo at a place of `images.txt`, in pixels of the original."""
    return 5 + 2 * part + photo, 36 - 2 * part


def add_parts(folder: Path, sizes: list[tuple[int, int]]) -> None:
    """Writes parts, boxes and sizes of the originals; in photo i the part i is hidden."""
    (folder / "parts").mkdir()
    (folder / "parts" / "parts.txt").write_text(numbered(ALL_PARTS))
    marks, boxes, listed = [], [], []
    for photo in range(len(photo_names(CUB_CLASSES))):
        for part in range(len(ALL_PARTS)):
            x, y = part_place(photo, part)
            marks.append(f"{photo + 1} {part + 1} {x}.0 {y}.0 {int(part != photo % len(ALL_PARTS))}")
        width, height = sizes[photo]
        boxes.append(f"{photo + 1} 10.0 20.0 {width - 15}.0 {height - 24}.0")
        listed.append(f"{photo + 1} {width} {height}")
    (folder / "parts" / "part_locs.txt").write_text("\n".join(marks) + "\n")
    (folder / "bounding_boxes.txt").write_text("\n".join(boxes) + "\n")
    (folder / "image_sizes.txt").write_text("\n".join(listed) + "\n")
