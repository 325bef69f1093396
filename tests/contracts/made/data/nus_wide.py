"""Four tags, one of which is a concept as well, and two concepts."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.contracts.made.photos import write_lines, write_photos

TAGS, CONCEPTS = ("sky", "tree", "people", "tiger"), ("tiger", "water")
PHOTOS = {"Train": 40, "Test": 6}
NEEDED = (
    "ImageList/TrainImagelist.txt",
    "ImageList/TestImagelist.txt",
    "NUS_WID_Tags/TagList1k.txt",
    "NUS_WID_Tags/Train_Tags1k.dat",
    "ConceptsList/Concepts81.txt",
    "Groundtruth/TrainTestLabels/Labels_water_Test.txt",
)


def make(folder: Path, name: str) -> Path:
    random = np.random.default_rng(0)
    write_lines(folder / "NUS_WID_Tags" / "TagList1k.txt", TAGS)
    write_lines(folder / "ConceptsList" / "Concepts81.txt", CONCEPTS)
    for part, count in PHOTOS.items():
        names = [f"{part.lower()}/{i}.jpg" for i in range(count)]
        write_lines(folder / "ImageList" / f"{part}Imagelist.txt", [name.replace("/", "\\") for name in names])
        tags = random.integers(0, 2, (count, len(TAGS)))
        tags[:, 0] |= ~tags[:, :-1].any(axis=1)  # a photo without a tag is left out
        write_lines(folder / "NUS_WID_Tags" / f"{part}_Tags1k.dat", ["\t".join(map(str, row)) for row in tags])
        for concept in CONCEPTS:
            path = folder / "Groundtruth" / "TrainTestLabels" / f"Labels_{concept}_{part}.txt"
            write_lines(path, [str(i % 2) for i in range(count)])
        write_photos(folder / "Flickr", names)
    return folder
