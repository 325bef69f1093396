"""Ten tags, two of them held out to choose settings on and two to test."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.contracts.made.photos import write_photos, write_rows

NEEDED = ("labels.csv", "photos.csv")
LABELS = ("sky", "water", "tree", "people", "grass", "sand", "snow", "horse", "plane", "tiger")
PARTS = ("seen",) * 6 + ("val_unseen",) * 2 + ("unseen",) * 2
TRAIN, VAL, TEST = 20, 8, 8


def make(folder: Path, name: str) -> Path:
    random = np.random.default_rng(0)
    write_rows(folder / "labels.csv", "label,split", zip(LABELS, PARTS, strict=True))
    rows = []
    for i, part in enumerate(["train"] * TRAIN + ["val"] * VAL + ["test"] * TEST):
        tags = {LABELS[i % len(LABELS)], *map(str, random.choice(LABELS, 3))}
        rows.append((f"{i}.png", part, ";".join(sorted(tags))))
    write_rows(folder / "photos.csv", "image,split,labels", rows)
    write_photos(folder / "images", [row[0] for row in rows])
    return folder
