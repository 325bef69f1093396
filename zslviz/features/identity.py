"""Photos by their content: a digest each, kept beside what was computed of them so that an unchanged photo is not read again."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from zslviz.errors import DataError, ImageError, ZslvizError
from zslviz.features.photo_set import PhotoSet
from zslviz.files import read_bytes, read_json, replacing
from zslviz.photos.loading import MAX_FILE_BYTES

DIGEST = 32
"""Bytes of a photo's digest (SHA-256 of its file)."""

NOTES = "photos.json"
_MAX_NOTES = 2**30
_SETTLED = (
    2 * 10**9
)  # nanoseconds: a file that changed so shortly before it was read may change again within one tick of its clock
_TOLD = 2000  # from so many photos on, reading them has a bar of its own

State = tuple[int, int, int, int]
"""What the file system tells of a file that changes with its content: size, times of its last changes (ns), number."""


@dataclass(frozen=True, eq=False)
class PhotoIdentities:
    """What N photos are.

    files: their paths. digests: uint8 [N, 32], zeros where a photo cannot be read. states: of the files when they were read.
    """

    files: tuple[Path, ...]
    digests: NDArray[np.uint8]
    states: tuple[State | None, ...]

    def check_unchanged(self, photo: int) -> None:
        """Raises DataError if a photo is not the file any more that its digest is of."""
        if state_of(self.files[photo]) != self.states[photo]:
            raise DataError(f"The photo '{self.files[photo]}' was changed while it was read; run the command again.")

    def whole(self, photos: NDArray[np.integer[Any]]) -> bytes:
        """One digest of some photos in their order."""
        return hashlib.sha256(np.ascontiguousarray(self.digests[photos]).tobytes()).digest()


def state_of(file: Path) -> State | None:
    """Costs no reading; None if there is no such file."""
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino


def identify(dataset: PhotoSet, root: Path) -> PhotoIdentities:
    """The photos of a data set by content. Those that did not change since they were read are not read again.

    root: the folder of cached features; what was read is noted there, in DATASET/photos.json, by path, size, times and number of
    the file. Notes are a shortcut: if they are damaged or cannot be written, the photos are read.
    """
    notes = root / dataset.name / NOTES
    known = _read_notes(notes)
    paths = [str(file.absolute()) for file in dataset.files]
    states = [state_of(file) for file in dataset.files]
    digests = np.zeros((len(paths), DIGEST), dtype=np.uint8)
    unknown = []
    for i, (path, state) in enumerate(zip(paths, states, strict=True)):
        if state is None:
            continue
        noted = known.get(path)
        if noted is not None and noted[0] == state:
            digests[i] = np.frombuffer(noted[1], dtype=np.uint8)
        else:
            unknown.append(i)
    fresh = {}
    for i, found in zip(unknown, _digests([dataset.files[i] for i in unknown]), strict=True):
        if found is None or state_of(dataset.files[i]) != states[i]:
            states[i] = None if found is None else states[i]
            continue
        digests[i] = np.frombuffer(found, dtype=np.uint8)
        state = states[i]
        if state is not None and time.time_ns() - _changed(state) > _SETTLED:
            fresh[paths[i]] = (state, found)
    if fresh:
        kept = {path: noted for path, noted in known.items() if path in fresh or Path(path).exists()}
        _write_notes(notes, {**kept, **fresh})
    return PhotoIdentities(dataset.files, digests, tuple(states))


def _changed(state: State) -> int:
    """When a file changed last. On Windows the third entry is when it was made."""
    return state[2] if os.name == "posix" else state[1]


def _digests(files: Sequence[Path]) -> Iterator[bytes | None]:
    with ThreadPoolExecutor(4) as pool:
        bar = tqdm(
            pool.map(_digest, files), total=len(files), unit="photo", desc="reading photos", disable=len(files) < _TOLD
        )
        yield from bar


def _digest(file: Path) -> bytes | None:
    try:
        return hashlib.sha256(read_bytes(file, ImageError, MAX_FILE_BYTES)).digest()
    except ImageError:  # whoever needs the photo says what is wrong with it
        return None


def _read_notes(file: Path) -> dict[str, tuple[State, bytes]]:
    found: dict[str, tuple[State, bytes]] = {}
    with suppress(ZslvizError, ValueError, TypeError, AttributeError):
        for path, (*state, digest) in read_json(file, DataError, _MAX_NOTES).items():
            content = bytes.fromhex(digest)
            if len(state) == 4 and len(content) == DIGEST:
                found[path] = ((state[0], state[1], state[2], state[3]), content)
    return found


def _write_notes(file: Path, known: dict[str, tuple[State, bytes]]) -> None:
    """Two processes that write at once leave the notes of one of them; what is missing is read again."""
    content = json.dumps({path: [*state, digest.hex()] for path, (state, digest) in known.items()}, indent=0)
    with suppress(OSError, ZslvizError):
        file.parent.mkdir(parents=True, exist_ok=True)
        with replacing(file) as partial:
            partial.write_text(content, encoding="ascii")
