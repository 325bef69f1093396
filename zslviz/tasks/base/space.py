"""What the spaces of all tasks share: unique names and how one is found, and the sentences for what is wrong with them."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zslviz.catalogue import data_card
from zslviz.errors import TableError, UnknownNameError
from zslviz.tasks.base.arrays import frozen


class Names(Collection[str]):
    """Names of one sort of thing. Found as they are written, else readably, else in any case; of several, the first listed.

    Accents are the same whether they are written as one character or as two.

    what: the word for such a thing, as in "class". names: unique; TableError names one that is listed twice. readable: as people
    read them, if that differs.
    """

    def __init__(self, what: str, names: Sequence[str], readable: Sequence[str] | None = None) -> None:
        self.what = what
        self._names = names
        self.readable = names if readable is None else readable

    @staticmethod
    def check(what: str, names: Sequence[str]) -> None:
        """Raises TableError if a name is listed twice."""
        if len(set(names)) < len(names):
            known: set[str] = set()
            twice = next(name for name in names if name in known or known.add(name))  # type: ignore[func-returns-value]
            raise TableError(f"The {what} '{twice}' is listed twice; every {what} needs its own name.")

    @cached_property
    def _places(self) -> dict[str, int]:
        """Index by spelling, the closest kind of spelling last so that it wins."""
        places: dict[str, int] = {}
        for names in (self.readable, self._names):
            places |= {_composed(name).casefold(): i for i, name in _backwards(names)}
        for names in (self.readable, self._names):
            places |= {_composed(name): i for i, name in _backwards(names)}
        return places | {name: i for i, name in _backwards(self._names)}

    def find(self, name: str) -> int | None:
        """Index of the thing of that name, None if there is none."""
        composed = _composed(name)
        for spelling in (name, composed, composed.strip(), composed.strip().casefold()):
            if spelling in self._places:
                return self._places[spelling]
        return None

    def index(self, name: str) -> int:
        """Index of the thing of that name. Raises UnknownNameError with the nearest names."""
        found = self.find(name)
        if found is None:
            raise UnknownNameError(self.what, name, self.readable)
        return found

    def check_new(self, *names: str) -> None:
        """Raises TableError if there is something of one of these names already, in any case, or two of them are the same."""
        folded = [_composed(name).strip().casefold() for name in names]
        for i, name in enumerate(names):
            place = self.find(name)
            if place is not None or folded[i] in folded[:i]:
                told = name if place is None else self.readable[place]
                raise TableError(f"There is {'an' if self.what[0] in 'aeiou' else 'a'} {self.what} '{told}' already.")

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.find(name) is not None

    def __len__(self) -> int:
        return len(self._names)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)


def freeze(space: Any, **types: type[np.generic]) -> None:
    """Makes arrays of a frozen dataclass (by their fields' names) read-only ones of a type; None stays None."""
    for name, dtype in types.items():
        array: NDArray[Any] | None = getattr(space, name)
        if array is not None:
            object.__setattr__(space, name, frozen(array, dtype))


def readable_words(data: str, names: Sequence[str], own: int | None = None) -> tuple[str, ...]:
    """Labels, states or objects of a data set as people read them (`DataCard.readable_word`); no two are alike.

    names: unique. own: how many of them are the data set's; those after them are as they were typed. None: all.
    """
    card = data_card(data)
    if card is None or card.readable_word is None:
        return tuple(names)
    return distinct(names, (*map(card.readable_word, names[:own]), *names[len(names) if own is None else own :]))


def distinct(names: Sequence[str], readable: Iterable[str]) -> tuple[str, ...]:
    """Readable names, but the own ones of those that would read alike. names: unique."""
    shown = list(readable)
    while True:
        counts = Counter(map(_look, shown))
        clashing = [i for i, name in enumerate(shown) if counts[_look(name)] > 1 and name != names[i]]
        if not clashing:
            return tuple(shown)
        for i in clashing:
            shown[i] = names[i]


def _look(name: str) -> str:
    """What is the same for names that look the same on a page."""
    return " ".join(unicodedata.normalize("NFKC", name).split())


def _composed(name: str) -> str:
    return unicodedata.normalize("NFC", name)


def _backwards(names: Sequence[str]) -> list[tuple[int, str]]:
    return list(enumerate(names))[::-1]
