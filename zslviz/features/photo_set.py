"""Photos in a fixed order, whatever they are labelled with."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from PIL import Image


class PhotoSet(Protocol):
    """Photos in a fixed order: what features are computed and cached of, whatever the photos are labelled with."""

    @property
    def name(self) -> str: ...

    @property
    def files(self) -> tuple[Path, ...]: ...

    def photo(self, index: int) -> Image.Image:
        """The photo as networks are to see it: upright RGB, without a border that is none of it."""
