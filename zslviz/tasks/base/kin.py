"""What is known of a word that a person adds: the known names nearest to it, and whether it is a word at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zslviz.errors import ConfigError, DataError
from zslviz.words.spelling import words_of
from zslviz.words.vectors import UnknownWordError, WordVectors

NEAREST = 3
FAR = 0.35
"""Cosine below which a word is near no name: made-up words come to 0.3 with every name, words of the same field to 0.5 and more."""


@dataclass(frozen=True)
class Kin:
    """nearest: known names with their cosine to the word, best first. doubt: what is wrong with the word in a sentence, or ""."""

    nearest: tuple[tuple[str, float], ...]
    doubt: str

    def to_dict(self) -> dict[str, Any]:
        """Fit for JSON: nearest as a list of {"name", "likeness"}."""
        return {
            "nearest": [{"name": name, "likeness": round(value, 3)} for name, value in self.nearest],
            "doubt": self.doubt,
        }


def kin_of(
    word: str, vector: NDArray[np.float32], names: Sequence[str], vectors: NDArray[np.float32], what: str
) -> Kin:
    """The known names nearest to a word, and what is doubtful about it.

    vector: the word's [D]. names, vectors [N, D]: what is known. what: they are ("label").
    """
    lengths = np.linalg.norm(vectors, axis=1) * float(np.linalg.norm(vector))
    cosines = (vectors @ vector) / np.maximum(lengths, np.float32(1e-12))
    best = np.argsort(-cosines, kind="stable")[:NEAREST]
    nearest = tuple((names[i], float(cosines[i])) for i in best)
    doubt = ""
    if not is_word(word):
        doubt = f"“{word}” is no word that is known here, so its place in the ranking means nothing."
    elif nearest and nearest[0][1] < FAR:
        name, likeness = nearest[0]
        doubt = (
            f"“{word}” is far from every {what} that the model knows ({likeness:.2f} like the nearest, “{name}”), "
            "so its place in the ranking means little."
        )
    return Kin(nearest, doubt)


def is_word(text: str) -> bool:
    """Whether every word of a name stands in the packaged list, and it is not letters alone; True if there is no list."""
    known, words = _list(), words_of(text)
    return known is None or (all(word in known for word in words) and any(len(word) > 1 for word in words))


def as_page_says(error: DataError, things: str) -> DataError:
    """The error of a word without a vector in the words of the page; any other as it is. things: what could be typed ("labels")."""
    if not isinstance(error, UnknownWordError) or not error.words:
        return error
    word = error.words[0]
    hint = f"did you mean {' or '.join(f'“{near}”' for near in error.near)}?" if error.near else "is it spelt right?"
    return DataError(f"“{word}” is no word that is known here, so it cannot join the {things}; {hint}")


@lru_cache(maxsize=1)
def _list() -> WordVectors | None:
    try:
        return WordVectors.packaged()
    except ConfigError:  # not installed: nothing is doubted
        return None
