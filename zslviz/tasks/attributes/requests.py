"""What a visitor asks for, checked: edits, calibration and choices as they come in JSON from the page or the API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from zslviz.errors import ConfigError
from zslviz.tasks.attributes.scoring import ClassRanking, Contributions
from zslviz.tasks.attributes.space import SemanticSpace
from zslviz.tasks.base.requests import GAMMA_LIMIT, index_at, number

if TYPE_CHECKING:
    from zslviz.tasks.attributes.explanation import Explanation


@dataclass(frozen=True)
class RankRequest:
    """How classes are to be ranked.

    image_edits: attribute index -> value, what the model is to have seen. class_edits: (class index, attribute index)
    -> value, what a class is to be said to look like. gamma: calibration, the checkpoint's if None. without: indices of classes
    that are not to compete.
    """

    image_edits: dict[int, float] = field(default_factory=dict)
    class_edits: dict[tuple[int, int], float] = field(default_factory=dict)
    gamma: float | None = None
    unseen_only: bool = False
    without: tuple[int, ...] = ()

    @classmethod
    def parse(
        cls,
        space: SemanticSpace,
        image_edits: Any = None,
        class_edits: Any = None,
        gamma: Any = None,
        unseen_only: Any = False,
    ) -> RankRequest:
        """From JSON. Edits: {attribute: value} or one vector with a number or null per attribute; class edits:
        {class: edits}. Names are the data set's own, the readable ones, or numbers. Raises ConfigError and
        UnknownNameError.
        """
        if class_edits is not None and not isinstance(class_edits, Mapping):
            raise ConfigError("Class edits must look like {class: {attribute: value}}.")
        rows = {class_at(space, name): parse_edits(space, edits) for name, edits in (class_edits or {}).items()}
        return cls(
            parse_edits(space, image_edits),
            {(row, attribute): value for row, edits in rows.items() for attribute, value in edits.items()},
            None if gamma is None else number(gamma, "gamma", GAMMA_LIMIT),
            bool(unseen_only),
        )

    @property
    def edited(self) -> bool:
        """Whether anything is edited."""
        return bool(self.image_edits or self.class_edits)

    def space(self, explanation: Explanation) -> SemanticSpace:
        """The explanation's classes with the edits of what they are said to look like."""
        return explanation.space.with_values(self.class_edits)

    def rank(self, explanation: Explanation) -> ClassRanking:
        """The classes that compete after the edits, best first."""
        space = self.space(explanation)
        return explanation.rank(self.gamma, self.unseen_only, self.image_edits, space, self.without)

    def rank_unedited(self, explanation: Explanation) -> ClassRanking:
        """The same calibration and competing classes, without any edit."""
        return explanation.rank(self.gamma, self.unseen_only, without=self.without)

    def lead(self, explanation: Explanation) -> Contributions | None:
        """Why the first class is ahead of the next one, after the edits; None where one class alone competes."""
        ranking = self.rank(explanation)
        if len(ranking) < 2:
            return None
        first, second = ranking.order[:2].tolist()
        return explanation.contributions(first, second, self.gamma, self.image_edits, self.space(explanation))

    def deciding(self, explanation: Explanation, count: int) -> list[int]:
        """The attributes that weigh most in that lead, largest first; where there is none, those of the highest values."""
        lead = self.lead(explanation)
        if lead is not None:
            return lead.strongest(count)
        return [int(a) for a in (-explanation.values).argsort(kind="stable")[:count]]


def parse_edits(space: SemanticSpace, edits: Any) -> dict[int, float]:
    """{attribute: value}, or a vector of numbers and nulls, one per attribute, as {attribute index: value}."""
    if edits is None:
        return {}
    if isinstance(edits, Mapping):
        return {attribute_at(space, key): number(value, str(key)) for key, value in edits.items()}
    if isinstance(edits, Sequence) and not isinstance(edits, str):
        if len(edits) != len(space.attributes):
            raise ConfigError(f"A vector of edits needs {len(space.attributes)} numbers or nulls, not {len(edits)}.")
        return {i: number(value, space.attribute_names[i]) for i, value in enumerate(edits) if value is not None}
    raise ConfigError("Edits must look like {attribute: value}, or be one list with a number or null per attribute.")


def attribute_at(space: SemanticSpace, key: Any) -> int:
    """An attribute by name or number. Raises ConfigError, UnknownNameError."""
    return index_at(key, space.named_attributes)


def class_at(space: SemanticSpace, key: Any) -> int:
    """A class by name or number. Raises ConfigError, UnknownNameError."""
    return index_at(key, space.named_classes)
