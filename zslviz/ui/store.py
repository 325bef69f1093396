"""What the server keeps between two clicks: explanations under unguessable handles, within a fixed amount of memory.

A visitor's edits, calibration and choices live in the visitor's browser and come along with every request; the server
keeps only the immutable explanation they refer to. So visitors cannot mix, however many there are at once.
"""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict

from zslviz.errors import ZslvizError
from zslviz.explanation import Explanation

BUDGET_BYTES = 600 * 2**20


class ExpiredError(ZslvizError):
    """The explanation behind a handle is no longer kept."""

    def __init__(self) -> None:
        super().__init__("This photo's explanation is no longer kept on the server; choose the photo again.")


class ExplanationStore:
    """Explanations by handle; the ones not used for longest go first when `budget` bytes are exceeded."""

    def __init__(self, budget: int = BUDGET_BYTES) -> None:
        self._budget = budget
        self._kept: OrderedDict[str, Explanation] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def put(self, explanation: Explanation) -> str:
        """Keeps an explanation and returns its handle. The newest is always kept, however large."""
        handle = secrets.token_urlsafe(16)
        with self._lock:
            self._kept[handle] = explanation
            self._bytes += size_of(explanation)
            while self._bytes > self._budget and len(self._kept) > 1:
                _, oldest = self._kept.popitem(last=False)
                self._bytes -= size_of(oldest)
        return handle

    def get(self, handle: str) -> Explanation:
        """The explanation behind a handle. Raises ExpiredError."""
        with self._lock:
            if handle not in self._kept:
                raise ExpiredError
            self._kept.move_to_end(handle)
            return self._kept[handle]

    def __contains__(self, handle: str) -> bool:
        with self._lock:
            return handle in self._kept

    def __len__(self) -> int:
        return len(self._kept)


def size_of(explanation: Explanation) -> int:
    """Bytes an explanation takes once everything derived from it on demand is there."""
    maps = explanation.evidence.nbytes
    fused = 2 * maps // max(1, explanation.evidence.shape[0])
    return explanation.photo.nbytes + explanation.attention.nbytes + 2 * maps + fused
