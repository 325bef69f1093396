"""Edits as people type them at a shell: "ATTRIBUTE=VALUE" and "CLASS:ATTRIBUTE=VALUE"."""

from __future__ import annotations

from collections.abc import Sequence

from zslviz.errors import ConfigError
from zslviz.tasks.attributes.requests import RankRequest
from zslviz.tasks.attributes.space import SemanticSpace
from zslviz.tasks.base.requests import typed_number


def typed_request(
    space: SemanticSpace, set_attribute: Sequence[str], set_class: Sequence[str], gamma: float | None, unseen_only: bool
) -> RankRequest:
    """How classes are to be ranked after edits of what the model saw and of classes. Raises ConfigError, UnknownNameError."""
    image_edits: dict[int, float] = {}
    class_edits: dict[tuple[int, int], float] = {}
    for edit in set_attribute:
        name, value = assignment(edit, "ATTRIBUTE=VALUE")
        image_edits[space.attribute_index(name)] = value
    for edit in set_class:
        target, value = assignment(edit, "CLASS:ATTRIBUTE=VALUE")
        row, column = _class_and_attribute(target, space, edit)
        class_edits[space.class_index(row), space.attribute_index(column)] = value
    return RankRequest(image_edits, class_edits, gamma, unseen_only)


def assignment(text: str, form: str) -> tuple[str, float]:
    """The name and the value of an edit. form: how it is to be written. Raises ConfigError."""
    name, equals, value = text.rpartition("=")
    number = typed_number(value)
    if not equals or not name.strip() or not -10 <= number <= 10:
        raise ConfigError(f"'{text}' is not an edit; write it as '{form}' with a value of about 0 to 1.")
    return name.strip(), number


def _class_and_attribute(target: str, space: SemanticSpace, edit: str) -> tuple[str, str]:
    """The two names in "CLASS:ATTRIBUTE", either of which may hold a colon itself. Raises ConfigError."""
    pieces = target.split(":")
    if len(pieces) < 2:
        raise ConfigError(f"'{edit}' is not an edit; write it as 'CLASS:ATTRIBUTE=VALUE'.")
    ways = [(":".join(pieces[:cut]), ":".join(pieces[cut:])) for cut in range(1, len(pieces))]
    known = (way for way in ways if way[0] in space.named_classes and way[1] in space.named_attributes)
    return next(known, ways[0])
