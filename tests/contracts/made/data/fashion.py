"""Three colours of three garments; three of the nine pairs have no photo to train on."""

from __future__ import annotations

from pathlib import Path

from tests.contracts.made.photos import write_photos, write_rows

NEEDED = ("photos.csv",)
STATES, OBJECTS = ("red", "blue", "green"), ("shirt", "shoes", "bag")
UNSEEN = {"val_unseen": [("red", "bag")], "test_unseen": [("green", "shirt"), ("blue", "shoes")]}


def make(folder: Path, name: str) -> Path:
    hidden = [pair for pairs in UNSEEN.values() for pair in pairs]
    seen = [(state, object_) for state in STATES for object_ in OBJECTS if (state, object_) not in hidden]
    drawn = [("train", seen, 4), ("val_seen", seen, 1), ("test_seen", seen, 1)]
    drawn += [(part, pairs, 3) for part, pairs in UNSEEN.items()]
    shown = [(*pair, part) for part, pairs, each in drawn for pair in pairs * each]
    rows = [(f"{i}.png", *row) for i, row in enumerate(shown)]
    write_rows(folder / "photos.csv", "image,state,object,split", rows)
    write_photos(folder / "images", [row[0] for row in rows], seed=1)
    return folder
