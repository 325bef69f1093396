"""Two trainable labels, and two others that people confirmed in test photos."""

from __future__ import annotations

from pathlib import Path

from tests.contracts.made.photos import write_lines, write_photos, write_rows

NAMES = {"/m/s": "Sky", "/m/t": "Tree", "/m/w": "Water", "/m/g": "Tiger"}
TRAINABLE = ("/m/s", "/m/t")
PHOTOS = {"train": 6, "validation": 3, "test": 4}
ANNOTATIONS = "{part}/{part}-annotations-human-imagelabels.csv"
NEEDED = ("class-descriptions.csv", "classes-trainable.txt", ANNOTATIONS.format(part="test"))


def make(folder: Path, name: str) -> Path:
    write_lines(folder / "class-descriptions.csv", [f"{label},{text}" for label, text in NAMES.items()])
    write_lines(folder / "classes-trainable.txt", TRAINABLE)
    for part, count in PHOTOS.items():
        rows = [
            (f"{part}{i}", "verification", label, str(int((i + j) % 3 != 0)))
            for i in range(count)
            for j, label in enumerate(NAMES)
        ]
        write_rows(folder / ANNOTATIONS.format(part=part), "ImageID,Source,LabelName,Confidence", rows)
        write_photos(folder / part, [f"{part}{i}.jpg" for i in range(count)])
    return folder
