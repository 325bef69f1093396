"""What has been measured so far, a line of JSON each, so that a killed run goes on where it was."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from zslviz.errors import ConfigError


class Records:
    """A file of records: the first line says what they belong to, every other line is one photo's record of one kind."""

    def __init__(self, path: Path, header: Mapping[str, Any]) -> None:
        """Opens or begins a file. Raises ConfigError if it cannot be written or belongs to another measurement."""
        self._path = path
        self._by_key: dict[tuple[str, int], dict[str, Any]] = {}
        header = json.loads(json.dumps(header))
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            text = path.read_text(encoding="utf-8") if path.is_file() else ""
            whole = text[: text.rfind("\n") + 1]  # a killed run may have left half a line
            lines = [json.loads(line) for line in whole.splitlines()]
            if lines and lines[0] != header:
                raise ConfigError(
                    f"'{path}' holds measurements of other weights or settings; remove it or choose another file with --out."
                )
            if not lines:
                whole = json.dumps(header) + "\n"
            if whole != text:
                path.write_text(whole, encoding="utf-8")
        except OSError as error:
            raise ConfigError(f"The measurements cannot be written to '{path}' ({error.strerror}).") from None
        except ValueError:
            raise ConfigError(f"'{path}' is damaged; remove it and start again.") from None
        for record in lines[1:]:
            self._by_key[record["kind"], record["photo"]] = record

    def __contains__(self, key: tuple[str, int]) -> bool:
        return key in self._by_key

    def append(self, record: Mapping[str, Any]) -> None:
        """Keeps a record with `kind` and `photo`, on disk before this returns."""
        line = json.dumps(record)
        with self._path.open("a", encoding="utf-8") as stream:
            stream.write(line + "\n")
        self._by_key[record["kind"], record["photo"]] = json.loads(line)

    def of(self, kind: str, photos: list[int]) -> Iterator[dict[str, Any]]:
        """The records of one kind for these photos, in this order."""
        return (self._by_key[kind, photo] for photo in photos if (kind, photo) in self._by_key)
