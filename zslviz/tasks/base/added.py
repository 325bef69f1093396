"""Words that people add by name: how long a name may be, and the vectors of words, looked up once and shared between visitors."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress

import numpy as np
from numpy.typing import NDArray

from zslviz.errors import TableError, ZslvizError
from zslviz.files.tabular import tidy
from zslviz.words.source import WordSource

MAX_NAME = 60
KEPT_WORDS = 4096


def checked_name(name: str, what: str) -> str:
    """The name without spare spaces. what: it is of ("label"). Raises TableError if it is empty or too long."""
    checked = " ".join(tidy(name).split())
    if not checked or len(checked) > MAX_NAME:
        raise TableError(f"A {what}'s name has 1 to {MAX_NAME} letters.")
    return checked


class WordLookup:
    """Vectors of names from a source that is opened when the first one is asked for. Any number of threads may ask.

    open_source: makes the source, which may take a second. The last few thousand vectors are kept.
    """

    def __init__(self, open_source: Callable[[], WordSource]) -> None:
        self._open_source = open_source
        self._source: WordSource | None = None
        self._found: dict[str, NDArray[np.float32]] = {}
        self._lock = threading.RLock()

    @property
    def source(self) -> WordSource:
        """Raises ConfigError or DataError if it cannot be opened."""
        with self._lock:
            if self._source is None:
                self._source = self._open_source()
            return self._source

    def vector(self, name: str) -> NDArray[np.float32]:
        """The vector of a name: float32 [D]. Raises DataError if it holds a word without one, and as `source` does."""
        with self._lock:
            if name not in self._found:
                if len(self._found) >= KEPT_WORDS:
                    self._found.clear()
                self._found[name] = self.source.phrase(name)
            return self._found[name]

    def warm_up(self, name: str) -> None:
        """Opens the source, so that the first word added need not wait for it; after that it costs nothing.

        name: any that has a vector. What is wrong with the source, `vector` says.
        """
        with suppress(ZslvizError):
            self.vector(name)
