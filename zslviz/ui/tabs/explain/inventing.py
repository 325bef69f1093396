"""Classes that visitors make up: what the page's browser cannot answer (by words, from a table), and the rest as it does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from zslviz.errors import ConfigError
from zslviz.tasks.attributes.filling import distances
from zslviz.tasks.attributes.invent.asked import joined, table_text
from zslviz.tasks.attributes.invent.invention import Invention
from zslviz.tasks.attributes.invent.making import MOST_PHOTOS, Donor, all_from_table, by_values
from zslviz.tasks.attributes.invent.making import by_numbers as numbered
from zslviz.tasks.attributes.invent.making import by_parts as of_parts
from zslviz.tasks.attributes.invent.sentences import Reading, by_sentence
from zslviz.tasks.attributes.requests import class_at, parse_edits
from zslviz.tasks.attributes.space import SemanticSpace
from zslviz.tasks.base.requests import number

Json = dict[str, Any]


def by_words(space: SemanticSpace, payload: Json) -> Json:
    """A class by a sentence, every word as understood or not, and what was said as chips. Raises ConfigError."""
    reading = by_sentence(space, str(payload.get("sentence") or ""))
    made = reading.invention
    return {"name": made.name, "made": _made(made), "words": list(_words(reading)), "chips": list(_chips(reading))}


def by_table(space: SemanticSpace, payload: Json) -> Json:
    """The new classes of a table. Raises TableError."""
    found = all_from_table(space, table_text(payload.get("table")) or "\n")
    return {"made": [{"name": one.name, **_made(one)} for one in found]}


def by_parts(space: SemanticSpace, payload: Json) -> Json:
    """A class whose parts, as [group, class, share], are those of others. Raises ConfigError, UnknownNameError."""
    base = payload.get("base")
    given: dict[str, Donor] = {}
    for one in _list(payload.get("parts")):
        if not isinstance(one, list) or len(one) != 3:
            raise ConfigError("A part must look like [group, class, share].")
        share = 1.0 if base is None else number(one[2], str(one[0]))
        given[str(one[0])] = space.classes[class_at(space, one[1])], share
    return _made(of_parts(space, None if base is None else space.classes[class_at(space, base)], given))


def by_photos(space: SemanticSpace, payload: Json) -> Json:
    """A class as one to five photos of it were seen: their values [A]. Raises ConfigError."""
    rows = []
    for one in _list(payload.get("photos"))[: MOST_PHOTOS + 1]:
        values = parse_edits(space, one)
        if len(values) != len(space.attributes):
            raise ConfigError(f"A photo was seen as {len(space.attributes)} numbers.")
        rows.append(np.array([values[a] for a in range(len(values))]))
    return _made(by_values(space, rows))


def blank(space: SemanticSpace) -> Json:
    """A class of which nothing is said yet."""
    return _made(numbered(space, {}))


def most_like(space: SemanticSpace, payload: Json) -> Json:
    """The class of the model that is most like a row, and how far it is from it. Raises ConfigError."""
    away = distances(joined(space, {_ANY: payload.get("values")}).table[-1], space.table)
    return {"index": int(away.argmin()), "distance": float(away.min())}


def csv(space: SemanticSpace, payload: Json) -> Json:
    """Classes as a table of their own; one without values as one to fill in. Raises ConfigError, TableError."""
    made = _list(payload.get("made"))
    if [one.get("values") for one in made if isinstance(one, dict)] == [[]]:
        header = space.take_classes([0]).to_csv().split("\n")[:2]
        return {"text": "\n".join([*header, f"{made[0].get('name')},0" + "," * len(space.attributes), ""])}
    whole = joined(space, made)
    return {"text": whole.take_classes(range(len(space.classes), len(whole.classes))).to_csv()}


_ANY = "\u25c7"  # a name that no class has


def _list(given: Any) -> list[Any]:
    if given is not None and not isinstance(given, list):
        raise ConfigError("This must be a list.")
    return given or []


def _made(made: Invention) -> Json:
    return {"values": made.values.tolist(), "told": made.told, "few_shot": made.few_shot}


def _words(reading: Reading) -> Iterator[Json]:
    """The whole text, in pieces: its words, and what stands between them."""
    at = 0
    for word in reading.words:
        if word.start > at:
            yield {"text": reading.text[at : word.start], "status": "between", "what": ""}
        yield {"text": word.text, "status": word.status, "what": word.what}
        at = word.end
    if reading.text[at:]:
        yield {"text": reading.text[at:], "status": "between", "what": ""}


def _chips(reading: Reading) -> Iterator[Json]:
    """What was said, one after the other; a value, where attributes have one, is the one of the first of these."""
    values = reading.invention.values
    for mention, text, said in zip(reading.mentions, reading.texts, reading.said, strict=True):
        own = list(mention.attributes)
        yield {"text": text, "said": said, "attributes": own, "value": round(float(values[own[0]]), 4) if own else None}
