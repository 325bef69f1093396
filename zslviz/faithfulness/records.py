"""What has been measured so far, a line of JSON each, so that a killed run goes on where it was."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from torch import nn

from zslviz.errors import ConfigError
from zslviz.files import check_folder, check_writable, is_there, read_text, reason, replacing

MAX_BYTES = 2**30


def weights_digest(network: nn.Module) -> str:
    """Tells one training's weights from another's."""
    digest = hashlib.sha256()
    for name, tensor in sorted(network.state_dict().items()):
        digest.update(name.encode())
        digest.update(np.ascontiguousarray(tensor.cpu().numpy()).tobytes())
    return digest.hexdigest()[:16]


class Records:
    """A file of records: the first line says what they belong to, every other line is one photo's record of one kind."""

    def __init__(self, path: Path, header: Mapping[str, Any]) -> None:
        """Opens or begins a file. Raises ConfigError if it cannot be written or belongs to another measurement."""
        self._path = path
        self._by_key: dict[tuple[str, int], dict[str, Any]] = {}
        header = json.loads(json.dumps(header))
        check_folder(path.parent)
        check_writable(path)
        text = read_text(path, ConfigError, MAX_BYTES) if is_there(path) else ""
        whole = text[: text.rfind("\n") + 1]  # a killed run may have left half a line
        try:
            lines = [json.loads(line) for line in whole.splitlines()]
            self._by_key = {(record["kind"], int(record["photo"])): record for record in lines[1:]}
        except (ValueError, LookupError, TypeError, OverflowError, RecursionError):
            raise ConfigError(f"'{path}' is damaged; remove it and start again.") from None
        if lines and lines[0] != header:
            raise ConfigError(
                f"'{path}' holds measurements of other weights or settings; remove it or choose another file with --out."
            )
        if not lines:
            whole = json.dumps(header) + "\n"
        if whole != text:
            with replacing(path) as file:
                file.write_text(whole, encoding="utf-8")

    def __contains__(self, key: tuple[str, int]) -> bool:
        return key in self._by_key

    def append(self, record: Mapping[str, Any]) -> None:
        """Keeps a record with `kind` and `photo`, on disk before this returns. Raises ConfigError if it cannot be written."""
        line = json.dumps(record)
        try:
            with self._path.open("a", encoding="utf-8") as stream:
                stream.write(line + "\n")
        except OSError as error:
            raise ConfigError(f"'{self._path}' cannot be written ({reason(error)}); what is in it is kept.") from None
        self._by_key[record["kind"], record["photo"]] = json.loads(line)

    def of(self, kind: str, photos: list[int]) -> Iterator[dict[str, Any]]:
        """The records of one kind for these photos, in this order."""
        return (self._by_key[kind, photo] for photo in photos if (kind, photo) in self._by_key)
