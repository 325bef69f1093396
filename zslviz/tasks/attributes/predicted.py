"""The table of many photos (`zslviz predict`) by an attribute model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from zslviz.files.journal import as_cell
from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.attributes.maps import EVIDENCE
from zslviz.tasks.attributes.scoring import rank_classes
from zslviz.tasks.attributes.unlike.shown import Strangeness
from zslviz.tasks.base.show import BEST, MAPS, Mapped

if TYPE_CHECKING:  # they bring PyTorch
    from zslviz.backbones import Features
    from zslviz.tasks.attributes.explainer import AttributeExplainer

UNLIKE = "unlike"
Looked: TypeAlias = tuple[NDArray[np.float32], Strangeness | None]
"""Of one photo: raw scores [G, A], and how unlike all photos that the model was shown it is, where that is known."""


class ClassTable:
    """One row a photo: the five best classes, their scores, whether they were trained on (1 or 0), and last whether the photo looks
    like nothing the model was shown (1 or 0, blank where that is not known).

    attributes: before the last stand the values of all attributes, on the class table's scale, by the attributes' own names.
    """

    def __init__(
        self,
        explainer: AttributeExplainer,
        gamma: float | None = None,
        unseen_only: bool = False,
        table: Path | None = None,
        attributes: bool = False,
    ) -> None:
        self.explainer = explainer if table is None else explainer.with_table(table)
        self.notes = self.explainer.notes
        self.unseen_only, self.attributes = unseen_only, attributes
        self.gamma = explainer.gamma if gamma is None else gamma
        best = [f"{column}{i}" for column in ("top", "score", "seen") for i in range(1, BEST + 1)]
        own = ["image", *best, UNLIKE, MAPS]
        named = [f"attribute {a}" if a in own else as_cell(a) for a in explainer.space.attributes] if attributes else []
        self.header = [*best, *named, UNLIKE]  # where a column stood it stays, so that one more comes after them

    def look(self, features: Features) -> list[Looked]:
        scores = self.explainer.scores_of(features)
        return list(zip(scores, self.explainer.strangeness_of(features, len(scores)), strict=True))

    def rows(self, found: Looked) -> Iterator[list[Any]]:
        space, (scores, strangeness) = self.explainer.space, found
        best = rank_classes(scores, space, self.explainer.rule, self.gamma, self.unseen_only).top(BEST)
        blank = [""] * (BEST - len(best))
        names = [as_cell(space.classes[line.index]) for line in best]
        numbers = [f"{line.score:.6g}" for line in best]
        values = self.explainer.scale.to_values(scores).tolist() if self.attributes else []
        seen = [int(line.seen) for line in best]
        unlike = "" if strangeness is None else int(strangeness.unlike)
        yield [*names, *blank, *numbers, *blank, *seen, *blank, *(f"{value:.6g}" for value in values), unlike]

    def found_in(self, explanation: Explanation) -> Looked:
        return explanation.scores, explanation.strangeness

    def mapped(self, explanation: Explanation) -> Mapped:
        """All attributes, in the order of the table, with their values on its scale."""
        names = explanation.space.attributes
        return Mapped(EVIDENCE.of, names, range(len(names)), explanation.values)
