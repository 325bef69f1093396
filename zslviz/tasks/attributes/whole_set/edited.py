"""What an edit of classes, a new class or another gamma does to a model's test photos: figures, classes, and who robbed whom.

A class *robs* another one of the photos that go over to it. T1, U, S and H are those of `figures`. The page works out the same
(`zslviz/ui/twin/whole_set.js`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zslviz.errors import ConfigError
from zslviz.tasks.attributes.figures import Answers, answers_at, gzsl_at, predictions_at
from zslviz.tasks.attributes.scoring import ScoringRule
from zslviz.tasks.attributes.space import SemanticSpace
from zslviz.tasks.attributes.whole_set.photos import FusedPhotos
from zslviz.tasks.attributes.whole_set.told import retest_sentence
from zslviz.tasks.base.wording import Sentence

CURVE_POINTS = 81
_MOST_CLASSES, _MOST_MOVES = 8, 8


@dataclass(frozen=True)
class ClassChange:
    """One class before and after: each pair is (before, after).

    photos: its test photos. right: those of them that are found. called: photos of any class that are called it, of which `right`
    are of it.
    """

    index: int
    photos: int
    right: tuple[int, int]
    called: tuple[int, int]


@dataclass(frozen=True)
class Move:
    """Photos that went over from one class to another. lost: those that were right before; won: those that are right now."""

    source: int
    target: int
    photos: int
    lost: int
    won: int


@dataclass(frozen=True, eq=False)
class Retest:
    """What became of N test photos.

    before, after: T1, U, S, H as fractions. gamma: before and after. changed: photos that are called another class; gained, lost:
    those that are right now alone, or were before alone. edited: indices of classes that are described otherwise or new. classes:
    those that are edited, then those whose found photos change most. moves: the largest first; all of them count in `changed`.
    asked: the class that was asked about.
    """

    photos: int
    before: dict[str, float]
    after: dict[str, float]
    gamma: tuple[float, float]
    changed: int
    gained: int
    lost: int
    edited: tuple[int, ...]
    classes: tuple[ClassChange, ...]
    moves: tuple[Move, ...]
    sentence: Sentence
    asked: ClassChange | None = None

    def to_dict(self, names: tuple[str, ...]) -> dict[str, Any]:
        """Plain values, with the classes' names."""
        told = asdict(self) | {"sentence": self.sentence.text, "edited": [names[c] for c in self.edited]}
        told["classes"] = [{"class": names[c.index], **asdict(c)} for c in self.classes]
        told.pop("asked")
        told["moves"] = [{"from": names[m.source], "to": names[m.target], **asdict(m)} for m in self.moves]
        return told


@dataclass(frozen=True, eq=False)
class _State:
    """Test photos under a table: class scores [N, K] before calibration, and the class that each is called."""

    scores: NDArray[np.float32]
    called: NDArray[np.intp]
    answers: Answers

    @classmethod
    def of(cls, photos: FusedPhotos, space: SemanticSpace, rule: ScoringRule, gamma: float) -> _State:
        scores, seen = photos.scores(space, rule), photos.of_seen
        arguments = scores[seen], photos.labels[seen], scores[~seen], photos.labels[~seen]
        return cls(scores, predictions_at(scores, space.seen, gamma), answers_at(*arguments, space.seen, gamma))


def retest(
    photos: FusedPhotos,
    space: SemanticSpace,
    rule: ScoringRule,
    gamma: float,
    edited: SemanticSpace | None = None,
    edited_gamma: float | None = None,
    asked: int | None = None,
) -> Retest:
    """The test photos before and after. space, gamma: the model's. edited: its classes as they are to be described, perhaps more.
    asked: a class to be told of.

    Raises ConfigError if a class with test photos is missing among the edited ones, or gamma is not finite.
    """
    after_space = space if edited is None else aligned(space, edited)
    after_gamma = gamma if edited_gamma is None else edited_gamma
    if not np.isfinite(after_gamma):
        raise ConfigError("gamma must be a finite number.")
    before, after = _State.of(photos, space, rule, gamma), _State.of(photos, after_space, rule, after_gamma)
    labels, count = photos.labels, len(after_space.classes)
    was, now = before.called == labels, after.called == labels
    changed = np.flatnonzero(before.called != after.called)
    touched = edited_classes(space, after_space)
    found = ClassCounts(labels, before.called, after.called, count)
    figures = before.answers.figures(), after.answers.figures()
    classes = tuple(found.change(c) for c in found.told(touched))
    moves = tuple(_moves(before.called[changed], after.called[changed], labels[changed]))
    told = len(changed), int((now & ~was).sum()), int((was & ~now).sum())
    names = after_space.class_names
    sentence = retest_sentence(len(photos), *told, classes[:1] if touched else (), moves, names)
    about = None if asked is None else found.change(asked)
    most, gammas = moves[:_MOST_MOVES], (gamma, after_gamma)
    return Retest(len(photos), *figures, gammas, *told, touched, classes, most, sentence, about)


def aligned(space: SemanticSpace, edited: SemanticSpace) -> SemanticSpace:
    """The edited classes with those of the model first, in its order. Raises ConfigError if one is missing."""
    position = {name: i for i, name in enumerate(edited.classes)}
    if missing := [name for name in space.classes if name not in position]:
        raise ConfigError(f"The table lacks the class '{missing[0]}', of which there may be test photos; keep it.")
    own = set(space.classes)
    further = [i for i, name in enumerate(edited.classes) if name not in own]
    order = [*(position[name] for name in space.classes), *further]
    return edited if order == list(range(len(order))) else edited.take_classes(order)


def edited_classes(space: SemanticSpace, edited: SemanticSpace) -> tuple[int, ...]:
    """Classes that are described or marked otherwise, and new ones."""
    known = len(space.classes)
    same = (space.table == edited.table[:known]).all(axis=1) & (space.seen == edited.seen[:known])
    return (*np.flatnonzero(~same).tolist(), *range(known, len(edited.classes)))


@dataclass(frozen=True, eq=False)
class ClassCounts:
    """Photos [N] by their classes and by what they are called before and after, of K classes."""

    labels: NDArray[np.integer[Any]]
    before: NDArray[np.integer[Any]]
    after: NDArray[np.integer[Any]]
    count: int

    def change(self, index: int) -> ClassChange:
        of, was, now = self.labels == index, self.before == index, self.after == index
        right = int((of & was).sum()), int((of & now).sum())
        return ClassChange(index, int(of.sum()), right, (int(was.sum()), int(now.sum())))

    def told(self, first: Iterable[int]) -> list[int]:
        """Some classes, and then those whose found photos change most, of equals the one listed first; a few in all."""
        size = self.count

        def found(called: NDArray[np.integer[Any]]) -> NDArray[np.intp]:
            return np.bincount(self.labels[called == self.labels], minlength=size)

        moved = np.abs(found(self.after) - found(self.before))
        most = [int(c) for c in np.argsort(-moved, kind="stable") if moved[c]]
        return list(dict.fromkeys([*first, *most]))[:_MOST_CLASSES]


def _moves(
    before: NDArray[np.integer[Any]], after: NDArray[np.integer[Any]], labels: NDArray[np.integer[Any]]
) -> list[Move]:
    """Of photos that are called otherwise, from class to class, most photos first, then in the order of the table."""
    pairs, index, photos = np.unique(np.stack([before, after], axis=1), axis=0, return_inverse=True, return_counts=True)
    index = index.reshape(-1)
    lost, won = (np.bincount(index[called == labels], minlength=len(photos)) for called in (before, after))
    order = np.argsort(-photos, kind="stable")
    return [Move(int(pairs[i][0]), int(pairs[i][1]), int(photos[i]), int(lost[i]), int(won[i])) for i in order]


def curve(photos: FusedPhotos, space: SemanticSpace, rule: ScoringRule) -> dict[str, list[float]]:
    """The seen-unseen curve: S and U at `CURVE_POINTS` gammas from where all is called a seen class to where none is."""
    scores, of = photos.scores(space, rule), photos.of_seen
    seen, unseen = space.seen_classes, space.unseen_classes
    if not len(seen) or not len(unseen):
        raise ConfigError("A seen-unseen curve needs seen and unseen classes.")
    gaps = scores[:, seen].max(axis=1).astype(np.float64) - scores[:, unseen].max(axis=1)
    gammas = np.linspace(np.floor(gaps.min()), np.ceil(gaps.max()), CURVE_POINTS)
    labels = photos.labels
    s, u = gzsl_at(scores[of], labels[of], scores[~of], labels[~of], space.seen, gammas)
    return {"gamma": gammas.tolist(), "seen": s.tolist(), "unseen": u.tolist()}
