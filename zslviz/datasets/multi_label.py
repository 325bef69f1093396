"""What readers of photos with several labels share: labels that have a word vector."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from zslviz.errors import DataError
from zslviz.words.source import WordSource


def known_labels(
    names: Sequence[str], words: WordSource, unique: bool = False
) -> tuple[list[int], NDArray[np.float32]]:
    """Which of very many labels have a word vector, by index, and their vectors [K, D]. unique: of equal names the first only.

    Raises DataError if none has.
    """
    known: list[int] = []
    vectors: list[NDArray[np.float32]] = []
    taken: set[str] = set()
    for index, name in enumerate(names):
        if unique and name.casefold() in taken:
            continue
        try:
            vectors.append(words.phrase(name))
        except DataError:
            continue
        known.append(index)
        taken.add(name.casefold())
    if not known:
        raise DataError(f"None of the {len(names)} labels has a word vector in '{words.name}'.")
    return known, np.stack(vectors)
