"""Files of people: read whole or not at all, written whole or not at all, and one sentence for whatever is wrong with them.

Everything that is read here may be anything: a pipe, a device, a table saved by another program, a file that is too large. And
whatever is written here may meet a full disk: the old file stays as it was until the new one is complete.
"""

from __future__ import annotations

import codecs
import errno
import json
import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from zslviz.errors import ConfigError, ZslvizError

MAX_TEXT_BYTES = 50 * 2**20
MAX_NAME = 100
_UNTOLD = 2**20  # what is read of a file that does not tell its size, as those of /proc
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_PACKED = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")  # how .xlsx, .ods and .numbers begin, and the older .xls


def read_bytes(path: str | Path, error: type[ZslvizError], limit: int) -> bytes:
    """A regular file as it is. Raises `error` if it is missing, may not be read, is no regular file, or has over `limit` bytes."""
    try:
        # O_NONBLOCK: a pipe that nobody writes to would otherwise be waited for
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with os.fdopen(handle, "rb") as stream:
            told = os.fstat(handle)
            if not stat.S_ISREG(told.st_mode):
                raise error(f"'{path}' is not a file that can be read.")
            content = stream.read(min(limit, told.st_size or _UNTOLD) + 1)  # memory for so much is taken first
    except IsADirectoryError:
        raise error(f"'{path}' is a folder, not a file.") from None
    except OSError as problem:
        raise error(f"'{path}' cannot be read ({reason(problem)}).") from None
    except ValueError:  # a NUL in its name
        raise error("The name of a file holds a character that no file's name can hold.") from None
    if len(content) > limit:
        raise error(f"'{path}' is larger than {_size(limit)}; it cannot be used.")
    return content


def is_there(path: str | Path, folder: bool = False) -> bool:
    """Whether there is something (a folder, if so asked) at `path` for this process to see, however odd the name."""
    try:
        return stat.S_ISDIR(os.stat(path).st_mode) if folder else bool(os.stat(path))  # noqa: PTH116
    except (OSError, ValueError):
        return False


def check_file(path: str | Path, error: type[ZslvizError]) -> None:
    """Raises `error` if there is something at `path` that is no regular file: a folder, a pipe that would be waited for."""
    if is_there(path) and not stat.S_ISREG(os.stat(path).st_mode):  # noqa: PTH116
        raise error(f"'{path}' is not a file that can be read.")


def read_text(path: str | Path, error: type[ZslvizError], limit: int = MAX_TEXT_BYTES) -> str:
    """A text file in UTF-8, with or without a byte order mark, or in UTF-16 or UTF-32 with one; its lines end in a line feed.

    Raises `error` as `read_bytes` does, and if it is not text in one of these encodings.
    """
    return decode_text(read_bytes(path, error, limit), f"'{path}'", error)


def read_json(path: str | Path, error: type[ZslvizError], limit: int = MAX_TEXT_BYTES) -> Any:
    """What a JSON file says. Raises `error` as `read_text` does, and if it is no JSON or nested too deep."""
    text = read_text(path, error, limit)
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise error(f"'{path}' is damaged: it is not JSON that can be read.") from None


def decode_text(content: bytes, what: str, error: type[ZslvizError]) -> str:
    """What `read_text` makes of a file's content. what: which file it is, in a sentence."""
    if content.startswith(_PACKED):
        raise error(
            f"{what} is no text but a file of a spreadsheet's or a program's own format; save it as text (CSV) in UTF-8."
        )
    encoding = next((name for mark, name in _BYTE_ORDER_MARKS if content.startswith(mark)), "utf-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        raise error(f"{what} is not a text file in UTF-8; save it as UTF-8.") from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


@contextmanager
def replacing(path: str | Path, error: type[ZslvizError] = ConfigError) -> Iterator[Path]:
    """A file to write beside `path`, which takes its place when all is written; whatever goes wrong, `path` stays as it was.

    Its rights are those that the process's umask gives a new file (a library that writes through a private temporary file gives
    others none). What a link leads to is written, not the link. Raises `error` with one sentence if it cannot be written: no such
    folder, no right, no room, or a pipe or device of that name, which would be taken away.
    """
    path = _target(path, error)
    partial = path.with_name(f".{path.name[:40]}.{secrets.token_hex(4)}.part")
    try:
        _create(partial)
        rights = stat.S_IMODE(partial.stat().st_mode)
        yield partial
        partial.chmod(rights)  # what wrote it may have made it anew
        partial.replace(path)
    except OSError as problem:
        raise error(f"'{path}' cannot be written ({reason(problem)}).") from None
    finally:
        with suppress(OSError, ValueError):
            partial.unlink(missing_ok=True)


def check_writable(path: str | Path, error: type[ZslvizError] = ConfigError) -> None:
    """Raises `error` if a file could not be written to `path` now, so that it is said before long work. Leaves nothing behind."""
    path = _target(path, error)
    probe = path.with_name(f".{path.name[:40]}.{secrets.token_hex(4)}.part")
    try:
        _create(probe)
        probe.unlink(missing_ok=True)  # another process may have tidied up meanwhile
    except OSError as problem:
        raise error(f"'{path}' cannot be written ({reason(problem)}).") from None


def check_folder(folder: str | Path, error: type[ZslvizError] = ConfigError) -> None:
    """Makes a folder, with those above it, and raises `error` if it cannot be made or nothing may be written into it."""
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise error(f"The folder '{folder}' cannot be made ({reason(problem)}).") from None
    check_writable(Path(folder) / "probe", error)


def check_folder_name(name: str, what: str) -> None:
    """Raises ConfigError for a name that no folder can have, or one that leads out of the folder it is to stand in."""
    odd = next((letter for letter in name if letter in "/\\" or not letter.isprintable()), None)
    if odd is not None or name.strip() != name or name in ("", ".", ".."):
        told = "is empty" if not name.strip() else f"holds {odd!r}" if odd is not None else "is no name"
        raise ConfigError(f"{what} becomes the name of a folder, and it {told}; take letters, digits, '-' and '_'.")
    if len(name.encode()) > MAX_NAME:
        raise ConfigError(f"{what} becomes the name of a folder, and it is longer than {MAX_NAME} letters; shorten it.")


def check_can_hold(folder: str | Path, error: type[ZslvizError] = ConfigError) -> None:
    """Raises `error` if a folder that need not exist yet could not be made and written into. Leaves nothing behind."""
    there = Path(folder).absolute()
    while not is_there(there) and there != there.parent:
        there = there.parent
    if not is_there(there, folder=True):
        raise error(f"'{folder}' cannot be a folder: '{there}' is a file.")
    check_writable(there / "probe", error)


def check_room(folder: str | Path, needed: int, what: str, error: type[ZslvizError] = ConfigError) -> None:
    """Raises `error` if the disk of `folder` (it need not exist yet) has less than `needed` bytes free. what: needs them."""
    there = Path(folder).absolute()
    while not there.exists() and there != there.parent:
        there = there.parent
    free = shutil.disk_usage(there).free
    if free < needed:
        raise error(
            f"{what} need {_gigabytes(needed)}, but only {_gigabytes(free)} are free on the disk of '{folder}'; "
            "make room or name another folder."
        )


def reason(problem: OSError) -> str:
    """Why the system refused, in a few words."""
    if problem.errno == errno.ENOSPC:
        return "the disk is full"
    return (problem.strerror or type(problem).__name__).lower()


def _target(path: str | Path, error: type[ZslvizError]) -> Path:
    """The file that is written, at the end of links. Raises `error` if there is something else, or its name is none for a file."""
    try:
        there = os.stat(path).st_mode  # noqa: PTH116
    except FileNotFoundError:
        there = stat.S_IFREG
    except ValueError:  # a NUL in its name
        raise error(f"{str(path)!a} cannot be written (a character that no file's name can hold).") from None
    except OSError as problem:
        raise error(f"'{path}' cannot be written ({reason(problem)}).") from None
    if stat.S_ISDIR(there):
        raise error(f"'{path}' is a folder; name a file to write to.")
    if not stat.S_ISREG(there):
        raise error(f"'{path}' is a pipe or a device, not a file; name a file to write to.")
    return Path(os.path.realpath(path)) if Path(path).is_symlink() else Path(path)


def _create(path: Path) -> None:
    try:
        with path.open("xb"):
            pass
    except ValueError:  # a NUL in its name
        raise OSError(errno.EINVAL, "a character that no file's name can hold") from None


def _size(limit: int) -> str:
    return f"{limit / 2**20:.0f} MB" if limit >= 2**20 else f"{limit / 2**10:.0f} kB"


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:.2f} GB" if size >= 10**7 else f"{size / 1e6:.2f} MB"
