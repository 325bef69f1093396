"""What a program does first: its streams print whatever they are given, and it ends cleanly when it is asked to."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import wraps
from types import FrameType
from typing import Any, NoReturn, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")
INTERRUPTED = 130
TERMINATED = 128 + int(signal.SIGTERM)
"""The exit code of a program that was asked to end, as shells count it."""


def printing_never_fails() -> None:
    r"""What a stream's encoding lacks is printed as `\xe9` or `\u2192`, so that a console's code page stops no command."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def end_when_asked() -> None:
    """SIGTERM ends the program as `sys.exit` does: what is half written is taken away, and what is written stays."""
    with suppress(ValueError):  # only a program's main thread may ask for that
        signal.signal(signal.SIGTERM, _end)


@contextmanager
def ending_at_once(tidying: Sequence[Callable[[], object]] = ()) -> Iterator[None]:
    """While a program begins, SIGTERM and SIGINT end it at once, with code 143 or 130, and nothing is told.

    An exception could be caught, or told of, by whatever is being imported. tidying: what is done first; it may grow meanwhile.
    """

    before: dict[signal.Signals, Any] = {}
    with suppress(ValueError):  # only a program's main thread may ask for that
        for number in (signal.SIGTERM, signal.SIGINT):
            before[number] = signal.signal(number, lambda told, _: end_now(128 + told, tidying))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def end_now(code: int, tidying: Sequence[Callable[[], object]] = ()) -> NoReturn:
    """Ends the program, whatever its threads are doing. tidying: what is done first."""
    for tidy in tidying:
        with suppress(Exception):
            tidy()
    with suppress(Exception):  # what is being printed this very moment
        flush_quietly()
    os._exit(code)


def ending_as_asked(command: Callable[P, R]) -> Callable[P, R]:
    """A command that ends quietly when its reader has gone (`zslviz ... | head`), and with code 130 after Ctrl-C."""

    @wraps(command)
    def run(*arguments: P.args, **options: P.kwargs) -> R:
        try:
            return command(*arguments, **options)
        except BrokenPipeError:
            flush_quietly()
            raise SystemExit(0) from None
        except KeyboardInterrupt:
            raise SystemExit(INTERRUPTED) from None

    return run


def flush_quietly() -> None:
    """Prints what is still to be printed; if nobody reads it any more, nobody hears of that, not at Python's own end either."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (BrokenPipeError, ValueError):
            with suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _end(number: int, frame: FrameType | None) -> NoReturn:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # asked twice, it still tidies up
    raise SystemExit(TERMINATED)
