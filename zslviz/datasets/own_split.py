"""Which classes of one's own data are unseen, and which photos are kept for testing: as the person says, or picked."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from zslviz.datasets.files import near, optional, read_lines, read_rows
from zslviz.errors import DataError
from zslviz.files.tabular import brief, tidy
from zslviz.tasks.attributes.data import PARTS
from zslviz.tasks.attributes.space import SemanticSpace

TABLE, UNSEEN, SPLIT = "attributes.csv", "unseen.txt", "split.csv"
HELD_OUT_CLASSES = 0.2
HELD_OUT_PHOTOS = 0.2
MIN_SEEN_CLASSES = 3  # training holds one of them out to choose its settings on, and needs two to tell apart
MIN_TRAINING_PHOTOS = 2  # of a class: one to train on, one to choose settings on


@dataclass(frozen=True)
class Photos:
    """Photos in the table's order of classes. names: CLASS/FILE, tidied; labels: index of the class."""

    files: tuple[Path, ...]
    names: tuple[str, ...]
    labels: NDArray[np.int64]

    def of(self, label: int) -> list[int]:
        return [int(i) for i in np.flatnonzero(self.labels == label)]


def declared_unseen(folder: Path, space: SemanticSpace, marked: bool) -> set[int] | None:
    """Classes that the person calls unseen, in `unseen.txt` or the table's column "seen"; None if neither is there."""
    if not optional(folder / UNSEEN):
        return {int(c) for c in space.unseen_classes} if marked else None
    position = {tidy(name): index for index, name in enumerate(space.classes)}
    names = read_lines(folder / UNSEEN)
    for name in names:
        if name not in position:
            raise DataError(
                f"'{folder / UNSEEN}' names '{brief(name)}', a class that '{TABLE}' does not have{near(name, space.classes)}"
            )
    return {position[name] for name in names}


def choose_unseen(space: SemanticSpace, counts: NDArray[np.int64], declared: set[int] | None) -> tuple[set[int], str]:
    """The unseen classes, and in words where they come from."""
    without = {int(c) for c in np.flatnonzero(counts == 0)}
    if declared is not None:
        return declared | without, "unseen classes as they are named"
    pictured = [int(c) for c in np.flatnonzero(counts)]
    count = max(1, round(len(pictured) * HELD_OUT_CLASSES))
    if len(pictured) - count < MIN_SEEN_CLASSES:
        raise DataError(
            f"Only {_count(len(pictured), 'class', 'classes')} of '{TABLE}' have photos; at least {MIN_SEEN_CLASSES + 1} are "
            f"needed: {MIN_SEEN_CLASSES} to train on and one that is kept as unseen."
        )
    picked = _first_by_digest(pictured, lambda c: space.classes[c], count)
    return without | set(
        picked
    ), "the unseen classes were picked by a digest of their names; name others in 'unseen.txt'"


def choose_test_photos(space: SemanticSpace, photos: Photos, unseen: set[int]) -> dict[str, NDArray[np.int64]]:
    """A fifth of every seen class's photos for testing, and all photos of unseen classes. Raises DataError for too few."""
    parts: dict[str, list[int]] = {part: [] for part in PARTS}
    for label in np.unique(photos.labels):
        mine = photos.of(int(label))
        if int(label) in unseen:
            parts["test_unseen"] += mine
            continue
        if len(mine) <= MIN_TRAINING_PHOTOS:
            raise DataError(
                f"The class '{space.classes[label]}' has {_count(len(mine), 'photo')}; a class that is trained on needs at least "
                f"{MIN_TRAINING_PHOTOS + 1}. Add some, or name the class in '{UNSEEN}'."
            )
        tested = set(_first_by_digest(mine, lambda i: photos.names[i], max(1, round(len(mine) * HELD_OUT_PHOTOS))))
        parts["test_seen"] += sorted(tested)
        parts["trainval"] += [i for i in mine if i not in tested]
    return {part: np.array(indices, dtype=np.int64) for part, indices in parts.items()}


def _first_by_digest(items: Iterable[int], name_of: Callable[[int], str], count: int) -> list[int]:
    """`count` of the items, the same ones on every machine and in whatever order they come."""
    return sorted(items, key=lambda item: hashlib.sha256(name_of(item).encode("utf-8", "surrogateescape")).digest())[
        :count
    ]


def read_split(path: Path, photos: Photos) -> dict[str, NDArray[np.int64]]:
    """The split of the file; photos it does not list take no part."""
    position = {name: index for index, name in enumerate(photos.names)}
    parts: dict[str, list[int]] = {part: [] for part in PARTS}
    listed: set[int] = set()
    for line, row in read_rows(path, "image", "split"):
        image, part = row["image"], row["split"]
        if part not in parts:
            raise DataError(
                f"Line {line} of '{path}' says '{brief(part)}'; a photo is {', '.join(PARTS[:2])} or {PARTS[2]}."
            )
        index = _listed(image, position)
        if index is None:
            raise DataError(
                f"Line {line} of '{path}' lists '{brief(image, 100)}', a photo that is not there (write CLASS/FILE)."
            )
        if index in listed:
            raise DataError(f"Line {line} of '{path}' lists '{brief(image, 100)}' a second time.")
        listed.add(index)
        parts[part].append(index)
    return {part: np.array(sorted(indices), dtype=np.int64) for part, indices in parts.items()}


def _listed(image: str, position: dict[str, int]) -> int | None:
    """The photo that a list names as CLASS/FILE or CLASS/FOLDER/FILE, perhaps with folders before that."""
    steps = [tidy(step) for step in image.replace("\\", "/").split("/") if step not in ("", ".")]
    endings = ("/".join(steps[start:]) for start in range(max(len(steps) - 1, 0)))
    return next((position[ending] for ending in endings if ending in position), None)


def check_parts(
    space: SemanticSpace,
    photos: Photos,
    parts: dict[str, NDArray[np.int64]],
    seen: NDArray[np.bool_],
    declared: set[int],
) -> None:
    """What training and measuring need of a split. Raises DataError."""
    trained, counts = np.unique(photos.labels[parts["trainval"]], return_counts=True)
    if len(trained) < MIN_SEEN_CLASSES:
        raise DataError(
            f"Only {_count(len(trained), 'class', 'classes')} would be trained on; at least {MIN_SEEN_CLASSES} are needed, one "
            "of which is held out to choose the training's settings on."
        )
    contradictory = [int(c) for c in trained if int(c) in declared]
    if contradictory:
        raise DataError(f"'{SPLIT}' trains on '{space.classes[contradictory[0]]}', a class that is named as unseen.")
    few = [(int(c), int(n)) for c, n in zip(trained, counts, strict=True) if n < MIN_TRAINING_PHOTOS]
    if few:
        raise DataError(
            f"'{space.classes[few[0][0]]}' has {_count(few[0][1], 'photo')} to train on; a class needs at least "
            f"{MIN_TRAINING_PHOTOS}."
        )
    for part, is_seen in (("test_seen", True), ("test_unseen", False)):
        labels = photos.labels[parts[part]]
        if not labels.size:
            kind = "a seen class" if is_seen else "an unseen class"
            raise DataError(f"There is no photo of {kind} to test on, so nothing could be measured; add some.")
        wrong = [int(c) for c in np.unique(labels) if bool(seen[c]) is not is_seen]
        if wrong:
            kind = "which is not trained on" if is_seen else "which is trained on"
            raise DataError(f"'{SPLIT}' calls photos of '{space.classes[wrong[0]]}' {part}, a class {kind}.")


def _count(number: int, one: str, several: str = "") -> str:
    return f"{number} {one if number == 1 else several or one + 's'}"
