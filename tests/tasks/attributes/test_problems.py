"""Groups of classes that are held out in turn."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import make_space
from tests.tasks.attributes.test_training import recipe_of
from zslviz.errors import DataError
from zslviz.tasks.attributes.data import ZeroShotDataset
from zslviz.tasks.attributes.problems import validation_problems
from zslviz.tasks.attributes.training import AttributeTraining
from zslviz.training.recipe import AS_UNSEEN, Validation

PHOTOS = 5  # of a class


@pytest.fixture(scope="module")
def dataset() -> ZeroShotDataset:
    """Twelve classes, the last two of them unseen; the fourth is not trained on, and a photo of every seen class is tested."""
    space = make_space(classes=12)
    labels = np.repeat(np.arange(12), PHOTOS)
    tested = np.arange(len(labels)) % PHOTOS == 0
    trained_on = space.seen[labels] & (labels != 3)
    parts = trained_on & ~tested, space.seen[labels] & tested, ~space.seen[labels]
    files = tuple(Path(f"{i}.jpg") for i in range(len(labels)))
    return ZeroShotDataset("made", files, labels, space, *(np.flatnonzero(part) for part in parts), "", "")


TRAINED_ON = [c for c in range(10) if c != 3]


@pytest.mark.parametrize(("groups", "seed"), [(2, 0), (4, 0), (4, 7), (9, 0)])
def test_every_seen_class_is_pseudo_unseen_in_exactly_one_group(
    dataset: ZeroShotDataset, groups: int, seed: int
) -> None:
    problems = validation_problems(dataset, Validation(groups=groups, seed=seed))
    held_out = [[n for n, seen in zip(p.space.classes, p.space.seen, strict=True) if not seen] for p in problems]
    assert len(problems) == groups and max(map(len, held_out)) - min(map(len, held_out)) <= 1
    assert sorted(name for group in held_out for name in group) == [dataset.space.classes[c] for c in TRAINED_ON]
    for problem in problems:
        used = np.concatenate([problem.train, problem.test_seen, problem.test_unseen])
        assert sorted(used) == sorted(dataset.trainval), "no test photo takes part, and none is wasted or used twice"
        assert not problem.space.seen[problem.labels[problem.test_unseen]].any()
        assert problem.space.seen[problem.labels[problem.train]].all()
        assert set(problem.labels[problem.test_seen]) == set(problem.labels[problem.train])


@pytest.mark.parametrize(("unseen", "groups"), [((10, 11), 4), ((11,), 9), ((), 9)])
def test_as_many_classes_are_held_out_at_a_time_as_are_never_trained_on(
    dataset: ZeroShotDataset, unseen: tuple[int, ...], groups: int
) -> None:
    tested = np.flatnonzero(np.isin(dataset.labels, unseen))
    problems = validation_problems(replace(dataset, test_unseen=tested), Validation(groups=AS_UNSEEN))
    held_out = [set(np.unique(p.labels[p.test_unseen]).tolist()) for p in problems]
    assert len(held_out) == groups and not set.intersection(*held_out)
    assert sum(map(len, held_out)) == len(TRAINED_ON), "every class once"
    few = dataset.trainval[np.isin(dataset.labels[dataset.trainval], TRAINED_ON[:3])]
    assert len(validation_problems(replace(dataset, trainval=few), Validation(groups=AS_UNSEEN))) == 3, (
        "each of three alone"
    )


def test_groups_are_dealt_by_the_seed_of_the_validation_and_by_nothing_else(dataset: ZeroShotDataset) -> None:
    def dealt(seed: int) -> list[list[int]]:
        problems = validation_problems(dataset, Validation(groups=2, seed=seed))
        return [np.flatnonzero(~problem.space.seen).tolist() for problem in problems]

    assert dealt(0) == dealt(0)
    assert any(dealt(0) != dealt(seed) for seed in range(1, 6))


@pytest.mark.parametrize(("classes", "groups", "needed"), [(4, 5, 5), (3, 2, 4), (2, 2, 4), (2, 3, 3)])
def test_too_few_classes_for_the_groups_are_said_before_anything_is_computed(
    dataset: ZeroShotDataset, classes: int, groups: int, needed: int
) -> None:
    few = dataset.trainval[np.isin(dataset.labels[dataset.trainval], TRAINED_ON[:classes])]
    recipe = replace(recipe_of("msdn"), validation=Validation(groups=groups))
    with pytest.raises(DataError, match=rf"{classes} classes to train on; .* {groups} groups, at least {needed} are"):
        AttributeTraining(recipe, replace(dataset, trainval=few))
