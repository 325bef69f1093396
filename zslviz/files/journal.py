"""Tables of many photos that survive a kill: rows are written as they come, and a journal beside them says which photos are done.

    FILE                   the table (CSV); after a kill its last line may be half a line
    FILE.run               JSON lines: how the table was made, then each photo that is done and where its rows end in FILE
    FILE.part-R-of-N       what process R of N has so far, with a .run of its own; joined when all are done

A photo enters the journal after its rows are written, so whatever FILE holds beyond the last one is cut off when the work goes on.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from pathlib import Path
from typing import Any

from typing_extensions import Self

from zslviz.errors import ConfigError
from zslviz.files.plain import check_writable, reason, replacing

FORMAT = 1
RUN = ".run"
_AS_IT_IS = "zslviz.as_it_is"


@dataclass(frozen=True)
class Done:
    """A photo whose rows are written. size, changed: its file's bytes and time of change (ns) then; -1 if there was no file.

    end: where its rows end in the table, in bytes. readable: whether there was a photo to look at.
    """

    photo: str
    size: int
    changed: int
    end: int
    readable: bool

    def check(self) -> None:
        """Raises ConfigError if the photo is another one by now."""
        if (self.size, self.changed) != _state(self.photo):
            raise ConfigError(
                f"'{self.photo}' has changed since its row was written; make a new table, without --resume."
            )


class RowTable:
    """A table that is written photo by photo. What was added is in the file after `flush`, whatever happens then.

    columns: the header, whose first one is the photo's. settings: plain values that say how rows are made; no run goes on with a
    table of other ones. An older table of that name stays until the first rows of the new one are there. As a context manager, it
    is flushed at the end, also of a run that is interrupted.
    """

    def __init__(self, path: Path, columns: Sequence[str], settings: Mapping[str, Any]) -> None:
        self.path = path
        self.columns, self.settings = tuple(columns), dict(settings)
        self.done: list[Done] = []
        self._waiting: list[tuple[bytes, Done]] = []
        self._header = _line(columns)
        self._end = 0  # bytes of the table, with what is waiting; 0: it is not begun

    @property
    def journal(self) -> Path:
        return self.path.with_name(self.path.name + RUN)

    def check(self) -> None:
        """Raises ConfigError if it could not be written now."""
        check_writable(self.path)
        check_writable(self.journal)

    def left(self, photos: Iterable[Path]) -> list[Path]:
        """Those of some photos that are not done yet; one that is listed twice is to be done twice."""
        done = Counter(one.photo for one in self.done)
        remaining = []
        for photo in photos:
            if not done[str(photo)]:
                remaining.append(photo)
            else:
                done[str(photo)] -= 1
        return remaining

    # -- writing ----------------------------------------------------------------------------------------------------------

    def add(self, photo: Path, rows: Iterable[Sequence[Any]], readable: bool = True) -> None:
        """The rows of one photo; the cell with its name is put before them."""
        text = b"".join(_line([as_cell(str(photo)), *row]) for row in rows)
        self._append(Done(str(photo), *_state(photo), 0, readable), text)

    def _append(self, one: Done, text: bytes) -> None:
        self._end = (self._end or len(self._header)) + len(text)
        self._waiting.append((text, replace(one, end=self._end)))

    def flush(self) -> None:
        """Hands what was added to the system. Raises ConfigError if it does not take it."""
        waiting, self._waiting = self._waiting, []  # never written twice, should it fail half-way
        if not waiting:
            return
        begun = bool(self.done)
        try:
            if not begun:
                self.journal.write_bytes(_note(self._head()))
            with self.path.open("ab" if begun else "wb") as table:
                table.write(b"".join([b"" if begun else self._header, *(text for text, _ in waiting)]))
            with self.journal.open("ab") as journal:
                journal.write(b"".join(_note(astuple(one)) for _, one in waiting))
        except OSError as problem:
            raise ConfigError(f"'{self.path}' cannot be written ({reason(problem)}).") from None
        self.done += [one for _, one in waiting]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.flush()

    # -- going on ---------------------------------------------------------------------------------------------------------

    def resume(self) -> None:
        """Takes over what an earlier run with the same settings left, cut after the last photo that is done; nothing if none did.

        Raises ConfigError if it was made otherwise, is not as that run left it, or one of its photos is another one by now.
        """
        if not self.path.exists() and not self.journal.exists():
            return
        head, done = _read_journal(self.journal)
        self._check(head)
        try:
            size = self.path.stat().st_size if done else 0
            while done and done[-1].end > size:  # the machine went down before these rows reached the disk
                done.pop()
            if not done:
                return
            self._check_ends(done)
            for one in done:
                one.check()
            with replacing(self.journal) as journal:
                journal.write_bytes(b"".join([_note(head), *(_note(astuple(one)) for one in done)]))
            with self.path.open("r+b") as table:
                table.truncate(done[-1].end)
        except OSError as problem:
            raise ConfigError(f"'{self.path}' cannot be gone on with ({reason(problem)}).") from None
        self.done, self._end = done, done[-1].end

    def _head(self) -> dict[str, Any]:
        return {"format": FORMAT, "settings": self.settings, "columns": list(self.columns)}

    def _check(self, head: Mapping[str, Any]) -> None:
        """Raises ConfigError if a table was begun otherwise than this one is to be."""
        if head.get("format") != FORMAT or not isinstance(settings := head.get("settings"), dict):
            raise _unclear(self.path)
        differing = [k for k in {**settings, **self.settings} if settings.get(k) != self.settings.get(k)]
        if differing or head.get("columns") != list(self.columns):
            what = ", ".join(
                f"{_told(key, settings.get(key))} and not {_told(key, self.settings.get(key))}" for key in differing
            )
            raise ConfigError(
                f"'{self.path}' was begun {what or 'with other columns'}; go on with the same, or write another table."
            )

    def _check_ends(self, done: Sequence[Done]) -> None:
        """Raises ConfigError if somebody changed the table: its header, or where the last photo's rows begin and end."""
        before = done[-2].end if len(done) > 1 else len(self._header)
        with self.path.open("rb") as table:
            header = table.read(len(self._header))
            table.seek(before - 1)
            last = table.read(done[-1].end - before + 1)
        name = _line([as_cell(done[-1].photo)])[:-1] if before < done[-1].end else b""  # a photo may have no rows
        if header != self._header or last[:1] != b"\n" or last[-1:] != b"\n" or not last[1:].startswith(name):
            raise ConfigError(f"'{self.path}' was changed since it was written; make a new table, without --resume.")

    # -- several processes ------------------------------------------------------------------------------------------------

    def part(self, number: int, count: int) -> RowTable:
        """The table that process `number` of `count` writes."""
        path = self.path.with_name(f"{self.path.name}.part-{number}-of-{count}")
        return RowTable(path, self.columns, self.settings)

    def parts(self) -> list[RowTable]:
        """The parts that are there, in the order of their processes."""
        prefix = f"{self.path.name}.part-"
        found = []
        for path in self.path.parent.iterdir():
            number, of, count = path.name.removeprefix(prefix).removesuffix(RUN).partition("-of-")
            if path.name.startswith(prefix) and path.name.endswith(RUN) and of and (number + count).isdecimal():
                found.append((int(count), int(number)))
        return [self.part(number, count) for count, number in sorted(found)]

    def join(self) -> None:
        """Takes over the rows of all parts, which are removed then. Raises ConfigError as `resume` does."""
        parts = self.parts()
        for part in parts:
            part.resume()
            for one, text in part._rows():
                self._append(one, text)
            self.flush()
        for part in parts:
            part.remove()

    def remove(self) -> None:
        """Takes the table and its journal away, the journal first: a table without one is gone on with by nobody."""
        for path in (self.journal, self.path):
            path.unlink(missing_ok=True)

    def put_in_order(self, photos: Sequence[Path]) -> None:
        """The rows in the order of the photos, where going on or several processes left them in another one."""
        places: defaultdict[str, deque[int]] = defaultdict(deque)
        for place, photo in enumerate(photos):
            places[str(photo)].append(place)
        wanted = [places[one.photo].popleft() if places[one.photo] else len(photos) for one in self.done]
        order = sorted(range(len(wanted)), key=wanted.__getitem__)
        if order == list(range(len(wanted))):
            return
        begins = [len(self._header), *(one.end for one in self.done[:-1])]
        done: list[Done] = []
        with replacing(self.path) as table, replacing(self.journal) as journal:
            with self.path.open("rb") as old, table.open("wb") as new:
                new.write(self._header)
                for i in order:
                    old.seek(begins[i])
                    new.write(old.read(self.done[i].end - begins[i]))
                    done.append(replace(self.done[i], end=new.tell()))
            journal.write_bytes(b"".join([_note(self._head()), *(_note(astuple(one)) for one in done)]))
        self.done = done

    def _rows(self) -> Iterator[tuple[Done, bytes]]:
        """The rows of every photo that is done."""
        if not self.done:
            return
        with self.path.open("rb") as table:
            start = len(self._header)
            table.seek(start)
            for one in self.done:
                yield one, table.read(one.end - start)
                start = one.end


def as_cell(text: str) -> str:
    """A name as a cell that spreadsheets take for text: what would be a formula there gets an apostrophe before it."""
    return f"'{text}" if text[:1] in tuple("=+-@\t\r") else text


def encoded(text: str) -> bytes:
    """UTF-8; a file's name that is none comes out byte for byte as it is, and what else cannot be written as an escape."""
    return text.encode("utf-8", _AS_IT_IS)


def _as_it_is(error: UnicodeError) -> tuple[bytes, int]:
    """For what UTF-8 lacks: the byte that Python made a surrogate of, or an escape of any other surrogate."""
    assert isinstance(error, UnicodeEncodeError)
    piece = error.object[error.start : error.end]
    bytes_of = (
        bytes([ord(c) - 0xDC00]) if "\udc80" <= c <= "\udcff" else c.encode("ascii", "backslashreplace") for c in piece
    )
    return b"".join(bytes_of), error.end


codecs.register_error(_AS_IT_IS, _as_it_is)


def _read_journal(path: Path) -> tuple[dict[str, Any], list[Done]]:
    """How a table was begun, and the photos that are done; a last line that is not whole is none. Raises ConfigError."""
    table = path.with_name(path.name.removesuffix(RUN))
    try:
        lines = path.read_bytes().split(b"\n")[:-1]
        head, *noted = [json.loads(line) for line in lines]
        done = [
            Done(*(kind(value) for kind, value in zip((str, int, int, int, bool), one, strict=True))) for one in noted
        ]
    except OSError as problem:
        raise ConfigError(
            f"'{table}' cannot be gone on with: '{path}' says how it was made, and cannot be read ({reason(problem)}); make a new "
            "table, without --resume."
        ) from None
    except (ValueError, TypeError, OverflowError, RecursionError):
        raise _unclear(table) from None
    if (
        not isinstance(head, dict)
        or (done and done[0].end < 0)
        or [one.end for one in done] != sorted(one.end for one in done)
    ):
        raise _unclear(table)
    return head, done


def _unclear(table: Path) -> ConfigError:
    return ConfigError(f"'{table}{RUN}' does not say how '{table}' was made; make a new table, without --resume.")


def _state(photo: str | Path) -> tuple[int, int]:
    """Bytes of a photo's file and when it was last changed (ns)."""
    try:
        found = Path(photo).stat()
    except (OSError, ValueError):
        return -1, -1
    return found.st_size, found.st_mtime_ns


def _told(key: str, value: Any) -> str:
    return f"without {key}" if value is None else f"with {key} '{value}'"


def _note(value: Any) -> bytes:
    return json.dumps(value).encode("ascii") + b"\n"


def _line(cells: Iterable[Any]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(list(cells))
    return encoded(out.getvalue())
