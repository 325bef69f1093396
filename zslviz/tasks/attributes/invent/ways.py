"""One of the ways to make a class, by what was given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from zslviz.errors import ConfigError
from zslviz.tasks.attributes.explanation import Explanation
from zslviz.tasks.attributes.invent.invention import Invention
from zslviz.tasks.attributes.invent.making import (
    MOST_PHOTOS,
    Donor,
    by_numbers,
    by_parts,
    by_photos,
    from_table,
    with_numbers,
)
from zslviz.tasks.attributes.invent.sentences import by_sentence
from zslviz.tasks.attributes.space import SemanticSpace
from zslviz.words.source import WordSource


def check_ways(
    sentence: str, base: str | None, parts: Mapping[str, Donor] | None, photos: int, table: str | Path | None
) -> None:
    """Raises ConfigError if a class is asked for in several ways, or from too many photos, before any photo is looked at."""
    others = [bool(sentence.strip()), photos > 0, table is not None]
    if sum(others) + bool(parts or base is not None) > 1:
        raise ConfigError("A class is made by a sentence, by parts, from photos or from a table: by one of them.")
    if photos > MOST_PHOTOS:
        raise ConfigError(f"A class is made from 1 to {MOST_PHOTOS} photos, not {photos}.")


def invented(
    space: SemanticSpace,
    sentence: str = "",
    base: str | None = None,
    parts: Mapping[str, Donor] | None = None,
    seen: Sequence[Explanation] = (),
    table: str | Path | None = None,
    numbers: Mapping[str, float] | None = None,
    name: str = "",
    vectors: WordSource | None = None,
) -> Invention:
    """A class in one of the ways (`AttributeExplainer.invent`). seen: explanations of photos of it. vectors: as of `by_sentence`.

    Raises ConfigError, UnknownNameError, TableError.
    """
    check_ways(sentence, base, parts, len(seen), table)
    if sentence.strip():
        made = by_sentence(space, sentence, name, vectors).invention
    elif seen:
        made = by_photos(space, seen, name or "new class")
    elif table is not None:
        made = from_table(space, table, name)
    elif parts:
        made = by_parts(space, base, parts, name)
    else:
        return by_numbers(space, numbers or {}, name or "new class", base)
    return with_numbers(made, numbers or {})
