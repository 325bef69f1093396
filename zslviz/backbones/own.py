"""Weights of one's own: which file holds those of a digest, and what the digest is."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from zslviz.backbones.base import Backbone
from zslviz.errors import ConfigError

WEIGHTS_VARIABLE = "ZSLVIZ_WEIGHTS"
"""Files of weights of one's own, parted as in PATH, for commands and pages that open models which need them."""
DIGITS = 16

_files: dict[tuple[str, str], Path] = {}  # of a backbone and a digest, as they were given


def weights_digest(backbone: Backbone) -> str:
    """Sixteen hexadecimal digits of all weights that features depend on: the same from whatever kind of file they came."""
    idle = getattr(backbone.network, "idle", ())
    digest = hashlib.sha256()
    for name, tensor in sorted(backbone.network.state_dict().items()):
        if not name.startswith(idle) and not name.endswith("num_batches_tracked"):
            digest.update(f"{name} {tuple(tensor.shape)} ".encode())
            digest.update(tensor.detach().cpu().numpy().tobytes())
    return digest.hexdigest()[:DIGITS]


def remember(name: str, digest: str, file: Path) -> None:
    """Has `with_digest` know where weights lie that were just loaded."""
    _files[name, digest] = file


def with_digest(name: str, digest: str, build: Callable[[Path], Backbone]) -> Backbone:
    """A backbone built from the file of that digest: one that was remembered, or named in ZSLVIZ_WEIGHTS. Raises ConfigError."""
    known = _files.get((name, digest))
    for file in (known,) if known is not None else _named():
        try:
            backbone = build(file)
        except ConfigError:
            if known is not None:
                raise
            continue  # weights of another backbone
        if weights_digest(backbone) == digest:
            remember(name, digest, file)
            return backbone
    raise ConfigError(
        f"Weights of one's own are needed for {name}, those with the digest {digest}: name their file with --weights, or in "
        f"{WEIGHTS_VARIABLE}."
    )


def _named() -> Iterator[Path]:
    return (Path(file) for file in os.environ.get(WEIGHTS_VARIABLE, "").split(os.pathsep) if file)
