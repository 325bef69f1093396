"""Explanations as two files: PATH.json (readable) and PATH.npz (all arrays). Nothing in them is ever run."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from zslviz.errors import ConfigError, ZslvizError

_DAMAGE = (OSError, LookupError, TypeError, ValueError, AttributeError, EOFError, BadZipFile, zlib.error, ZslvizError)


def write_pair(
    path: str | Path, readable: Mapping[str, Any], arrays: Mapping[str, NDArray[Any] | None]
) -> tuple[Path, Path]:
    """Writes both files and returns their paths; arrays that are None are left out. Raises ConfigError."""
    base = _base(path)
    json_path, npz_path = base.with_name(base.name + ".json"), base.with_name(base.name + ".npz")
    try:
        json_path.write_text(json.dumps(readable, indent=1), encoding="utf-8")
        kept: dict[str, Any] = {name: array for name, array in arrays.items() if array is not None}
        np.savez_compressed(npz_path, **kept)
    except OSError as error:
        raise ConfigError(f"The explanation cannot be written to '{json_path}' ({error.strerror}).") from None
    return json_path, npz_path


@contextmanager
def read_pair(path: str | Path) -> Iterator[tuple[dict[str, Any], dict[str, NDArray[Any]]]]:
    """What `write_pair` wrote. Whatever goes wrong in reading it or putting it together becomes one ConfigError."""
    base = _base(path)
    try:
        data = json.loads(base.with_name(base.name + ".json").read_text(encoding="utf-8"))
        with np.load(base.with_name(base.name + ".npz"), allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        yield data, arrays
    except _DAMAGE as error:
        raise ConfigError(
            f"'{base.name}' is not a saved explanation, or one of its two files (.json, .npz) is missing or damaged "
            f"({type(error).__name__})."
        ) from None


def _base(path: str | Path) -> Path:
    base = Path(path)
    return base.with_suffix("") if base.suffix in (".json", ".npz") else base
