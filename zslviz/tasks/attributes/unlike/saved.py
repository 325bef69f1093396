"""`ShownPhotos` as a file beside a checkpoint (docs/unlike.md): a bundle of three small arrays, the same for all models that see
the same photos with the same encoder."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from zslviz.errors import CheckpointError, ConfigError
from zslviz.files import is_there, read_bytes, replacing
from zslviz.files.bundle import MAX_BYTES, write_bundle
from zslviz.files.typed import Count, Finite, typed
from zslviz.runtime.places import TRAINING_PHOTOS
from zslviz.tasks.attributes.unlike.shown import STAGE, ShownPhotos
from zslviz.tasks.base import bundle as base
from zslviz.tasks.base.arrays import frozen

FORMAT = 1
_KIND = "model's training photos"
_SHAPES = {"mean": "f C", "axes": "f R C", "directions": "f S C"}
Share = Annotated[Finite, Field(ge=0, le=1)]


@dataclass(frozen=True)
class Seen:
    """What a model sees with, and of which data: backbone and side of its input in pixels."""

    data: str
    backbone: str
    size: Count


@dataclass(frozen=True)
class _Told:
    """The head. stage: of the encoder whose mean over regions the arrays are of. The rest as `ShownPhotos` has it."""

    bundle: str
    format: Count
    seen: Seen
    stage: str
    photos: Count
    limit: Finite
    trained: Share
    held_out: Share


def shown_bytes(shown: ShownPhotos, seen: Seen) -> bytes:
    """The file."""
    told = _Told(_KIND, FORMAT, seen, STAGE, shown.photos, shown.limit, shown.trained, shown.held_out)
    parts: dict[str, NDArray[Any] | bytes] = {
        "mean": shown.mean,
        "axes": shown.axes.astype(np.float16),
        "directions": shown.directions.astype(np.float16),
    }
    return write_bundle(asdict(told), parts)


def read_shown(content: bytes) -> tuple[ShownPhotos, Seen]:
    """What `shown_bytes` wrote, and of which photos it is. Raises ConfigError with one sentence."""
    bundle = base.opened(content, _KIND, FORMAT)
    with base.usable():
        told = typed(_Told, bundle.head, "the bundle's head", known=None)
        found = base.all_of(bundle, _SHAPES, {})
        if told.stage != STAGE or not all(np.isfinite(array).all() for array in found.values()):
            raise ConfigError("it is of another stage, or holds numbers that are not finite.")
    mean, axes, directions = (frozen(np.array(found[name], dtype=np.float32), np.float32) for name in _SHAPES)
    return ShownPhotos(mean, axes, directions, told.photos, told.limit, told.trained, told.held_out), told.seen


def shown_of(folder: Path, seen: Seen) -> ShownPhotos | None:
    """Of a checkpoint's folder; None if it came without, or with one that another model has left there.

    seen: what the model sees with. Raises CheckpointError.
    """
    file = folder / TRAINING_PHOTOS
    if not is_there(file):
        return None
    try:
        shown, of = read_shown(read_bytes(file, CheckpointError, MAX_BYTES))
    except ConfigError as problem:
        raise CheckpointError(f"'{TRAINING_PHOTOS}' of '{folder.name}': {problem}") from None
    return shown if of == seen else None


def write_shown(folder: Path, shown: ShownPhotos | None, seen: Seen) -> None:
    """Writes the file whole or not at all; of a checkpoint without it, one that lies there from before goes."""
    file = folder / TRAINING_PHOTOS
    if shown is None:
        file.unlink(missing_ok=True)
        return
    with replacing(file, CheckpointError) as partial:
        partial.write_bytes(shown_bytes(shown, seen))
