"""Which files of a folder are photos: one rule, by content, wherever photos are looked for."""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from zslviz.errors import DataError, ImageError, ZslvizError
from zslviz.files import read_bytes, reason
from zslviz.photos.formats import NO_PICTURE, PREFIX, SUFFIXES, opened, why_not
from zslviz.photos.loading import MAX_FILE_BYTES

HIDDEN = "hidden"
LINK_ABOVE = "a link to a folder that was looked into already"
NO_FILE = "not a file"

_NAMED = 3
"""How many files are named for each reason."""

BOOKKEEPING = {"__macosx", ".ds_store", "thumbs.db", "ehthumbs.db", "desktop.ini", "@eadir", "$recycle.bin"}
"""What systems leave beside photos, in lower case; nobody put it there, so that nobody misses it."""


@dataclass(frozen=True)
class LeftOut:
    """A file or folder that gives no photo, and why, in a few words. unreadable: it may hold some, but may not be read."""

    path: Path
    why: str
    unreadable: bool = False


@dataclass(frozen=True)
class FoundPhotos:
    """The photos of a folder and of all folders in it, sorted, and what is left out."""

    folder: Path
    photos: tuple[Path, ...]
    left_out: tuple[LeftOut, ...]

    @property
    def summary(self) -> str:
        """One sentence that counts and names what was left out; "" if nothing was."""
        if not self.left_out:
            return ""
        counts = Counter(one.why for one in self.left_out)
        parts = []
        for why, count in counts.most_common():
            names = [self._shown(one.path) for one in self.left_out if one.why == why][:_NAMED]
            more = f" and {count - len(names)} more" if count > len(names) else ""
            parts.append(f"{', '.join(names)}{more}: {why}")
        total = len(self.left_out)
        kept = f"beside {len(self.photos)} photo{'s' * (len(self.photos) != 1)}"
        return f"{total} {'was' if total == 1 else 'were'} left out of '{self.folder}' {kept} ({'; '.join(parts)})."

    def _shown(self, path: Path) -> str:
        relative = os.path.relpath(path, self.folder).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        readable = "".join(c if c.isprintable() else "\ufffd" for c in relative)
        return f"'{readable}'"


def find_photos(folder: Path, error: type[ZslvizError] = DataError) -> FoundPhotos:
    """All photos in a folder and in the folders below it, in the order of their paths.

    A photo is a file that `load_photo` decodes or calls damaged: its first bytes are those of a format that has a decoder here,
    whatever it is called. Hidden files and folders are left out, and what systems leave behind (`._*`, `.DS_Store`,
    `__MACOSX`) is not even counted. Links are followed; every folder is looked into once.
    Raises `error` if the folder does not exist or may not be read.
    """
    if not folder.is_dir():
        raise error(f"The folder '{folder}' {'is a file' if folder.exists() else 'does not exist'}.")
    photos: list[Path] = []
    left_out: list[LeftOut] = []
    for found in _walk(folder):
        if isinstance(found, LeftOut):
            if found.path == folder:
                raise error(f"The folder '{folder}' {found.why}.")
            left_out.append(found)
            continue
        problem = _problem(found)
        if problem is None:
            photos.append(found)
        else:
            left_out.append(problem)
    return FoundPhotos(folder, tuple(sorted(photos)), tuple(sorted(left_out, key=lambda one: one.path)))


def _walk(folder: Path) -> Iterator[Path | LeftOut]:
    """Everything in a folder that may be a photo. Folders themselves come before links to them."""
    visited: set[tuple[int, int]] = set()
    waiting: list[Path] = [folder]
    links: list[Path] = []
    while waiting or links:
        here = waiting.pop() if waiting else links.pop()
        try:
            status = here.stat()
            if (status.st_dev, status.st_ino) in visited:
                yield LeftOut(here, LINK_ABOVE)
                continue
            visited.add((status.st_dev, status.st_ino))
            with os.scandir(here) as listing:
                entries = sorted(listing, key=lambda entry: entry.name, reverse=True)
        except OSError as problem:
            yield LeftOut(here, f"cannot be read ({reason(problem)})", unreadable=True)
            continue
        for entry in entries:
            if entry.name.lower() in BOOKKEEPING or entry.name.startswith("._"):
                continue
            if entry.name.startswith("."):
                yield LeftOut(here / entry.name, HIDDEN)
            elif _is_folder(entry):
                (links if entry.is_symlink() else waiting).append(here / entry.name)
            else:
                yield here / entry.name


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link in a circle
        return False


def _problem(file: Path) -> LeftOut | None:
    """Why a file is no photo; None if it is one."""
    try:
        # O_NONBLOCK: a pipe that nobody writes to would otherwise be waited for
        handle = os.open(file, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        try:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                return LeftOut(file, NO_FILE)
            prefix = os.read(handle, PREFIX)
        finally:
            os.close(handle)
    except FileNotFoundError:
        return LeftOut(file, "a link to nothing")
    except OSError as problem:
        return LeftOut(file, f"cannot be read ({reason(problem)})", unreadable=True)
    why = why_not(prefix)
    if not why and file.suffix.lower() not in _PHOTO_SUFFIXES:  # a text can begin like a picture: "BM" is enough
        try:
            opened(read_bytes(file, ImageError, MAX_FILE_BYTES)).close()
        except ImageError as problem:
            return LeftOut(file, str(problem).rstrip("."))
        except Image.DecompressionBombError:
            return None
        except Exception:  # a damaged file can fail in any way inside a decoder
            why = NO_PICTURE
    return LeftOut(file, why) if why else None


_PHOTO_SUFFIXES = frozenset(suffix for suffixes in SUFFIXES.values() for suffix in suffixes)
