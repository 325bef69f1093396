"""Animals, four classes of them."""

from __future__ import annotations

from pathlib import Path

from tests.datasets import layouts

NEEDED = ("classes.txt", "predicates.txt", "predicate-matrix-continuous.txt", "image_files.txt")


def make(folder: Path, name: str) -> Path:
    return layouts.make_awa2(folder)
