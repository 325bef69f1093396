"""What a page is built on, and what answers before it is built: the tabs, and the desk with everything that needs no network.

No gradio and no torch: it is there a moment after the program has begun.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from zslviz.ui.about import about_page
from zslviz.ui.door import Desk
from zslviz.ui.presenting import fetched
from zslviz.ui.scratch import Downloads
from zslviz.ui.served import Served, module
from zslviz.ui.service import Service
from zslviz.ui.shell import Rest, document
from zslviz.ui.tab import Tab
from zslviz.ui.tabs import TABS
from zslviz.ui.tested import PLACE, tested_photos

ZIPPED: dict[str, Any] = {
    "minimum_size": 1000,
    "compresslevel": 5,
}  # of answers, by starlette's GZipMiddleware; pictures are left as they are


@dataclass(frozen=True, eq=False)
class Ground:
    """tabs: those for which there is a model, in their order; without any model the first one, which says that there is none."""

    downloads: Downloads
    desk: Desk
    tabs: tuple[Tab[Any, Any], ...]

    @classmethod
    def of(cls, service: Service, downloads: Downloads | None = None) -> Ground:
        downloads, desk = downloads or Downloads(), Desk(service.turns)
        places = [place for place in TABS if service.offers(place.task)] or TABS[:1]
        tabs = tuple(place.open(service, downloads) for place in places)
        rest = Rest.of(tabs)
        desk.served |= {
            "": cache(lambda _: document(tabs, rest)),
            "rest": lambda name: rest.files.get(name),
            "twin": module,
            **fetched(),
            "about": lambda name: None if name else about_page(service.all_checkpoints),
            "model": lambda digest: _model_part(service, digest),
            "bundle": lambda handle: bundle_of(service, tabs, handle),
            "example": service.pictures.picture,
            PLACE: lambda rest: tested_photos(service, rest),
        }
        if service.baked is not None:
            desk.served["baked"] = service.baked.photo_part
        return cls(downloads, desk, tabs)


def bundle_of(service: Service, tabs: Sequence[Tab[Any, Any]], handle: str) -> Served | None:
    """The photo's part of the bundle of what is kept under a handle; None if browsers get none of it. Raises ExpiredError."""
    explanation = service.store.get(handle, object)
    tab = next((tab for tab in tabs if tab.bundles and isinstance(explanation, tab.kind)), None)
    return None if tab is None else service.bundles.photo(handle, lambda: tab.photo_bundle(explanation))


def _model_part(service: Service, digest: str) -> Served | None:
    found = service.bundles.model(digest)
    return service.baked.model_part(digest) if found is None and service.baked is not None else found
