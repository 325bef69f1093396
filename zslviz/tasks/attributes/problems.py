"""Pseudo-unseen classes: a zero-shot problem made from the seen classes alone, to choose every setting on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zslviz.errors import DataError
from zslviz.tasks.attributes.data import ZeroShotDataset
from zslviz.tasks.attributes.space import SemanticSpace
from zslviz.training.recipe import AS_UNSEEN, Validation

_MOST_GROUPS = 10  # a training each


@dataclass(frozen=True, eq=False)
class Problem:
    """What one training sees: photos (indices into the data set), labels in `space`, and photos to measure on.

    space: the classes that compete; for validation only truly seen ones, some of them marked unseen.
    """

    space: SemanticSpace
    labels: NDArray[np.int64]  # of every photo of the data set, -1 for classes that are not in the space
    train: NDArray[np.int64]
    test_seen: NDArray[np.int64]
    test_unseen: NDArray[np.int64]


def final_problem(dataset: ZeroShotDataset) -> Problem:
    """The data set's own split: train on all of trainval."""
    return Problem(dataset.space, dataset.labels, dataset.trainval, dataset.test_seen, dataset.test_unseen)


def validation_problems(dataset: ZeroShotDataset, settings: Validation) -> list[Problem]:
    """As many problems as there are groups or repeats, each of other classes held out. Raises DataError.

    Of groups every class that is trained on is in exactly one; sets that are drawn anew may hold out a class twice or never.
    """
    if settings.groups:
        groups = _dealt(_trained_on(dataset), settings, _groups(dataset, settings))
        return [_held_out(dataset, group, settings.photos, (settings.seed, i)) for i, group in enumerate(groups)]
    return [validation_problem(dataset, replace(settings, seed=settings.seed + i)) for i in range(settings.repeats)]


def validation_problem(dataset: ZeroShotDataset, settings: Validation) -> Problem:
    """Holds out a share of the seen classes as pseudo-unseen, and a share of the others' photos as their test photos.

    Only photos of `trainval` take part; truly unseen classes are not in the space. At least one class is held out and two are
    kept, and every class that is kept has a photo in both parts; raises DataError where there are too few for that.
    """
    rng = np.random.default_rng(settings.seed)
    trained_on = _trained_on(dataset)
    if len(trained_on) < 3:
        raise DataError(
            f"There are {len(trained_on)} classes to train on; at least 3 are needed, one of them to choose settings on."
        )
    count = min(max(1, round(len(trained_on) * settings.classes)), len(trained_on) - 2)
    return _held_out(dataset, rng.permutation(trained_on)[:count], settings.photos, rng)


def _groups(dataset: ZeroShotDataset, settings: Validation) -> int:
    """Into how many groups the classes are dealt: where each is to have as many as are never trained on, `_MOST_GROUPS` at most.

    γ makes up for how much the scores of classes trained on are too high beside the best of the others, and so hangs on how many
    others compete.
    """
    if settings.groups != AS_UNSEEN:
        return settings.groups
    trained_on = len(_trained_on(dataset))
    unseen = max(len(np.unique(dataset.labels[dataset.test_unseen])), 1)
    return min(max(round(trained_on / unseen), 2 if trained_on > 3 else 3), _MOST_GROUPS)


def _trained_on(dataset: ZeroShotDataset) -> NDArray[Any]:
    """The classes that have photos to train on."""
    return np.unique(dataset.labels[dataset.trainval])


def _dealt(classes: NDArray[Any], settings: Validation, groups: int) -> list[NDArray[Any]]:
    """The classes dealt by chance into groups of nearly one size. Raises DataError unless each has one and leaves two."""
    needed = max(groups, 4 if groups == 2 else 3)
    if len(classes) < needed:
        raise DataError(
            f"There are {len(classes)} classes to train on; to hold them out in {groups} groups, at least {needed} are "
            "needed."
        )
    return np.array_split(np.random.default_rng(settings.seed).permutation(classes), groups)


def _held_out(dataset: ZeroShotDataset, held_out: NDArray[Any], photos: float, seed: Any) -> Problem:
    """The problem with these classes as pseudo-unseen ones. photos: the share of the others' that is held out; seed: of that."""
    pool, trained_on = dataset.trainval, _trained_on(dataset)
    kept = np.setdiff1d(trained_on, held_out)
    compact = np.full(len(dataset.space.classes), -1, dtype=np.int64)
    compact[trained_on] = np.arange(len(trained_on))
    space = dataset.space.take_classes(trained_on).with_seen(compact[kept])
    labels = compact[dataset.labels]
    is_held_out = np.isin(dataset.labels[pool], held_out)
    train, test_seen = _part_photos(np.random.default_rng(seed), pool[~is_held_out], dataset.labels, photos)
    lost = np.setdiff1d(kept, dataset.labels[train])
    if lost.size:
        raise DataError(
            f"The class '{dataset.space.classes[lost[0]]}' has one photo to train on; it needs at least two."
        )
    return Problem(space, labels, train, test_seen, pool[is_held_out])


def _part_photos(
    rng: np.random.Generator, photos: NDArray[np.int64], labels: NDArray[Any], share: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Parts photos class by class: (train, held out)."""
    train, held_out = [], []
    for label in np.unique(labels[photos]):
        mine = rng.permutation(photos[labels[photos] == label])
        count = min(max(1, round(len(mine) * share)), max(1, len(mine) - 1))
        held_out.append(mine[:count])
        train.append(mine[count:])
    return np.sort(np.concatenate(train)), np.sort(np.concatenate(held_out))
