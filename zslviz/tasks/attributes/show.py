"""Predictions of an attribute model as a table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from zslviz.tasks.attributes.explainer import AttributeExplainer
from zslviz.tasks.attributes.scoring import rank_classes
from zslviz.tasks.base.show import BEST


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
