"""Bundles of explanations for browsers (docs/bundle.md): of a model the part that all its photos share, of a photo its own."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable

import numpy as np

from zslviz.ui.served import Served, zipped
from zslviz.ui.store import ExplanationStore

MEDIA_TYPE = "application/octet-stream"


class Bundles:
    """store: keeps the photos' parts beside their explanations, within its budget. Models' parts stay: there are few of them."""

    def __init__(self, store: ExplanationStore) -> None:
        self._store = store
        self._digests: dict[str, str] = {}  # by model
        self._models: dict[str, Served] = {}  # by digest
        self._making = threading.Lock()

    def digest_of(self, model: str, make: Callable[[], bytes]) -> str:
        """The digest under which a model's part is served. make: makes the part."""
        with self._making:
            if model not in self._digests:
                part = make()
                digest = hashlib.sha256(part).hexdigest()
                self._models[digest] = Served(zipped(part), MEDIA_TYPE, public=True)
                self._digests[model] = digest
            return self._digests[model]

    def model(self, digest: str) -> Served | None:
        """None of a model that has not explained a photo yet, or another server's."""
        return self._models.get(digest)

    def photo(self, handle: str, make: Callable[[], bytes]) -> Served:
        """make: makes the part of the photo behind the handle."""
        kept = self._store.derived(handle, "bundle", lambda: np.frombuffer(zipped(make()), np.uint8))
        return Served(kept.tobytes(), MEDIA_TYPE, public=False)
