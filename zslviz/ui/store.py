"""What the server keeps between two clicks: explanations under unguessable handles, within a fixed amount of memory.

Where it does not suffice, whoever holds most gives up what has not been looked at for longest: nobody can push out the photos of
others with many, or with large ones. A visitor's edits, calibration and choices live in the visitor's browser and come along with
every request; the server keeps only the immutable explanation they refer to. So visitors cannot mix, however many there are.
"""

from __future__ import annotations

import re
import secrets
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from zslviz.errors import ConfigError, ZslvizError
from zslviz.tasks.base.arrays import memory_of

T = TypeVar("T")
Key = tuple[str, Hashable]  # a handle, and what was done with the photo; None for the explanation itself
BUDGET_BYTES = 600 * 2**20
HANDLE_BYTES = 16
_HANDLE = re.compile(r"[\w-]{22}", re.ASCII)  # how as many bytes are written


def checked_handle(text: object) -> str:
    """A handle that another server may have made. Raises ConfigError if none looks like it."""
    if not isinstance(text, str) or not _HANDLE.fullmatch(text):
        raise ConfigError("This is no handle of an explanation.")
    return text


class ExpiredError(ZslvizError):
    """The explanation behind a handle is no longer kept."""

    def __init__(self) -> None:
        super().__init__("This photo's explanation is no longer kept on the server; choose the photo again.")


@dataclass
class _Entry:
    """visitor: who holds it. buffers: the memory of its arrays, measured once. derived: the keys of what was made of it."""

    explanation: Any
    visitor: str
    buffers: dict[int, int]
    derived: set[Key] = field(default_factory=set)


class ExplanationStore:
    """Explanations by handle, and what visitors derive from them; of whoever holds most, the ones not used for longest go first.

    budget: bytes of the arrays of all of them together. An array that several share (a derived explanation has the photo of its
    first, all explanations of a model have its class table) counts once.
    """

    def __init__(self, budget: int = BUDGET_BYTES) -> None:
        self._budget = budget
        self._kept: OrderedDict[Key, _Entry] = OrderedDict()
        self._holders: Counter[int] = Counter()  # how many entries hold a buffer
        self._shares: Counter[str] = Counter()  # bytes of each visitor's entries
        self._bytes = 0
        self._lock = threading.Lock()

    def put(self, explanation: object, visitor: str = "", handle: str | None = None) -> str:
        """Keeps an explanation and returns its handle. The newest is always kept, however large.

        visitor: whose it is, "" for nobody's in particular, such as an example's. handle: one that another server made for the same
        photo; what is kept under it already stays.
        """
        handle = handle or secrets.token_urlsafe(HANDLE_BYTES)
        entry = _Entry(explanation, visitor, memory_of(explanation))
        with self._lock:
            if (handle, None) not in self._kept:
                self._add((handle, None), entry)
        return handle

    def get(self, handle: str, kind: type[T]) -> T:
        """The explanation of that kind behind a handle. Raises ExpiredError, and ConfigError if it is of another kind."""
        with self._lock:
            entry = self._kept.get((handle, None))
            if entry is None:
                raise ExpiredError
            if not isinstance(entry.explanation, kind):
                raise ConfigError("This handle is of a photo that a model of another task has explained.")
            self._kept.move_to_end((handle, None))
            return entry.explanation

    def derived(self, handle: str, what: Hashable, derive: Callable[[], T]) -> T:
        """What `derive` makes of the explanation behind a handle, made once and kept as long as memory and that one allow.

        what: says what is derived; the same whenever the result is the same.
        """
        first, key = (handle, None), (handle, what)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                self._kept.move_to_end(first)  # it goes after what was derived from it
                found: T = self._kept[key].explanation
                return found
        made = derive()
        buffers = memory_of(made)
        with self._lock:
            if first in self._kept and key not in self._kept:
                self._kept[first].derived.add(key)
                self._add(key, _Entry(made, self._kept[first].visitor, buffers), before=first)
        return made

    @property
    def size(self) -> int:
        """Bytes of all arrays that are kept."""
        return self._bytes

    def __contains__(self, handle: str) -> bool:
        with self._lock:
            return (handle, None) in self._kept

    def __len__(self) -> int:
        return len(self._kept)

    def _add(self, key: Key, entry: _Entry, before: Key | None = None) -> None:
        self._kept[key] = entry
        if before is not None:
            self._kept.move_to_end(before)
        for buffer, size in entry.buffers.items():
            self._bytes += 0 if self._holders[buffer] else size
            self._holders[buffer] += 1
        self._shares[entry.visitor] += sum(entry.buffers.values())
        while self._bytes > self._budget and (gone := self._next_to_go(but=before or key)):
            self._remove(gone)

    def _next_to_go(self, but: Key) -> Key | None:
        """What has not been used for longest of whoever holds most; None if there is nothing but the one."""
        oldest: dict[str, Key] = {}
        for key, entry in self._kept.items():
            if key != but:
                oldest.setdefault(entry.visitor, key)
        return oldest[max(oldest, key=self._shares.__getitem__)] if oldest else None

    def _remove(self, key: Key) -> None:
        entry = self._kept.pop(key, None)
        if entry is None:
            return
        if first := self._kept.get((key[0], None)):
            first.derived.discard(key)
        self._shares[entry.visitor] -= sum(entry.buffers.values())
        if not self._shares[entry.visitor]:
            del self._shares[entry.visitor]
        for buffer, size in entry.buffers.items():
            self._holders[buffer] -= 1
            if not self._holders[buffer]:
                del self._holders[buffer]
                self._bytes -= size
        for derived in entry.derived:  # nobody can ask for them without it
            self._remove(derived)
