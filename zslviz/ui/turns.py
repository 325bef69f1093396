"""Who has a photo explained next: one at a time, visitors in turn, each with one photo waiting in each tab.

Two networks at once on the same cores finish later, both. So all photos go through one thread, and whoever sends many waits for
nobody but herself: after each photo comes another visitor's, if one waits.
"""

from __future__ import annotations

import contextvars
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from zslviz.errors import ZslvizError

T = TypeVar("T")
MOST_WAITING = 200
NOBODY = "nobody"  # the visitor of what is done before it is asked for


class BusyError(ZslvizError):
    """A photo is not explained: too many wait, the server ends, or the visitor has sent another one."""


@dataclass(eq=False)
class _Job(Generic[T]):
    """visitor: whose it is. place: where she waits for it (a tab); a newer one of the same place takes its turn, "" for none."""

    visitor: str
    place: str
    work: Callable[[], T]
    context: contextvars.Context
    answer: Future[T]


class Turns:
    """Runs one piece of work at a time, in one thread of its own. most: how many may wait, of all visitors together."""

    def __init__(self, most: int = MOST_WAITING) -> None:
        self._most = most
        self._waiting: OrderedDict[str, list[_Job[Any]]] = (
            OrderedDict()
        )  # by visitor; who comes first has the next turn
        self._running: _Job[Any] | None = None
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False

    def take(self, visitor: str, work: Callable[[], T], place: str = "") -> Future[T]:
        """Has work done when it is the visitor's turn; the answer comes in the future, which may be cancelled until then.

        place: work that waits under the same one is given up for this. Raises BusyError.
        """
        job = _Job(visitor, place, work, contextvars.copy_context(), Future[T]())
        with self._changed:
            if self._closed:
                raise BusyError("The server is about to end; ask again in a moment.")
            for other in self._waiting.get(visitor, []):
                if place and other.place == place and other.answer.cancel():
                    self._remove(other)
                    break
            if sum(map(len, self._waiting.values())) >= self._most:
                raise BusyError(f"{self._most} photos are waiting already; try again in a minute.")
            self._waiting.setdefault(visitor, []).append(job)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="photos", daemon=True)
                self._thread.start()
            self._changed.notify_all()
        job.answer.add_done_callback(lambda answer: self._give_up(job))
        return job.answer

    def run(self, visitor: str, work: Callable[[], T]) -> T:
        """The same, waited for; within work that has its turn it is done at once. Raises BusyError and what the work raises."""
        if threading.current_thread() is self._thread:
            return work()
        return self.take(visitor, work).result()

    def before(self, visitor: str, place: str) -> int | None:
        """How many photos come before what a visitor waits for at a place; 0 if it has its turn, None if nothing waits there."""
        with self._changed:
            running = self._running
            if running is not None and (running.visitor, running.place) == (visitor, place):
                return 0
            mine = self._waiting.get(visitor, [])
            depth = next((i for i, job in enumerate(mine) if job.place == place), None)
            if depth is None:
                return None
            count, earlier = depth + (running is not None), True
            for other, jobs in self._waiting.items():
                if other == visitor:
                    earlier = False
                else:
                    count += min(len(jobs), depth + earlier)
            return count

    def close(self, seconds: float) -> bool:
        """Takes nothing more, and waits until all is done that somebody waits for; whether it was done in time."""
        with self._changed:
            self._closed = True
            return self._changed.wait_for(
                lambda: (
                    (self._running is None or self._running.visitor == NOBODY) and not set(self._waiting) - {NOBODY}
                ),
                seconds,
            )

    @property
    def working(self) -> bool:
        """Whether something runs or waits, for somebody or nobody."""
        with self._changed:
            return self._running is not None or bool(self._waiting)

    def _work(self) -> None:
        while True:
            with self._changed:
                self._running = None
                self._changed.notify_all()
                self._changed.wait_for(lambda: bool(self._waiting))
                visitor, jobs = self._waiting.popitem(last=False)
                job = jobs.pop(0)
                if jobs:
                    self._waiting[visitor] = jobs  # at the end: the others come first
                if not job.answer.set_running_or_notify_cancel():
                    continue
                self._running = job
            try:
                result = job.context.run(job.work)
            except BaseException as error:  # it is the asker's
                job.answer.set_exception(error)
            else:
                job.answer.set_result(result)
                del result
            del job, jobs

    def _give_up(self, job: _Job[Any]) -> None:
        """Takes a job away that is cancelled (one that is done has gone already)."""
        with self._changed:
            self._remove(job)
            self._changed.notify_all()

    def _remove(self, job: _Job[Any]) -> None:
        jobs = self._waiting.get(job.visitor, [])
        if job in jobs:
            jobs.remove(job)
        if not jobs:
            self._waiting.pop(job.visitor, None)
