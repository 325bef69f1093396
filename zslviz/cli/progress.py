"""How far long work is: a bar on a terminal, and a line now and then where there is none (a log, a queue of a cluster)."""

from __future__ import annotations

import sys
import time
from types import TracebackType

import typer
from tqdm import tqdm
from typing_extensions import Self

SECONDS = 15.0
"""Between two lines."""


class Progress:
    """Counts photos. Everything goes to the standard error; whoever is not to speak (`silent`) says nothing."""

    def __init__(self, total: int, silent: bool = False, seconds: float | None = None) -> None:
        self.total, self.count = total, 0
        self._seconds = SECONDS if seconds is None else seconds
        self._started = self._told = time.monotonic()
        on_terminal = sys.stderr.isatty()
        self._silent = silent or on_terminal
        self._bar = tqdm(total=total, unit="photo", disable=silent or not on_terminal)

    def begin(self, total: int) -> None:
        """Says how many there are once that is known; the time is taken from now on."""
        self.total = total
        self._started = self._told = time.monotonic()
        self._bar.reset(total)

    def step(self) -> None:
        """One photo more is done."""
        self.count += 1
        self._bar.update()
        now = time.monotonic()
        if not self._silent and now - self._told >= self._seconds:
            self._told = now
            rate = self.count / (now - self._started)
            self.say(
                f"{self.count} of {self.total} photos, {rate:.1f} a second, "
                f"{_duration((self.total - self.count) / rate)} to go"
            )

    def say(self, line: str) -> None:
        """A line that does not tear the bar."""
        with tqdm.external_write_mode(file=sys.stderr):
            typer.echo(line, err=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.close()


def _duration(seconds: float) -> str:
    """ "40 s", "12 min", "3 h 5 min"."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
