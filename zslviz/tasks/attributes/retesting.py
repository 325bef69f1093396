"""A model's test photos, opened by the model's name, and asked what edits do to them (docs/test-set.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zslviz.checkpoints.listing import resolve
from zslviz.errors import CheckpointError
from zslviz.tasks.attributes.checkpoint import AttributeCheckpoint
from zslviz.tasks.attributes.requests import RankRequest
from zslviz.tasks.attributes.scoring import ScoringRule
from zslviz.tasks.attributes.space import SemanticSpace
from zslviz.tasks.attributes.table_notes import read_table_of
from zslviz.tasks.attributes.typed_edits import typed_request
from zslviz.tasks.attributes.whole_set.attribute_auc import AttributeAuc, attribute_auc
from zslviz.tasks.attributes.whole_set.edited import Retest, aligned, curve, retest
from zslviz.tasks.attributes.whole_set.photos import FusedPhotos, fused_of
from zslviz.tasks.attributes.whole_set.reliability import Bin, by_lead
from zslviz.tasks.attributes.whole_set.sets import Within, within
from zslviz.tasks.attributes.whole_set.show import retest_lines


@dataclass(frozen=True, eq=False)
class TestedModel:
    """A model's test photos with its classes, rule and gamma."""

    __test__ = False  # no test of pytest's

    photos: FusedPhotos
    space: SemanticSpace
    rule: ScoringRule
    gamma: float

    @classmethod
    def open(cls, model: str | Path) -> TestedModel:
        """By a shipped model's name, or a checkpoint's folder. Raises UnknownNameError, and CheckpointError if it came without."""
        folder = resolve(model)
        checkpoint = AttributeCheckpoint.load(folder)
        photos = fused_of(folder, checkpoint.space)
        if photos is None:
            raise CheckpointError(
                f"'{checkpoint.name}' came without its test photos; 'zslviz evaluate --vectors' writes them from the data."
            )
        return cls(photos, checkpoint.space, checkpoint.rule, checkpoint.gamma)

    def retest(
        self,
        class_edits: Mapping[Any, Any] | None = None,
        gamma: float | None = None,
        space: SemanticSpace | None = None,
    ) -> Retest:
        """The test photos before and after edits.

        class_edits: {class: {attribute: value}}, as `RankRequest.parse` takes them. space: classes instead of the model's, all of
        which are among them. gamma: another one. Raises ConfigError, UnknownNameError.
        """
        space = self.space if space is None else space
        request = RankRequest.parse(space, None, class_edits, gamma)
        return self.under(space.with_values(request.class_edits), request.gamma)

    def under(self, space: SemanticSpace, gamma: float | None, asked: int | None = None) -> Retest:
        """The same of an edited space. asked: a class to be told of. Raises ConfigError."""
        return retest(self.photos, self.space, self.rule, self.gamma, space, gamma, asked)

    def within(self, space: SemanticSpace | None = None, gamma: float | None = None) -> Within:
        """How near the first class the true one is (`whole_set.sets`). space, gamma: as edited, the model's own if None."""
        space = self.space if space is None else space
        return within(self.photos, space, self.rule, self.gamma if gamma is None else gamma)

    def attribute_auc(self) -> AttributeAuc:
        """How well each attribute is read (`whole_set.attribute_auc`), with the model's own classes."""
        return attribute_auc(self.photos, self.space)

    def reliability(self) -> list[Bin]:
        """How often the answer is right, by its lead (`whole_set.reliability`), with the model's own classes."""
        return by_lead(self.photos, self.space, self.rule, self.gamma)

    def curve(self) -> dict[str, list[float]]:
        """The seen-unseen curve: S and U by gamma (`whole_set.edited.curve`)."""
        return curve(self.photos, self.space, self.rule)


def shown(
    model: str | Path, set_class: Sequence[str] = (), table: Path | None = None, gamma: float | None = None
) -> tuple[list[str], dict[str, Any]]:
    """What the shell prints of edits, and the same as plain values. Raises as `TestedModel.open` and `retest`, and TableError."""
    opened = TestedModel.open(model)
    space, notes = (opened.space, ()) if table is None else read_table_of(opened.space, table)[:2]
    request = typed_request(space, (), set_class, gamma, False)
    edited = aligned(opened.space, space.with_values(request.class_edits))
    found = opened.under(edited, request.gamma)
    lines = [*notes, *retest_lines(str(opened.photos.model), found, edited.class_names)]
    return lines, {"model": opened.photos.model, **found.to_dict(edited.class_names), "curve": opened.curve()}
