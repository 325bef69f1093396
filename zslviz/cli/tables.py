"""Predictions as rows of a table, for each kind of model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np

from zslviz.errors import ConfigError
from zslviz.explainer import Explainer
from zslviz.explainers.attributes import AttributeExplainer
from zslviz.explainers.compositions import CompositionExplainer
from zslviz.explainers.labels import LabelExplainer
from zslviz.scoring import rank_classes

BEST = 5


class Table(Protocol):
    """header: the columns after the photo's. rows: of one photo, from what the explainer's `scores` gives."""

    header: list[str]

    def rows(self, scores: Any) -> Iterator[list[Any]]: ...


class ClassTable:
    """One row a photo: the five best classes, their scores, and whether they were trained on (1 or 0)."""

    def __init__(self, explainer: AttributeExplainer, gamma: float | None, unseen_only: bool) -> None:
        self.header = [f"{column}{i}" for column in ("top", "score", "seen") for i in range(1, BEST + 1)]
        self.explainer, self.unseen_only = explainer, unseen_only
        self.gamma = explainer.gamma if gamma is None else gamma

    def rows(self, scores: Any) -> Iterator[list[Any]]:
        space = self.explainer.space
        best = rank_classes(scores, space, self.explainer.rule, self.gamma, self.unseen_only).top(BEST)
        blank = [""] * (BEST - len(best))
        names = [space.classes[line.index] for line in best]
        numbers = [f"{line.score:.6g}" for line in best]
        yield [*names, *blank, *numbers, *blank, *(int(line.seen) for line in best), *blank]


class LabelTable:
    """A row for every label of a photo, best first: the score that ranks it (less gamma if it is seen), and whether it is seen."""

    def __init__(self, explainer: LabelExplainer, gamma: float | None, unseen_only: bool) -> None:
        self.header = ["label", "score", "seen"]
        self.space, self.unseen_only = explainer.space, unseen_only
        self.gamma = explainer.gamma if gamma is None else gamma

    def rows(self, scores: Any) -> Iterator[list[Any]]:
        competing = scores - self.gamma * self.space.seen
        for index in np.argsort(-competing, kind="stable"):
            if not (self.unseen_only and self.space.seen[index]):
                yield [self.space.labels[index], f"{competing[index]:.6g}", int(self.space.seen[index])]


class PairTable:
    """One row a photo: state, object, score (with the bias if the pair is unseen) and seen (1 or 0) of the five best pairs."""

    def __init__(self, explainer: CompositionExplainer, open_world: bool, bias: float | None) -> None:
        self.header = [f"{column}{i}" for i in range(1, BEST + 1) for column in ("state", "object", "score", "seen")]
        self.explainer, self.open_world, self.bias = explainer, open_world, bias

    def rows(self, scores: Any) -> Iterator[list[Any]]:
        space = self.explainer.space
        best = self.explainer.best_pairs(scores, BEST, self.open_world, self.bias)
        cells = [[space.states[s], space.objects[o], f"{score:.6g}", int(space.seen[s, o])] for s, o, score in best]
        yield [cell for group in cells for cell in group] + [""] * (4 * (BEST - len(best)))


def table_for(
    explainer: Explainer, gamma: float | None, unseen_only: bool, open_world: bool = False, bias: float | None = None
) -> Table:
    """The table of an explainer's kind. Raises ConfigError for an option that this kind does not have."""
    if isinstance(explainer, CompositionExplainer):
        if gamma is not None or unseen_only:
            raise ConfigError(f"'{explainer.name}' takes --bias and --open-world, not --gamma or --unseen-only.")
        return PairTable(explainer, open_world, bias)
    if open_world or bias is not None:
        raise ConfigError(f"'{explainer.name}' is no compositional model; leave out --open-world and --bias.")
    if isinstance(explainer, LabelExplainer):
        return LabelTable(explainer, gamma, unseen_only)
    assert isinstance(explainer, AttributeExplainer)
    return ClassTable(explainer, gamma, unseen_only)
