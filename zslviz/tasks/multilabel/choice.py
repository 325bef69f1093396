"""Multi-label problems to choose settings on: labels and photos held out of those that may be trained on; and what is chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zslviz.errors import DataError
from zslviz.tasks.base.choice import average, plateau
from zslviz.tasks.multilabel.data import MultiLabelDataset
from zslviz.tasks.multilabel.figures import average_precisions, mean_average_precision, micro_at_k
from zslviz.tasks.multilabel.space import LabelSpace
from zslviz.training.recipe import Validation

GAMMAS = tuple(round(0.05 * i, 2) for i in range(-10, 31))  # in standard deviations of the scores
PLATEAU = 0.001  # of F1
MERIT = "mean of ZSL and GZSL mAP and F1@3"
OF_SEEDS = ("map_zsl", "f1_3_zsl", "f1_5_zsl", "map_gzsl", "f1_3_gzsl", "f1_5_gzsl")


@dataclass(frozen=True, eq=False)
class LabelProblem:
    """What one training sees: photos and the labels that `space` marks as seen; and what it is measured on.

    labels: int8 [N, K] of all photos. train, val: photo indices. unseen: sets of labels (indices) that are never trained on, each
    of which competes with the seen ones in turn.
    """

    space: LabelSpace
    labels: NDArray[np.int8]
    train: NDArray[np.int64]
    val: NDArray[np.int64]
    unseen: tuple[NDArray[np.int64], ...]


def final_problem(dataset: MultiLabelDataset) -> LabelProblem:
    """All photos but the test's, and all seen labels; nothing is measured."""
    photos = np.sort(np.concatenate([dataset.train, dataset.val]))
    return LabelProblem(dataset.space, dataset.labels, photos, np.zeros(0, np.int64), ())


def validation_problems(dataset: MultiLabelDataset, settings: Validation) -> list[LabelProblem]:
    """The data set's own split first (labels of `val_unseen` on the photos of `val`), then random ones for the other repeats.

    A random one holds out the share `settings.classes` of the seen labels and the share `settings.photos` of the photos of `train`
    and `val`; labels of `val_unseen` are measured there as well, and trained on nowhere. Neither test photos nor labels that are
    tested as unseen take part. Raises DataError if there is nothing to hold out.
    """
    own = np.flatnonzero(dataset.val_unseen)
    seen = np.flatnonzero(dataset.space.seen)
    if len(seen) < 2 or (not len(own) and settings.repeats < 2):
        raise DataError("There are no labels to hold out: mark some as 'val_unseen', or repeat validation.")
    problems = [LabelProblem(dataset.space, dataset.labels, dataset.train, dataset.val, (own,))] if len(own) else []
    pool = np.concatenate([dataset.train, dataset.val])
    for repeat in range(1, settings.repeats):
        rng = np.random.default_rng((settings.seed, repeat))
        held_out = np.sort(rng.permutation(seen)[: min(max(1, round(len(seen) * settings.classes)), len(seen) - 1)])
        photos = rng.permutation(pool)
        count = max(1, round(len(pool) * settings.photos))
        marks = dataset.space.seen.copy()
        marks[held_out] = False
        sets = (held_out, own) if len(own) else (held_out,)
        space = dataset.space.with_seen(marks)
        problems.append(LabelProblem(space, dataset.labels, np.sort(photos[count:]), np.sort(photos[:count]), sets))
    return problems


@dataclass(frozen=True)
class LabelChoice:
    """One epoch measured on validation (fractions), at the gamma that gives the best micro F1 over the 3 highest of all labels.

    gamma: taken from the scores of seen labels. threshold: the score, after that, from which a seen label counts as found (best F1
    of seen labels alone); unseen_threshold: a label that was held out (best F1 of those alone). Choices of older checkpoints know
    one threshold, of all labels together.
    """

    epoch: int
    map_zsl: float
    f1_3_zsl: float
    f1_5_zsl: float
    map_gzsl: float
    f1_3_gzsl: float
    f1_5_gzsl: float
    gamma: float
    threshold: float
    unseen_threshold: float = float("nan")

    @property
    def merit(self) -> float:
        """What is maximised: both settings and both kinds of figures count alike."""
        return (self.map_zsl + self.f1_3_zsl + self.map_gzsl + self.f1_3_gzsl) / 4

    def to_dict(self) -> dict[str, float]:
        return asdict(self)


def merit_of(validation: Mapping[str, Any]) -> float:
    """The merit of a checkpoint's `metrics["validation"]`. Raises KeyError if it is no choice."""
    needed = [f.name for f in fields(LabelChoice) if f.default is MISSING]
    return LabelChoice(**{name: validation[name] for name in needed}).merit


def measure(problem: LabelProblem, scores: NDArray[np.float32], epoch: int) -> LabelChoice:
    """The figures of scores [N, K] of a problem's `val` photos, averaged over its sets of unseen labels."""
    tags = problem.labels[problem.val]
    precisions = average_precisions(scores, tags)
    return average([_measure_set(problem, unseen, scores, tags, precisions, epoch) for unseen in problem.unseen])


def _measure_set(
    problem: LabelProblem,
    unseen: NDArray[np.int64],
    scores: NDArray[np.float32],
    tags: NDArray[np.int8],
    precisions: NDArray[np.float64],
    epoch: int,
) -> LabelChoice:
    columns = np.concatenate([np.flatnonzero(problem.space.seen), unseen])
    seen = problem.space.seen[columns]
    spread = float(scores[:, columns].std())
    f1 = [micro_at_k(scores[:, columns] - g * spread * seen, tags[:, columns], 3).f1 for g in GAMMAS]
    gamma = GAMMAS[plateau(np.array(GAMMAS), np.array(f1), PLATEAU)] * spread
    calibrated = scores[:, columns] - gamma * seen
    return LabelChoice(
        epoch,
        mean_average_precision(precisions[unseen]),
        micro_at_k(scores[:, unseen], tags[:, unseen], 3).f1,
        micro_at_k(scores[:, unseen], tags[:, unseen], 5).f1,
        mean_average_precision(precisions[columns]),
        micro_at_k(calibrated, tags[:, columns], 3).f1,
        micro_at_k(calibrated, tags[:, columns], 5).f1,
        gamma,
        _best_threshold(calibrated[:, seen], tags[:, columns[seen]]),
        _best_threshold(calibrated[:, ~seen], tags[:, columns[~seen]]),
    )


def _best_threshold(scores: NDArray[np.floating], tags: NDArray[np.int8]) -> float:  # type: ignore[type-arg]
    """The threshold with the best micro F1 over all photos and labels whose tag is known; equal scores count together."""
    known = tags != 0
    flat, positive = scores[known], tags[known] == 1
    order = np.argsort(-flat, kind="stable")
    right = np.cumsum(positive[order])
    f1 = 2 * right / (np.arange(1, len(order) + 1) + max(int(positive.sum()), 1))
    descending = flat[order]
    last_of_equals = np.append(descending[1:] != descending[:-1], True)
    return float(descending[int(np.argmax(np.where(last_of_equals, f1, -1)))])
