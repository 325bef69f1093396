"""Tiny photos and tables of files, for made data sets."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image


def write_photos(folder: Path, names: Iterable[str], seed: int = 0) -> None:
    """Photos of 6 x 4 coloured blocks, each another, under these names."""
    random = np.random.default_rng(seed)
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        blocks = random.integers(0, 255, (4, 6, 3), dtype=np.uint8)
        Image.fromarray(blocks).resize((48, 32), Image.Resampling.NEAREST).save(path)


def write_rows(path: Path, header: str, rows: Iterable[Sequence[str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([header.split(","), *rows])


def write_lines(path: Path, lines: Iterable[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
