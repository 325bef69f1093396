"""What the page fetches by its address and keeps: bytes that never change under theirs, such as the modules of its arithmetic."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_MODULES = Path(__file__).parent / "twin"
_YEAR = 365 * 24 * 3600


@dataclass(frozen=True)
class Served:
    """zipped: the bytes, gzipped. media_type: what they are. public: whether they are the same for all visitors. lasting:
    whether they never change under their address.
    """

    zipped: bytes
    media_type: str
    public: bool
    lasting: bool = True

    def headers(self, zipped: bool) -> list[tuple[bytes, bytes]]:
        """Of the answer to a browser that takes (or does not take) gzipped bytes."""
        kept = f"{'public' if self.public else 'private'}, max-age={_YEAR}, immutable"
        kept = kept if self.lasting else "no-cache"
        told = {"content-type": self.media_type, "cache-control": kept, "vary": "Accept-Encoding"}
        if zipped:
            told["content-encoding"] = "gzip"
        return [(name.encode(), value.encode()) for name, value in told.items()]

    def body(self, zipped: bool) -> bytes:
        return self.zipped if zipped else gzip.decompress(self.zipped)


@cache
def modules_version() -> str:
    """Names the modules as they are: other ones lie at other addresses, so that a browser may keep what it has."""
    return _digest(path.read_bytes() for path in sorted(_MODULES.glob("*.js")))[:16]


def module(name: str) -> Served | None:
    """A module by VERSION/NAME.js; None if there is none, or it is another one now."""
    version, _, file = name.partition("/")
    known = {path.name: path for path in _MODULES.glob("*.js")}
    if version != modules_version() or file not in known:
        return None
    return Served(zipped(known[file].read_bytes()), "text/javascript; charset=utf-8", public=True)


def zipped(content: bytes) -> bytes:
    """Gzipped: the same bytes for the same content."""
    return gzip.compress(content, 6, mtime=0)


def _digest(contents: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for content in contents:
        digest.update(content)
    return digest.hexdigest()
