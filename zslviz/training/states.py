"""What a killed training goes on from, as files: written whole or not at all, and believed only as far as it can be true."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import torch

from zslviz.errors import ConfigError
from zslviz.files import read_bytes, replacing

_MAX_BYTES = 64 * 2**30


def write_state(path: Path, state: Any) -> None:
    """Tensors and plain values. Raises ConfigError if they cannot be written; what was there stays then."""
    content = io.BytesIO()
    torch.save(state, content)  # not to the file itself: what torch says of a full disk is no OSError
    with replacing(path) as file:
        file.write_bytes(content.getbuffer())


@contextmanager
def read_state(path: Path) -> Iterator[Any]:
    """What `write_state` wrote. Whatever goes wrong in reading or taking it over is one ConfigError. No code in it is run."""
    try:
        content = io.BytesIO(read_bytes(path, ConfigError, _MAX_BYTES))
        yield torch.load(content, map_location="cpu", weights_only=True)
    except Exception:  # a damaged file can fail in any way inside torch, and each of them means the same
        raise damaged(path) from None


def damaged(path: Path) -> ConfigError:
    """What is said of a file in the folder of a run that cannot be gone on from."""
    return ConfigError(
        f"'{path}' is damaged or of another training, so this one cannot go on from it; remove the folder '{path.parent}' to start "
        "from the beginning."
    )


def remove_partial(folder: Path) -> None:
    """What a kill left half written in the folder of a run."""
    for left in (*folder.glob(".*.part"), *folder.glob("*.partial")):
        with suppress(OSError):
            left.unlink()
