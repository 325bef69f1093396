"""Explanations as two files: PATH.json (readable) and PATH.npz (all arrays). Nothing in them is ever run, nor taken for true."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zslviz.errors import ConfigError, ZslvizError
from zslviz.files import read_json, replacing
from zslviz.files.arrays import read_npz


def write_pair(
    path: str | Path, readable: Mapping[str, Any], arrays: Mapping[str, NDArray[Any] | None]
) -> tuple[Path, Path]:
    """Writes both files, whole or none of them, and returns their paths; arrays that are None are left out. Raises ConfigError."""
    json_path, npz_path = _files(path)
    kept: dict[str, Any] = {name: array for name, array in arrays.items() if array is not None}
    with ExitStack() as files:
        told, held = (files.enter_context(replacing(file)) for file in (json_path, npz_path))
        told.write_text(json.dumps(readable, indent=1), encoding="utf-8")
        with held.open("wb") as stream:  # to a path it would add its own suffix
            np.savez_compressed(stream, **kept)
    return json_path, npz_path


@contextmanager
def read_pair(path: str | Path) -> Iterator[tuple[dict[str, Any], dict[str, NDArray[Any]]]]:
    """What `write_pair` wrote. Whatever goes wrong in reading it or putting it together becomes one ConfigError."""
    json_path, npz_path = _files(path)
    try:
        data, arrays = read_json(json_path, ConfigError), read_npz(npz_path, ConfigError)
    except ConfigError as error:
        raise ConfigError(
            f"'{json_path.stem}' is not a saved explanation, or one of its two files (.json, .npz) is missing or damaged: {error}"
        ) from None
    try:
        if not isinstance(data, dict):
            raise ConfigError("it is not what an explanation tells.")
        yield data, arrays
    except ZslvizError as error:
        raise ConfigError(f"'{json_path.stem}' is not a saved explanation that can be used: {error}") from None
    except Exception as error:  # of foreign content, whatever is said of it below
        raise ConfigError(
            f"'{json_path.stem}' is not a saved explanation, or one of its two files (.json, .npz) is missing or damaged "
            f"({type(error).__name__})."
        ) from None


def _files(path: str | Path) -> tuple[Path, Path]:
    base = Path(path)
    base = base.with_suffix("") if base.suffix in (".json", ".npz") else base
    if not base.name:
        raise ConfigError("An explanation needs the name of a file.")
    return base.with_name(base.name + ".json"), base.with_name(base.name + ".npz")
