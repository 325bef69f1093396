"""A small folder of one's own data: five classes, the last of which has no photo."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from zslviz.tasks.attributes.data import ZeroShotDataset

CLASSES = ("ant", "bee", "cow", "dog", "elk")
TABLE = "class,color::black,color::brown,legs\n" + "".join(f"{c},0.{i},0.5,{i % 2}\n" for i, c in enumerate(CLASSES))


def make(folder: Path, photos: int = 5, table: str = TABLE, under: str = "images") -> Path:
    """A folder of small photos; the last class has none."""
    for index, name in enumerate(CLASSES[:-1]):
        where = folder / under / name
        where.mkdir(parents=True)
        for number in range(photos):
            Image.new("RGB", (12, 10), (40 * index, 9 * number, 7)).save(where / f"{number}.jpg")
    (folder / "attributes.csv").write_text(table)
    return folder


def names(dataset: ZeroShotDataset, part: str) -> list[str]:
    return [f"{f.parent.name}/{f.name}" for f in (dataset.files[i] for i in getattr(dataset, part))]


TRAIN = [f"{c}/{i}.jpg,trainval" for c in ("ant", "bee", "cow") for i in range(2)]


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """Four classes of photos, with word vectors."""
    folder = make(tmp_path / "photos")
    for file in sorted((folder / "images").rglob("*.jpg")):
        Image.open(file).resize((48, 40)).save(file)
    np.save(folder / "attribute_word_vectors.npy", np.random.default_rng(0).normal(size=(3, 8)).astype(np.float32))
    return folder
