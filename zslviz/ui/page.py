"""Puts the page together: headline, tabs, endpoints, and how it is launched."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import gradio as gr
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware

from zslviz.catalogue import Task
from zslviz.errors import ZslvizError
from zslviz.photos.loading import MAX_FILE_BYTES
from zslviz.ui.about import about_page
from zslviz.ui.calls import CallableBlocks
from zslviz.ui.door import Desk, Door
from zslviz.ui.endpoints import add_models, add_pair
from zslviz.ui.examples import Example
from zslviz.ui.scratch import KEPT_SECONDS, Downloads
from zslviz.ui.served import Served, module
from zslviz.ui.service import Service
from zslviz.ui.tab import Tab
from zslviz.ui.tabs import TABS, TabPlace
from zslviz.ui.theme import head, theme

TITLE = "zslviz: see why, then change it"
KEEP_UPLOADS_SECONDS = KEPT_SECONDS
SESSIONS = 64  # of callers of the endpoints: gradio keeps a copy of the page for each, and nobody asks for it again
_ZIPPED = Middleware(GZipMiddleware, minimum_size=1000, compresslevel=5)  # pictures are left as they are
_log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Page:
    """The built page and what it needs to be served. tabs: those for which there is a model, in their order."""

    blocks: gr.Blocks
    downloads: Downloads
    desk: Desk
    tabs: tuple[Tab[Any, Any], ...] = ()

    def launch(self, **settings: Any) -> Any:
        """`gr.Blocks.launch` with this page's looks; `settings` (server_name, server_port, ...) are added."""
        return self.blocks.launch(
            theme=theme(),
            head=head([tab.place.name for tab in self.tabs]),
            max_file_size=MAX_FILE_BYTES,
            allowed_paths=[str(self.downloads.folder)],
            app_kwargs={"middleware": [_ZIPPED, Middleware(Door, desk=self.desk)]},
            enable_monitoring=False,
            footer_links=["api"],
            ssr_mode=False,
            share=False,
            state_session_capacity=SESSIONS,
            **settings,
        )

    def warm_up(self) -> None:
        """Explains what the page opens with, so that the first visitor finds it done. Errors wait for the visitor who asks."""
        try:
            self.tabs[0].warm_up()
        except ZslvizError as error:
            _log.warning("The first example could not be explained: %s", error)


def build_page(service: Service | None = None) -> Page:
    """Builds the page. `service` carries the models and examples; the shipped ones if None."""
    service = service or Service()
    downloads = Downloads()
    places = [place for place in TABS if service.offers(place.task)] or TABS[
        :1
    ]  # without any model it says that there is none
    tabs = tuple(place.open(service, downloads) for place in places)
    desk = Desk(service.turns)
    desk.served |= {
        "twin": module,
        "model": service.bundles.model,
        "about": lambda name: None if name else about_page(service.all_checkpoints),
        "bundle": lambda handle: bundle_of(service, tabs, handle),
    }
    with CallableBlocks(
        title=TITLE, analytics_enabled=False, delete_cache=(KEEP_UPLOADS_SECONDS, KEEP_UPLOADS_SECONDS), fill_width=True
    ) as blocks:
        gr.HTML(
            headline(places),
            apply_default_css=False,
            padding=False,
            js_on_load=None,
            elem_classes=["zv-panel", "zv-header"],
        )
        with gr.Tabs():
            for tab in tabs:
                with gr.Tab(tab.place.title, id=tab.place.name):  # what is in a tab is drawn when it is first opened
                    tab.build(desk)
        add_models(service, desk)
        for tab in tabs:
            if endpoints := tab.endpoints():
                add_pair(endpoints, desk)
    return Page(blocks, downloads, desk, tabs)


def headline(places: Sequence[TabPlace]) -> str:
    """The top of the page: the name, what one does in the tab that is open, and a place for tools."""
    lines = "".join(f'<span class="zv-line" data-tab="{place.name}">{escape(place.line)}</span>' for place in places)
    shown = "".join(
        f'.gradio-container:has([data-tab-id="{place.name}"][aria-selected="true"]) .zv-line[data-tab="{place.name}"]'
        "{display:inline}"
        for place in places
    )
    return (
        f'<style>{shown}</style><div class="zv-headline"><nav class="zv-skips" aria-label="Skip to a part of the page"></nav>'
        f'<h1><span class="zv-brand">zslviz</span> {lines}</h1></div>'
        '<div class="zv-header-tools"></div>'
    )


def bundle_of(service: Service, tabs: Sequence[Tab[Any, Any]], handle: str) -> Served | None:
    """The photo's part of the bundle of what is kept under a handle; None if browsers get none of it. Raises ExpiredError."""
    explanation = service.store.get(handle, object)
    tab = next((tab for tab in tabs if tab.bundles and isinstance(explanation, tab.kind)), None)
    return None if tab is None else service.bundles.photo(handle, lambda: tab.photo_bundle(explanation))


def examples_of(dataset: Any, task: Task) -> list[Example]:
    """Photos of a data set as examples, as the first tab of its task that takes them has it. Raises ConfigError if none does."""
    kinds = [place.kind for place in TABS if place.task == task]
    taking = (kind for kind in kinds if kind.examples_of is not Tab.examples_of)
    return next(taking, Tab).examples_of(dataset, task)
