"""Animals with the AWA2 attributes (Xian et al. 2018): 50 animals, 85 attributes, 40 seen classes in the proposed split.

Two layouts are read. As AWA2's authors distribute it: `JPEGImages/CLASS/*.jpg`, `classes.txt`, `predicates.txt`,
`predicate-matrix-continuous.txt`, `testclasses.txt`, with `att_splits.mat` + `res101.mat` of xlsa17 or `proposed_split.npz`
+ `image_files.txt` for the photos' split. Or one's own photos of the same animals: `images/` with a `photos.csv` of columns
`image,class,split` (`trainval`, `test_seen`, `test_unseen`); there, classes without a photo are left out of the space, since a
class that was neither trained on nor can be tested is neither seen nor a fair candidate.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from zslviz.catalogue import DataCard
from zslviz.datasets.files import (
    Finder,
    is_there,
    near,
    optional,
    optional_word_vectors,
    per_cent,
    read_lines,
    read_matrix,
    read_numbered,
    read_rows,
)
from zslviz.datasets.proposed_split import labels_of, read_proposed_split
from zslviz.datasets.word_vectors import with_shipped_vectors
from zslviz.errors import DataError
from zslviz.tasks.attributes import space as plain
from zslviz.tasks.attributes.data import PARTS, ZeroShotDataset
from zslviz.tasks.attributes.space import SemanticSpace
from zslviz.words.source import WordSource

TERMS = "Animals with Attributes 2 (Xian et al. 2018): photos under various Creative Commons licences."
OWN_TERMS = (
    "Photos of 40 of the AWA2 animals gathered from public collections (not AWA2's own): research use; they are "
    "not distributed. Attributes: Animals with Attributes 2 (Xian et al. 2018)."
)
WORDS: dict[str, str] = {
    "toughskin": "tough skin", "longleg": "long legs", "longneck": "long neck", "chewteeth": "chewing teeth",
    "meatteeth": "meat-eating teeth", "buckteeth": "buck teeth", "strainteeth": "straining teeth",
    "quadrapedal": "four-legged", "bipedal": "two-legged", "newworld": "new world", "oldworld": "old world",
    "nestspot": "has a nest spot", "flys": "flies", "fish": "eats fish", "meat": "eats meat",
    "plankton": "eats plankton", "vegetation": "eats plants", "insects": "eats insects", "bush": "bushland",
    "ground": "lives on the ground", "water": "lives in water", "tree": "lives in trees", "cave": "lives in caves",
    "bulbous": "bulbous body", "lean": "lean body", "muscle": "muscular", "agility": "agile",
    "group": "lives in groups",
}  # fmt: skip
"""Attributes that read otherwise than they are written: run-together words are parted, a bare noun says what it is about."""

INVISIBLE = (
    "fish", "meat", "plankton", "vegetation", "insects",  # what it eats
    "forager", "grazer", "hunter", "scavenger", "skimmer", "stalker",  # how it gets it
    "active", "inactive", "nocturnal", "hibernate",  # when it is awake
    "fast", "slow", "agility", "strong", "weak",  # what it can do
    "fierce", "timid", "smart", "smelly",  # its temper, and its smell
    "newworld", "oldworld",  # the part of the world; "arctic" and habitats can be around it in the photo
    "solitary", "domestic", "nestspot",  # how it lives; a herd ("group") can be in the photo
)  # fmt: skip
"""Habits and abilities, which are at no place of a photo; bodies, poses and surroundings can be."""


def readable_class(name: str) -> str:
    """`killer+whale` -> "Killer whale"."""
    return plain.readable_class(name.replace("+", " "))


def readable_attribute(name: str) -> str:
    """`longneck` -> "long neck"; `water` -> "lives in water"."""
    return WORDS.get(name) or plain.readable_attribute(name.replace("+", " "))


CARDS = {
    "awa2": DataCard(
        "animals (AWA2)",
        TERMS,
        non_commercial=True,
        citation="Xian et al., Zero-Shot Learning: A Comprehensive Evaluation, TPAMI 2018",
        described="Animals with Attributes 2, proposed split (40 seen / 10 unseen classes, 85 attributes)",
        classes=50,
        partly="animals with the AWA2 attributes: own photos of {counts} of the proposed split, 85 attributes",
        partly_caution="The photos are not AWA2's own, so these figures never stand beside published AWA2 figures.",
        readable_class=readable_class,
        readable_attribute=readable_attribute,
        invisible=INVISIBLE,
    )
}
GROUPS: dict[str, tuple[str, ...]] = {
    "color": ("black", "white", "blue", "brown", "gray", "orange", "red", "yellow"),
    "coat and pattern": ("patches", "spots", "stripes", "furry", "hairless", "toughskin"),
    "size and build": ("big", "small", "bulbous", "lean", "longleg", "longneck"),
    "limbs and tail": ("flippers", "hands", "hooves", "pads", "paws", "claws", "tail"),
    "head": ("chewteeth", "meatteeth", "buckteeth", "strainteeth", "horns", "tusks"),
    "movement": ("flys", "hops", "swims", "tunnels", "walks", "fast", "slow", "bipedal", "quadrapedal", "agility"),
    "strength": ("strong", "weak", "muscle"),
    "daily rhythm": ("active", "inactive", "nocturnal", "hibernate"),
    "food": ("fish", "meat", "plankton", "vegetation", "insects"),
    "feeding": ("forager", "grazer", "hunter", "scavenger", "skimmer", "stalker"),
    "region": ("newworld", "oldworld", "arctic"),
    "habitat": (
        "coastal", "desert", "bush", "plains", "forest", "fields", "jungle", "mountains", "ocean", "ground", "water", "tree",
        "cave", "nestspot",
    ),
    "temper": ("fierce", "timid", "smart", "smelly"),
    "company": ("group", "solitary", "domestic"),
}  # fmt: skip
"""The 85 attributes by meaning, as the page groups them; AWA2 itself has no groups."""


def load(name: str, folder: Path, words: WordSource) -> ZeroShotDataset:
    """Reads either layout. Raises DataError."""
    nested = folder / "Animals_with_Attributes2"
    folder = nested if is_there(nested / "predicates.txt") else folder
    space = read_space(folder)
    if optional(folder / "photos.csv"):
        return with_shipped_vectors(_own_photos(folder, space))
    return with_shipped_vectors(_original(folder, space))


def read_space(folder: Path) -> SemanticSpace:
    """Classes, attributes and the continuous predicate matrix as fractions; a missing value (-1) takes the attribute's mean."""
    classes = read_numbered(folder / "classes.txt")
    attributes = read_numbered(folder / "predicates.txt")
    matrix = folder / "predicate-matrix-continuous.txt"
    values = per_cent(read_matrix(matrix), matrix)
    if values.shape != (len(classes), len(attributes)):
        raise DataError(f"The predicate matrix is {values.shape}, not {len(classes)} classes x {len(attributes)}.")
    if (values < 0).all(axis=0).any():
        unknown = attributes[int((values < 0).all(axis=0).argmax())]
        raise DataError(f"'{matrix}' has no value of '{unknown}' for any class.")
    known = np.ma.masked_less(values, 0.0)
    table = known.filled(known.mean(axis=0)[None, :].repeat(len(classes), axis=0)) / np.float32(100.0)
    unseen = set(read_lines(folder / "testclasses.txt"))
    strangers = sorted(unseen - set(classes))
    if strangers:
        raise DataError(
            f"'testclasses.txt' names '{strangers[0]}', which 'classes.txt' does not have{near(strangers[0], classes)}"
        )
    group_of = {attribute: group for group, members in GROUPS.items() for attribute in members}
    return SemanticSpace(
        tuple(classes),
        tuple(attributes),
        tuple(group_of.get(a, "other") for a in attributes),
        table.astype(np.float32),
        np.array([c not in unseen for c in classes]),
        optional_word_vectors(folder, len(attributes)),
        name="awa2",
    )


def _own_photos(folder: Path, space: SemanticSpace) -> ZeroShotDataset:
    class_of = {name: i for i, name in enumerate(space.classes)}
    files: list[Path] = []
    labels: list[int] = []
    members: dict[str, list[int]] = {part: [] for part in PARTS}
    photos = Finder(folder / "images")
    for line, row in read_rows(folder / "photos.csv", "image", "class", "split"):
        if row["class"] not in class_of or row["split"] not in members or not row["image"]:
            raise DataError(f"Line {line} of 'photos.csv' needs an image, a class of 'classes.txt' and a split.")
        file = photos.find(row["image"])
        if file is None:
            raise DataError(f"Line {line} of 'photos.csv' lists '{row['image']}', a photo that is not in 'images'.")
        members[row["split"]].append(len(files))
        files.append(file)
        labels.append(class_of[row["class"]])
    if not files:
        raise DataError(f"'{folder / 'photos.csv'}' lists no photo.")
    present, compact = np.unique(np.array(labels, dtype=np.int64), return_inverse=True)
    return ZeroShotDataset(
        "awa2",
        tuple(files),
        compact.astype(np.int64),
        space.take_classes(present),
        **{part: np.array(indices, dtype=np.int64) for part, indices in members.items()},
        terms=OWN_TERMS,
        note="classes as in the proposed split, photos as in 'photos.csv'",
        left_out="",
    )


def _original(folder: Path, space: SemanticSpace) -> ZeroShotDataset:
    names, split = read_proposed_split(folder)
    labels = labels_of(names, list(space.classes))
    seen = np.unique(labels[split["trainval"]])
    return ZeroShotDataset(
        "awa2",
        tuple(folder / "JPEGImages" / n for n in names),
        labels,
        space.with_seen([int(c) for c in seen]),
        **split,
        terms=TERMS,
        note="the proposed split",
        left_out="",
    )
