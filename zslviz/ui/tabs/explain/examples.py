"""Examples of attribute models: what is known of the class of a shipped one, and photos of a data set of one's own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from zslviz.catalogue import Task
from zslviz.ui.examples import Example

if TYPE_CHECKING:
    from zslviz.tasks.attributes.data import ZeroShotDataset

EXAMPLE_CLASSES = 6  # of a data set's seen and of its unseen classes


def seen_in_training(truth: Mapping[str, str]) -> bool | None:
    """Whether the class of an example was trained on; None if it is of no class of its data."""
    if not truth["true_class"]:
        return None
    return truth["seen"].casefold() in {"1", "true", "yes", "seen"}


def examples_of(dataset: ZeroShotDataset, task: Task) -> list[Example]:
    """A test photo each of some unseen classes, then of some seen ones: photos that its models were not trained on."""
    found = []
    for part in (dataset.test_unseen, dataset.test_seen):
        classes: dict[int, Path] = {}
        for index in part:
            classes.setdefault(int(dataset.labels[index]), dataset.files[index])
        for label, path in list(classes.items())[:EXAMPLE_CLASSES]:
            name = dataset.space.classes[label]
            found.append(
                Example(
                    path,
                    title=dataset.space.class_names[label],
                    task=task,
                    kind="photo",
                    note="",
                    truth={"true_class": name, "seen": "seen" if dataset.space.seen[label] else "unseen"},
                    data=dataset.name,
                    key=f"{dataset.name}/{path.parent.name}/{path.name}",
                )
            )
    return found
