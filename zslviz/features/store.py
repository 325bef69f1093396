"""Rows of features on disk: what is there is known by the digest of its photo, and whatever is damaged is found out.

A folder holds `c3.npy`, `c4.npy`, `c5.npy` (each [R, H, W, C], so that a row is one contiguous read and is channels-last for the
convolutions), `rows.npy` (of every row the digest of its photo and a sum of each stage's bytes; zeros for a row that is free) and
`cache.json` (the format, and which features they are). A row gets its digest after its features are on disk, so a killed run goes
on where it was. Files only grow, and room is reserved before it is mapped, so that a full disk is an answer and no crash.
"""

from __future__ import annotations

import io
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from zslviz.errors import DataError, ZslvizError
from zslviz.features.identity import DIGEST
from zslviz.files import check_folder, check_room, is_there, read_json, reason, replacing

FORMAT = 2
"""1 knew photos by folder and name alone, so that other photos of the same names could not be told from them."""

ABOUT, ROWS, LOCK = "cache.json", "rows.npy", "lock"
_CHUNK = 2**24
_WAIT_FOR_OTHERS = 0.5  # seconds before it is told that another process is waited for

Shape = tuple[int, ...]
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Layout:
    """What a folder is to hold. stages: the shape of a row of each stage file. about: which features, as told in `cache.json`."""

    folder: Path
    stages: Mapping[str, Shape]
    about: Mapping[str, Any]

    @property
    def files(self) -> dict[Path, tuple[np.dtype[Any], Shape]]:
        """Every file of rows with the type and the shape of a row; what marks rows as whole comes last."""
        stages = {self.folder / f"{name}.npy": (np.dtype("<f2"), shape) for name, shape in self.stages.items()}
        return {**stages, self.folder / ROWS: (self.row, ())}

    @property
    def row(self) -> np.dtype[Any]:
        return np.dtype([("photo", "u1", (DIGEST,)), ("sums", "<u8", (len(self.stages),))])

    @property
    def bytes_per_row(self) -> int:
        return sum(_row_bytes(dtype, shape) for dtype, shape in self.files.values())


@dataclass(frozen=True, eq=False)
class Rows:
    """The rows of a folder, mapped.

    stages: float16 [R, H, W, C] each. table: R records of a photo's digest and the sums of its stages. problem: what is damaged.
    """

    layout: Layout
    stages: tuple[NDArray[np.float16], ...]
    table: NDArray[Any]
    problem: str = ""
    checked: NDArray[np.bool_] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "checked", np.zeros((len(self.table), len(self.stages)), dtype=bool))

    def find(self, digests: NDArray[np.uint8]) -> NDArray[np.int64]:
        """The rows of photos [N, 32] by their digests: int64 [N], -1 where there is none."""
        place = {key.tobytes(): row for row, key in enumerate(np.asarray(self.table["photo"]))}
        place.pop(bytes(DIGEST), None)
        return np.array([place.get(key.tobytes(), -1) for key in digests], dtype=np.int64)

    def free(self) -> NDArray[np.int64]:
        """Rows of no photo."""
        return np.flatnonzero(~self.table["photo"].any(axis=1))

    def write(self, rows: NDArray[np.int64], stage: int, features: NDArray[np.float16]) -> NDArray[np.uint64]:
        """Features [B, H, W, C] of a stage into their rows; their sums."""
        self.stages[stage][rows] = features
        return sums(features)

    def mark(self, rows: NDArray[np.int64], digests: NDArray[np.uint8], totals: NDArray[np.uint64]) -> None:
        """Brings what was written to the disk, then says of which photos it is. totals: the sums of all stages [B, S]."""
        for stage in self.stages:
            stage.flush()  # type: ignore[attr-defined]
        self.table["sums"][rows] = totals
        self.table["photo"][rows] = digests
        self.table.flush()  # type: ignore[attr-defined]

    def check(self, stage: int, rows: NDArray[np.int64], features: NDArray[np.float16]) -> None:
        """Once for every row: that features [B, H, W, C] read from it are what was written.

        Raises DataError if they are not; the rows are freed then, so that they are made again.
        """
        if self.checked[rows, stage].all():
            return
        wrong = rows[sums(features) != self.table["sums"][rows, stage]]
        if wrong.size:
            strike(self.layout, wrong.tolist())
            raise DataError(
                f"'{list(self.layout.files)[stage]}' is damaged: features of {len(wrong)} photos are not what was written. They "
                "are struck out now; run the command again ('zslviz cache' first, if it only reads them) to compute them anew."
            )
        self.checked[rows, stage] = True


def sums(features: NDArray[np.float16]) -> NDArray[np.uint64]:
    """The sum of the words of each row [B, ...] modulo 2^64: uint64 [B]. A changed byte changes it."""
    flat = np.ascontiguousarray(features).reshape(len(features), -1)
    words = flat.view(np.uint64 if flat.shape[1] % 4 == 0 else np.uint16)
    return words.sum(axis=1, dtype=np.uint64) + np.uint64(1)  # a row of zeros differs from no row


def open_rows(layout: Layout, writable: bool = False) -> Rows:
    """Maps what a folder holds, as far as all its files reach; damage is told in `problem`.

    Raises DataError if it holds other features, or features of an earlier format.
    """
    check_about(layout)
    lengths = {path: _length(path, dtype, shape) for path, (dtype, shape) in layout.files.items()}
    count = min(length for length, _ in lengths.values())
    begun = any(path.exists() for path in layout.files)
    problem = "; ".join(f"'{path}' {why}" for path, (_, why) in lengths.items() if why and begun)
    mapped = [_map(path, dtype, (count, *shape), writable) for path, (dtype, shape) in layout.files.items()]
    return Rows(layout, tuple(mapped[:-1]), mapped[-1] if writable else np.array(mapped[-1]), problem)


def no_rows(layout: Layout) -> Rows:
    *stages, table = (np.zeros((0, *shape), dtype) for dtype, shape in layout.files.values())
    return Rows(layout, tuple(stages), table)


def check_about(layout: Layout) -> None:
    """Raises DataError if `cache.json` does not say that the folder holds these features, in this format."""
    file = layout.folder / ABOUT
    try:
        told = read_json(file, DataError, 2**20)
    except DataError:
        raise DataError(
            f"'{file}' is damaged or cannot be read, so that nobody knows which features lie there."
        ) from None
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        raise DataError(
            f"The features in '{layout.folder}' are of an earlier version, which knew photos by their names alone: nobody can tell "
            "whether they are of these photos."
        )
    if {key: told.get(key) for key in layout.about} != dict(layout.about):
        raise DataError(
            f"'{file}' tells of other features than its folder's name; remove the folder '{layout.folder}'."
        )


def reserve(layout: Layout, wanted: int) -> Rows:
    """Makes the folder hold at least `wanted` free rows and maps it for writing; to be called under the lock.

    Files that are missing or damaged are made again, and what is lost with them is free. Raises DataError if the disk has too
    little room or the folder may not be written to.
    """
    rows = open_rows(layout, writable=True)
    count, more = len(rows.table), max(0, wanted - len(rows.free()))
    check_room(layout.folder, more * layout.bytes_per_row, f"The features of {wanted} photos", DataError)
    del rows
    for path, (dtype, shape) in layout.files.items():
        _grow(path, dtype, shape, count, count + more)
    return open_rows(layout, writable=True)


def begin(layout: Layout) -> str:
    """Makes a folder ready to be filled; returns why its features cannot be used, "" if they can or there are none."""
    check_folder(layout.folder, DataError)
    about, why = layout.folder / ABOUT, ""
    try:
        if about.exists():
            check_about(layout)
            return ""
        if any(path.exists() for path in layout.files):
            why = f"'{about}' is missing, so that nobody knows which features lie there."
    except DataError as error:
        if "remove the folder" in str(error):
            raise
        why = str(error)
    for path in [*layout.files, layout.folder / "done.npy"]:
        path.unlink(missing_ok=True)
    with replacing(about, DataError) as partial:
        partial.write_text(json.dumps({"format": FORMAT, **layout.about}, indent=2), encoding="utf-8")
    return why


def strike(layout: Layout, rows: Sequence[int]) -> None:
    """Frees rows that are damaged, if the folder may be written to, so that they are made again."""
    with suppress(OSError, ZslvizError, ValueError):
        table = open_rows(layout, writable=True).table
        table["photo"][np.asarray(rows)] = 0
        table.flush()  # type: ignore[attr-defined]


@contextmanager
def locked(folder: Path, tell: Tell, patience: float = -1) -> Iterator[None]:
    """One process at a time fills a folder; the others wait, and tell so. patience: seconds until they give up with a DataError."""
    check_folder(folder, DataError)
    lock = FileLock(folder / LOCK)
    try:
        try:
            lock.acquire(timeout=_WAIT_FOR_OTHERS)
        except Timeout:
            tell(f"Another process is filling '{folder}'; waiting for it.")
            lock.acquire(timeout=patience)
    except Timeout:
        raise DataError(f"Another process is filling '{folder}'; wait until it is done.") from None
    except NotImplementedError:  # some network file systems have no locks
        tell(f"Files in '{folder}' cannot be locked; let no other command fill it now.")
    except OSError as problem:
        raise DataError(f"'{folder / LOCK}' cannot be written ({reason(problem)}).") from None
    try:
        yield
    finally:
        lock.release()


# -- files of rows: NumPy's own format, whose header is rewritten in place as they grow -------------------------------------------


def _row_bytes(dtype: np.dtype[Any], shape: Shape) -> int:
    return int(np.prod(shape, dtype=np.int64)) * dtype.itemsize


def _header(dtype: np.dtype[Any], shape: Shape) -> bytes:
    stream = io.BytesIO()
    description = {"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(stream, description)  # of one length for all lengths of the array
    return stream.getvalue()


def _length(path: Path, dtype: np.dtype[Any], shape: Shape) -> tuple[int, str]:
    """How many rows a file holds, and what is wrong with it, "" if nothing is."""
    if is_there(path) and not path.is_file():  # a pipe would be waited for
        return 0, "is not a file"
    try:
        with path.open("rb") as stream:
            head = stream.read(len(_header(dtype, (0, *shape))))
            size = os.fstat(stream.fileno()).st_size
    except OSError as problem:
        return 0, f"cannot be read ({reason(problem)})"
    told = re.search(rb"'shape': \((\d{1,18}),", head)
    count = int(told.group(1)) if told else -1
    if count < 0 or head != _header(dtype, (count, *shape)):
        return 0, "is damaged"
    fits = (size - len(head)) // _row_bytes(dtype, shape)
    return (count, "") if count <= fits else (fits, "is shorter than it should be")


def _map(path: Path, dtype: np.dtype[Any], shape: Shape, writable: bool) -> NDArray[Any]:
    if shape[0] == 0:  # nothing to map, and there may be no file
        return np.zeros(shape, dtype)
    try:
        return np.memmap(path, dtype, "r+" if writable else "r", len(_header(dtype, shape)), shape)
    except OSError as problem:
        raise DataError(f"'{path}' cannot be {'written' if writable else 'read'} ({reason(problem)}).") from None


def _grow(path: Path, dtype: np.dtype[Any], shape: Shape, keep: int, count: int) -> None:
    """Makes a file hold `count` rows, of which the first `keep` stay. Raises DataError, without growing it, if there is no room."""
    length, _ = _length(path, dtype, shape)
    row, header = _row_bytes(dtype, shape), _header(dtype, (count, *shape))
    try:
        if length < keep or length == 0:  # gone or damaged: another file, since processes may still read the old one
            path.unlink(missing_ok=True)
            path.touch()
        with path.open("r+b") as stream:
            _reserve(stream, len(header) + count * row)
            if path.name == ROWS:
                _zero(stream, len(header) + keep * row, (count - keep) * row)
            stream.seek(0)
            stream.write(header)
    except OSError as problem:
        raise DataError(f"'{path}' cannot be written ({reason(problem)}).") from None


def _reserve(stream: BinaryIO, size: int) -> None:
    """Gives an open file room on the disk up to a size; what is new is zero."""
    before = os.fstat(stream.fileno()).st_size
    try:
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(stream.fileno(), 0, size)
        else:
            _zero(stream, before, size - before)
    except OSError:
        stream.truncate(before)
        raise


def _zero(stream: BinaryIO, start: int, size: int) -> None:
    stream.seek(start)
    for at in range(0, size, _CHUNK):
        stream.write(bytes(min(_CHUNK, size - at)))
    stream.flush()
