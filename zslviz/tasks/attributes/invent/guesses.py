"""What a word that nothing knows may mean, by word vectors: the attribute whose name is nearest to it, where it is near enough.

Vectors tell what is spoken of together, not what is so: "slow" is near "fast", "beak" near "claws". So nothing is guessed that has
an opposite, no colour and no thing that a body has, and names of one word alone. At `LEAST` what is left of this on words of nature
is mostly right (shrubs: trees, shrimp: fish, seas: ocean), and everyday words ("cheese", "happy", "computer") stay unknown.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from zslviz.errors import DataError
from zslviz.tasks.attributes.invent.tokens import Piece
from zslviz.tasks.attributes.invent.vocabulary import Entry, Value, Vocabulary
from zslviz.words.source import WordSource

LEAST = 0.74
"""The cosine from which a word counts as near."""
_SHORTEST = 4
_LEADING = frozenset({"lives", "in", "on", "the", "eats", "has", "a"})


class Guesses:
    """The attributes of a vocabulary that may be guessed, with the vectors of their names."""

    def __init__(self, vocabulary: Vocabulary, source: WordSource, opposites: Collection[int]) -> None:
        self.source = source
        self.attributes: list[int] = []
        vectors = []
        for a, facet in enumerate(vocabulary.facets):
            words = [word for word in facet.value.replace("-", " ").split() if word not in _LEADING]
            value = vocabulary.value(vocabulary.lexicon.phrase(facet.value))
            if len(words) != 1 or a in opposites or facet.part or value is None or value.color or value.noun:
                continue
            if (vector := self._unit(words[0])) is not None:
                self.attributes.append(a)
                vectors.append(vector)
        self._vectors = np.stack(vectors) if vectors else None
        self._names = vocabulary.space.attribute_names

    def guessed(self, pieces: list[Piece]) -> list[Piece]:
        """The pieces, unknown words among them with the attribute that they may mean."""
        return [self._guess(piece) if piece.entry is None and not piece.mark else piece for piece in pieces]

    def _guess(self, piece: Piece) -> Piece:
        vector = self._unit(piece.text) if len(piece.text) >= _SHORTEST else None
        if vector is None or self._vectors is None:
            return piece
        cosines = self._vectors @ vector
        best = int(cosines.argmax())
        if cosines[best] < LEAST:
            return piece
        entry = Entry(value=Value((self.attributes[best],)))
        return replace(piece, entry=entry, guess=f"“{self._names[self.attributes[best]]}”, {cosines[best]:.2f}")

    def _unit(self, word: str) -> NDArray[np.float32] | None:
        """The direction of a word's vector; None if there is none."""
        try:
            vector = self.source.phrases([word.casefold()])[0]
        except DataError:
            return None
        length = float(np.linalg.norm(vector))
        return np.asarray(vector / length, dtype=np.float32) if length else None
