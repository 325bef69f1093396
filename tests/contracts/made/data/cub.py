"""Birds, four classes of them."""

from __future__ import annotations

from pathlib import Path

from tests.datasets import layouts

NEEDED = ("classes.txt", "images.txt", "attributes/class_attribute_labels_continuous.txt", "image_files.txt")


def make(folder: Path, name: str) -> Path:
    return layouts.make_cub(folder)
