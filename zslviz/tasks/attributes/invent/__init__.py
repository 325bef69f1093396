"""Classes that somebody makes up: by a sentence, by parts of others, by numbers, from a row of a table, from photos, or blank.

Everything here is arithmetic on the table of a `SemanticSpace`; no network runs, and there is no language model. An `Invention`
says where each of its values comes from, and joins a space as an unseen class (`Invention.joined`).
"""

from __future__ import annotations

from zslviz.tasks.attributes.invent.invention import Invention, Origin
from zslviz.tasks.attributes.invent.making import by_numbers, by_parts, by_photos, from_table, with_numbers
from zslviz.tasks.attributes.invent.sentences import Reading, Word, by_sentence

__all__ = [
    "Invention",
    "Origin",
    "Reading",
    "Word",
    "by_numbers",
    "by_parts",
    "by_photos",
    "by_sentence",
    "from_table",
    "with_numbers",
]
