"""What a visitor asks for, checked: edits, calibration and choices as they come in JSON from the page or the API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from zslviz.errors import ConfigError
from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.attributes.space import SemanticSpace
from zslviz.tasks.base.requests import GAMMA_LIMIT, index_at, number


@dataclass(frozen=True)
class RankRequest:
    """How classes are to be ranked.

    image_edits: attribute index -> value, what the model is to have seen. class_edits: (class index, attribute index)
    -> value, what a class is to be said to look like. gamma: calibration, the checkpoint's if None.
    """

    image_edits: dict[int, float] = field(default_factory=dict)
    class_edits: dict[tuple[int, int], float] = field(default_factory=dict)
    gamma: float | None = None
    unseen_only: bool = False

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
        {class: edits}. Names are the data set's own, the readable ones, or indices. Raises ConfigError and
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
    """An attribute by index or name."""
    return index_at(key, len(space.attributes), "attribute", space.attribute_index)


def class_at(space: SemanticSpace, key: Any) -> int:
    """A class by index or name."""
    return index_at(key, len(space.classes), "class", space.class_index)


def edited_space(explanation: Explanation, request: RankRequest) -> SemanticSpace:
    """The explanation's classes with the request's edits of what they are said to look like."""
    return explanation.space.with_values(request.class_edits)
