"""Files of visitors: what they send, and what is made for them; bounded in age and size, and gone after the server's end."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import tempfile
import threading
import time
import weakref
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

KEPT_DOWNLOADS = 24
KEPT_SECONDS = 3600
KEPT_BYTES = 2**30
SWEEP_SECONDS = 30
_NAME = "zslviz-{kind}-{process}-"


class Downloads:
    """Files made for visitors, in one folder that the page may serve; only the newest are kept, and none after the server's end."""

    def __init__(self, kept: int = KEPT_DOWNLOADS) -> None:
        self.folder = _own_folder("downloads")
        self._removed = weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)
        self._kept = kept
        self._written: deque[Path] = deque()
        self._lock = threading.Lock()

    def write(self, words: str, content: bytes, ending: str = ".png") -> Path:
        """Writes the bytes of a file under a name made of words."""
        stem = "-".join("".join(c if c.isalnum() and c.isascii() else " " for c in words).split())
        folder = self.folder / secrets.token_urlsafe(12)
        folder.mkdir()
        path = folder / f"{stem[:100] or 'overlay'}{ending}"
        path.write_bytes(content)
        with self._lock:
            self._written.append(folder)
            while len(self._written) > self._kept:
                shutil.rmtree(self._written.popleft(), ignore_errors=True)
        return path

    def remove(self) -> None:
        """Removes all of them and their folder."""
        self._removed()


class Uploads:
    """Where gradio puts what visitors send: a folder of this server's own (or GRADIO_TEMP_DIR), looked after while it runs.

    Files go after an hour, and the oldest first where all of them take more than a gigabyte; those of uploads broken off as well.
    A visitor who looks at one still has it in her browser, which sends it again.
    """

    def __init__(self, seconds: float = KEPT_SECONDS, most: int = KEPT_BYTES) -> None:
        given = os.environ.get("GRADIO_TEMP_DIR")
        self.folder = Path(given) if given else _own_folder("uploads")
        os.environ["GRADIO_TEMP_DIR"] = str(self.folder)
        self._own = not given
        self._limits = seconds, most
        self._end = threading.Event()
        weakref.finalize(self, _remove, self.folder, self._own, self._end)
        threading.Thread(target=_look_after, args=(self.folder, self._limits, self._end), daemon=True).start()

    def sweep(self) -> None:
        """Removes what is too old or too much."""
        sweep(self.folder, *self._limits)

    def remove(self) -> None:
        """Ends looking after the folder, and removes it if it is the server's own."""
        _remove(self.folder, self._own, self._end)


def sweep(folder: Path, seconds: float, most: int) -> None:
    """Removes files that are older, and the oldest ones beyond so many bytes; then folders that are empty."""
    found = sorted(_files(folder), reverse=True)
    held, now = 0, time.time()
    for changed, size, path in found:
        held += size
        if now - changed > seconds or held > most:
            with suppress(OSError):
                path.unlink()
                path.parent.rmdir()  # raises where others are in it


def _files(folder: Path) -> Iterator[tuple[float, int, Path]]:
    for where, _, names in os.walk(folder):
        for name in names:
            path = Path(where, name)
            with suppress(OSError):
                known = path.lstat()
                yield known.st_mtime, known.st_size, path


def _look_after(folder: Path, limits: tuple[float, int], end: threading.Event) -> None:
    while not end.wait(SWEEP_SECONDS):
        sweep(folder, *limits)


def _remove(folder: Path, own: bool, end: threading.Event) -> None:
    end.set()
    if own:
        shutil.rmtree(folder, ignore_errors=True)


def _own_folder(kind: str) -> Path:
    """A new folder of this process; those of processes that were killed are removed."""
    place = Path(tempfile.gettempdir())
    for left in place.glob(_NAME.format(kind=kind, process="*") + "*"):
        process = re.search(r"-(\d+)-", left.name)
        if process and not _runs(int(process[1])):
            shutil.rmtree(left, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=_NAME.format(kind=kind, process=os.getpid())))


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
