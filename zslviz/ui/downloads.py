"""Files made for visitors, in one folder that the page may serve."""

from __future__ import annotations

import secrets
import shutil
import tempfile
import threading
import weakref
from collections import deque
from pathlib import Path

KEPT_DOWNLOADS = 24


class Downloads:
    """Files made for visitors, in one folder that the page may serve; only the newest are kept, and none after the server's end."""

    def __init__(self, kept: int = KEPT_DOWNLOADS) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="zslviz-downloads-"))
        weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)
        self._kept = kept
        self._written: deque[Path] = deque()
        self._lock = threading.Lock()

    def write(self, words: str, picture: bytes) -> Path:
        """Writes the bytes of a PNG under a name made of words."""
        stem = "-".join("".join(c if c.isalnum() and c.isascii() else " " for c in words).split())
        folder = self.folder / secrets.token_urlsafe(12)
        folder.mkdir()
        path = folder / f"{stem or 'overlay'}.png"
        path.write_bytes(picture)
        with self._lock:
            self._written.append(folder)
            while len(self._written) > self._kept:
                shutil.rmtree(self._written.popleft(), ignore_errors=True)
        return path
