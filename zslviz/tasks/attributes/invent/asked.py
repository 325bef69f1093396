"""Classes that a visitor has made up, as they come in JSON with every question: checked, and joined to an explanation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from zslviz.errors import ConfigError
from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.attributes.invent.making import Donor, by_numbers
from zslviz.tasks.attributes.requests import parse_edits
from zslviz.tasks.attributes.space import SemanticSpace
from zslviz.tasks.base.added import checked_name
from zslviz.tasks.base.requests import number

MOST = 20
"""Classes that may be made up beside those of a model."""
_OF_NO_CLASS = ("values", "_maps", "_offers")  # of an explanation: they are the same whatever classes there are


def with_invented(explanation: Explanation, given: Any) -> Explanation:
    """The explanation with classes that were made up as its last ones, unseen; the same one without any. No network runs.

    given: {name: values}, or a list of {"name", "values"}, as `joined` takes it. Raises ConfigError, TableError, UnknownNameError.
    """
    space = joined(explanation.space, given)
    if space is explanation.space:
        return explanation
    made = replace(explanation, space=space)
    known = vars(explanation)
    vars(made).update({name: known[name] for name in _OF_NO_CLASS if name in known})
    return made


def joined(space: SemanticSpace, given: Any) -> SemanticSpace:
    """A space with classes that were made up: each by A numbers from 0 to 1, or by some, whose others are filled (`by_numbers`).

    Raises ConfigError, TableError, UnknownNameError.
    """
    made, whole = list(_named(given)), space
    if len(made) > MOST:
        raise ConfigError(f"At most {MOST} classes can be made up beside a model's own; remove one first.")
    for name, values in made:
        checked = checked_name(name, "class")
        whole.named_classes.check_new(checked)
        own = fractions(space, values)
        row = np.array([own.get(a, np.nan) for a in range(len(space.attributes))])
        if len(own) < len(row):
            row = by_numbers(space, {space.attributes[a]: value for a, value in own.items()}).values.astype(np.float64)
        whole = whole.with_class(checked, row)
    return replace(whole, own=len(space.classes) if space.own is None else space.own) if made else space


def fractions(space: SemanticSpace, given: Any) -> dict[int, float]:
    """Values by the index of their attribute, from 0 to 1; as edits are given. Raises ConfigError, UnknownNameError."""
    values = parse_edits(space, given)
    for a, value in values.items():
        if not 0 <= value <= 1:
            name = space.attribute_names[a]
            raise ConfigError(f"'{name}' is {value:g}; a class is described by values between 0 and 1.")
    return values


def table_text(given: Any) -> str:
    """A class table (CSV) as one text that ends its line, "" if there is none. Raises ConfigError.

    given: the text, or the pieces that it was cut into, in order: no text of a request is long, and the names of some hundreds of
    attributes are.
    """
    pieces = [given] if isinstance(given, str) else given or []
    if not isinstance(pieces, list) or not all(isinstance(piece, str) for piece in pieces):
        raise ConfigError("A table is one text, or a list of the texts that it is cut into.")
    text = "".join(pieces)
    return f"{text}\n" if text else ""


def donors(given: Any) -> dict[str, Donor] | None:
    """Groups and who gives them, {group: class} or {group: [class, share]}. Raises ConfigError."""
    if given is None:
        return None
    if not isinstance(given, Mapping):
        raise ConfigError("Parts must look like {group: class}, or {group: [class, 0.5]} for half of it.")
    found: dict[str, Donor] = {}
    for group, giver in given.items():
        if isinstance(giver, str):
            found[str(group)] = giver
        elif isinstance(giver, Sequence) and len(giver) == 2 and isinstance(giver[0], str):
            found[str(group)] = giver[0], number(giver[1], str(group))
        else:
            raise ConfigError(f"'{group}' must be given by the name of a class, or by [class, share].")
    return found


def _named(given: Any) -> Iterator[tuple[str, Any]]:
    """Names and values. Raises ConfigError."""
    if given is None:
        return
    pairs: Any = given.items() if isinstance(given, Mapping) else given
    if isinstance(pairs, str) or not hasattr(pairs, "__iter__"):
        raise ConfigError("Classes that were made up must look like {name: values}.")
    for one in pairs:
        name, values = (one.get("name"), one.get("values")) if isinstance(one, Mapping) else (*one, None)[:2]
        if not isinstance(name, str) or values is None:
            raise ConfigError("A class that was made up needs a name and its values.")
        yield name, values
