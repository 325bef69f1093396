"""Models' test photos as fused vectors (docs/test-set.md), as browsers fetch them: once, when their panel opens."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zslviz.catalogue import Task, part
from zslviz.errors import UnknownNameError
from zslviz.runtime.places import TEST_PHOTOS
from zslviz.ui.served import Served, zipped
from zslviz.ui.service import Service

if TYPE_CHECKING:  # it brings PyTorch
    from zslviz.checkpoints.listing import CheckpointInfo

PLACE = "tested"
MEDIA_TYPE = "application/octet-stream"


def address_of(info: CheckpointInfo) -> str | None:
    """Where a model's test photos lie on the page: another file lies at another address. None if it came without."""
    version = _version(info.folder / TEST_PHOTOS)
    return version and f"{PLACE}/{version}/{info.name}"


def tested_photos(service: Service, rest: str) -> Served | None:
    """A model's file by VERSION/MODEL, None if there is none; one of another version (another server's) is not to be kept."""
    asked, _, name = rest.partition("/")
    try:
        info = service.checkpoint(name)
    except UnknownNameError:
        return None
    file = info.folder / TEST_PHOTOS
    version = _version(file)
    if version is None:
        return None
    return Served(_zipped(file, version), MEDIA_TYPE, public=True, lasting=version == asked)


def _version(file: Path) -> str | None:
    try:
        told = file.stat()
    except OSError:
        return None
    return f"{told.st_size:x}-{told.st_mtime_ns:x}"


def opened_photos(info: CheckpointInfo) -> Any:
    """A model with its test photos (`tasks.attributes.retesting.TestedModel`), opened once. Raises CheckpointError."""
    return _opened(info.task, info.folder, _version(info.folder / TEST_PHOTOS))


@lru_cache(maxsize=4)
def _opened(task: Task, folder: Path, version: str | None) -> Any:
    return part(task, "retesting").TestedModel.open(folder)


@lru_cache(maxsize=16)
def _zipped(file: Path, version: str) -> bytes:
    return zipped(file.read_bytes())
