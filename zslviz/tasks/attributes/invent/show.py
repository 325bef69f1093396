"""What the shell shows of a class that is made up."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zslviz.errors import ConfigError
from zslviz.tasks.attributes.invent.invention import Invention
from zslviz.tasks.attributes.invent.making import Donor
from zslviz.tasks.attributes.invent.sentences import GUESS, Reading, by_sentence
from zslviz.tasks.attributes.invent.ways import check_ways, invented
from zslviz.tasks.attributes.requests import RankRequest
from zslviz.tasks.attributes.show import ranking_lines
from zslviz.tasks.attributes.space import SemanticSpace
from zslviz.tasks.attributes.typed_edits import assignment
from zslviz.tasks.base.requests import typed_number
from zslviz.words.vectors import WordVectors

if TYPE_CHECKING:  # it brings PyTorch
    from zslviz.tasks.attributes.explainer import AttributeExplainer

SHOWN = 12
"""Attributes in a list, at most."""


def invent(
    model: AttributeExplainer | SemanticSpace,
    sentence: str = "",
    like: str | None = None,
    part: Sequence[str] = (),
    from_photo: Sequence[Any] = (),
    table: Path | None = None,
    set_attribute: Sequence[str] = (),
    name: str = "",
    photo: Any = None,
    top: int = 10,
) -> tuple[Invention, list[str]]:
    """A class and what is printed of it.

    model: an explainer if there are photos, else a space is enough. part: "GROUP=CLASS" or "GROUP=CLASS:SHARE". from_photo: photos
    of the class. set_attribute: "ATTRIBUTE=VALUE". photo: one that is ranked with the class. Raises ConfigError, UnknownNameError,
    TableError, ImageError.
    """
    space = model if isinstance(model, SemanticSpace) else model.space
    parts = dict(map(_donor, part))
    check_ways(sentence, like, parts, len(from_photo), table)
    vectors = _vectors() if sentence.strip() else None
    numbers = dict(assignment(edit, "ATTRIBUTE=VALUE") for edit in set_attribute)
    if isinstance(model, SemanticSpace):
        made = invented(space, sentence, like, parts, (), table, numbers, name, vectors)
    else:
        seen = [model.explain(one) for one in from_photo]
        made = invented(space, sentence, like, parts, seen, table, numbers, name, vectors)
    lines = _marked(by_sentence(space, sentence, vectors=vectors)) if sentence.strip() else []
    index, away = made.nearest
    lines += [made.told, f"Most like: {space.class_names[index]} ({away:.2f} standard deviations of the table away)."]
    if own := made.changed(SHOWN):
        width = max(len(space.attribute_names[a]) for a in own)
        lines += [
            f"  {made.values[a]:5.2f}  {space.attribute_names[a]:<{width}}  {_origin(made.origins[a].kind, made.origins[a].text)}"
            for a in own
        ]
        more = len(made.changed()) - len(own)
        lines += [f"  and {more} more that follow from these"] if more else []
    if photo is not None and not isinstance(model, SemanticSpace):
        lines += ["", *ranking_lines(model.with_class(made).explain(photo), RankRequest(), top)]
    return made, lines


def _vectors() -> WordVectors | None:
    """The packaged word vectors, if they are installed: the parser works without."""
    try:
        return WordVectors.packaged()
    except ConfigError:
        return None


def _marked(reading: Reading) -> list[str]:
    """The sentence with what each word says in brackets, and question marks behind words that are not understood."""
    told, at = [], 0
    for word in reading.words:
        told.append(reading.text[at : word.start])
        told.append(f"{word.text}[?]" if word.status == "unknown" else word.text)
        at = word.end
    told.append(reading.text[at:])
    return ["".join(told), *(f"  {text}: {what}" for text, what in _phrases(reading))]


def _phrases(reading: Reading) -> list[tuple[str, str]]:
    """The words of each mention, and what they say."""
    found = []
    for said in reading.said:
        words = [word for word in reading.words if said in word.what.partition(GUESS)[0].split("; ")]
        guess = next((word.what.removeprefix(said) for word in words if GUESS in word.what), "")
        found.append((" ".join(word.text for word in words), said + guess))
    return found


def _origin(kind: str, text: str) -> str:
    return f"implied {text}" if kind == "implied" else text


def _donor(part: str) -> tuple[str, Donor]:
    """ "GROUP=CLASS" or "GROUP=CLASS:SHARE" with a share from 0 to 1. Raises ConfigError."""
    group, equals, giver = part.partition("=")
    if not equals or not group.strip() or not giver.strip():
        raise ConfigError(f"'{part}' is not a part; write it as 'GROUP=CLASS', or 'GROUP=CLASS:0.5' for half of it.")
    name, _, share = giver.rpartition(":")
    much = typed_number(share)
    return group.strip(), giver.strip() if math.isnan(much) or not name.strip() else (name.strip(), much)
