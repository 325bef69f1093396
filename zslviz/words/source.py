"""What gives names their vectors, by name: packaged ones, a file of one's own, or several joined."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from zslviz.errors import UnknownNameError
from zslviz.files import is_there
from zslviz.words.names import GLOVE, SENTENCES
from zslviz.words.vectors import WordVectors


class WordSource(Protocol):
    """What gives names their vectors. name: what `word_source` finds it by; dimension: D."""

    @property
    def name(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    def phrase(self, text: str) -> NDArray[np.float32]:
        """The vector of a word or phrase: float32 [D]. Raises DataError if there is none."""

    def phrases(self, texts: Iterable[str]) -> NDArray[np.float32]:
        """`phrase` of each text: float32 [N, D]. Raises one DataError that names whatever has none."""


def word_source(name: str) -> WordSource:
    """Vectors of names: "glove-6b-50d", "all-minilm-l6-v2", a text file by its path, or several of them joined by "+".

    Raises UnknownNameError for another name, ConfigError for a package that is not installed, DataError for an unreadable file.
    """
    if name == GLOVE:
        return WordVectors.packaged()
    if name == SENTENCES:
        from zslviz.words.sentences import SentenceVectors  # only here, since it brings PyTorch along

        return SentenceVectors.packaged()
    if is_there(name):
        return WordVectors.read(name)
    if len(parts := [part.strip() for part in name.split("+")]) > 1:
        return JoinedVectors(tuple(word_source(part) for part in parts))
    raise UnknownNameError("source of word vectors", name, [GLOVE, SENTENCES])


@dataclass(frozen=True)
class JoinedVectors:
    """The vectors of several sources one after the other, each brought to the same length: all sources count alike."""

    sources: tuple[WordSource, ...]

    @property
    def name(self) -> str:
        return "+".join(source.name for source in self.sources)

    @property
    def dimension(self) -> int:
        return sum(source.dimension for source in self.sources)

    def phrase(self, text: str) -> NDArray[np.float32]:
        """Of length 1: float32 [D]. Raises DataError if one of the sources has none."""
        joined: NDArray[np.float32] = self.phrases([text])[0]
        return joined

    def phrases(self, texts: Iterable[str]) -> NDArray[np.float32]:
        """`phrase` of each text: float32 [N, D]."""
        texts = list(texts)
        each = [source.phrases(texts) for source in self.sources]
        unit = [v / np.maximum(np.linalg.norm(v, axis=1, keepdims=True), np.float32(1e-12)) for v in each]
        joined: NDArray[np.float32] = np.concatenate(unit, axis=1) / np.float32(np.sqrt(len(unit)))
        return joined
