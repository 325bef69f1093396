"""The words of a name, and the forms under which a list of words may know them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

_CAMEL_CASE = re.compile(r"(?<=[a-z])(?=[A-Z])")


_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")


_SHORTEST_PLURAL = 4


_PLURALS = (("ies", ("y",)), ("ves", ("f", "fe")), ("es", ("",)))


def words_of(text: str) -> list[str]:
    """The words of a name: "has_wing_color::blue" -> has, wing, color, blue; "longNeck-grey" -> long, Neck, grey."""
    return _WORD.findall(_CAMEL_CASE.sub(" ", unicodedata.normalize("NFC", text)))


def forms_of(word: str) -> tuple[str, ...]:
    """A word as it is written, in lower case, then in the singular: whichever is known first is taken."""
    lower = word.lower().removesuffix("'s")
    return (word, word.lower(), lower, *_singulars(lower))


def _singulars(word: str) -> Iterator[str]:
    """What an English word may be the plural of."""
    if len(word) < _SHORTEST_PLURAL or not word.endswith("s") or word.endswith("ss"):
        return
    yield word[:-1]
    for plural, singulars in _PLURALS:
        if word.endswith(plural):
            yield from (word.removesuffix(plural) + end for end in singulars)
