"""A model's test photos, opened by the model's name, and asked what edits do to them (docs/test-set.md)."""

from __future__ import annotations

from collections.abc import Mapping
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
from zslviz.tasks.attributes.whole_set.edited import Retest, curve, retest
from zslviz.tasks.attributes.whole_set.photos import FusedPhotos, fused_of


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
        class_edits: Mapping[str | int, Any] | None = None,
        gamma: float | None = None,
        table: str | Path | None = None,
        invented: SemanticSpace | None = None,
    ) -> Retest:
        """The test photos before and after edits.

        class_edits: {class: {attribute: value}}, as `RankRequest.parse` takes them. table: a class table (CSV) instead of the model's,
        with classes more if it likes; invented: the same as a space. gamma: another one. Raises ConfigError, UnknownNameError,
        TableError.
        """
        space = self.space if invented is None else invented
        if table is not None:
            space = read_table_of(space, table)[0]
        request = RankRequest.parse(space, None, class_edits, gamma)
        return retest(self.photos, self.space, self.rule, self.gamma, space.with_values(request.class_edits), request.gamma)

    def curve(self) -> dict[str, list[float]]:
        """The seen-unseen curve: S and U by gamma (`whole_set.edited.curve`)."""
        return curve(self.photos, self.space, self.rule)
