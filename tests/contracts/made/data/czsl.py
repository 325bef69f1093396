"""States and objects in the layout that the field's code uses, with its metadata."""

from __future__ import annotations

import json
from pathlib import Path

from tests.contracts.made.photos import write_lines, write_photos

SPLIT = "compositional-split-natural"
NEEDED = tuple(f"{SPLIT}/{part}_pairs.txt" for part in ("train", "val", "test"))
PAIRS = {
    "train": ("old clock", "new clock", "old car"),
    "val": ("old clock", "new car"),
    "test": ("new clock", "wet car"),
}


def make(folder: Path, name: str) -> Path:
    entries = []
    for part, pairs in PAIRS.items():
        write_lines(folder / SPLIT / f"{part}_pairs.txt", pairs)
        for pair in pairs * 3:
            state, object_ = pair.split()
            image = f"{pair}/{len(entries)}.jpg"
            entries.append({"image": image, "attr": state, "obj": object_, "set": part})
    (folder / f"metadata_{SPLIT}.json").write_text(json.dumps(entries), encoding="utf-8")
    write_photos(folder / "images", [entry["image"] for entry in entries])
    return folder
