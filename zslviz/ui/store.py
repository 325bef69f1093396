"""What the server keeps between two clicks: explanations under unguessable handles, within a fixed amount of memory.

A visitor's edits, calibration and choices live in the visitor's browser and come along with every request; the server
keeps only the immutable explanation they refer to. So visitors cannot mix, however many there are at once.
"""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from typing import TypeVar

from zslviz.errors import ZslvizError
from zslviz.tasks.base.photo import ExplainedPhoto

T = TypeVar("T")
BUDGET_BYTES = 600 * 2**20


class ExpiredError(ZslvizError):
    """The explanation behind a handle is no longer kept."""

    def __init__(self) -> None:
        super().__init__("This photo's explanation is no longer kept on the server; choose the photo again.")


class ExplanationStore:
    """Explanations by handle; the ones not used for longest go first when `budget` bytes are exceeded."""

    def __init__(self, budget: int = BUDGET_BYTES) -> None:
        self._budget = budget
        self._kept: OrderedDict[str, ExplainedPhoto] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def put(self, explanation: ExplainedPhoto) -> str:
        """Keeps an explanation and returns its handle. The newest is always kept, however large."""
        handle = secrets.token_urlsafe(16)
        with self._lock:
            self._kept[handle] = explanation
            self._bytes += explanation.size
            while self._bytes > self._budget and len(self._kept) > 1:
                _, oldest = self._kept.popitem(last=False)
                self._bytes -= oldest.size
        return handle

    def get(self, handle: str, kind: type[T]) -> T:
        """The explanation of that kind behind a handle. Raises ExpiredError."""
        with self._lock:
            kept = self._kept.get(handle)
            if not isinstance(kept, kind):
                raise ExpiredError
            self._kept.move_to_end(handle)
            return kept

    def __contains__(self, handle: str) -> bool:
        with self._lock:
            return handle in self._kept

    def __len__(self) -> int:
        return len(self._kept)
