"""Puts the page together: headline, tabs, endpoints, and how it is launched."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware

from zslviz.catalogue import Task
from zslviz.photos.loading import MAX_FILE_BYTES
from zslviz.ui.calls import CallableBlocks
from zslviz.ui.door import Desk, Door
from zslviz.ui.drawn import headline
from zslviz.ui.endpoints import add_models, add_pair
from zslviz.ui.examples import Example
from zslviz.ui.ground import ZIPPED, Ground
from zslviz.ui.presenting import TITLE
from zslviz.ui.scratch import KEPT_SECONDS, Downloads
from zslviz.ui.service import Service
from zslviz.ui.tab import Tab
from zslviz.ui.tabs import TABS
from zslviz.ui.theme import theme

ABOUT = '<p class="zv-about"><a href="about" target="_blank" rel="noopener">About, words and credits</a></p>'
KEEP_UPLOADS_SECONDS = KEPT_SECONDS
SESSIONS = 64  # of callers of the endpoints: gradio keeps a copy of the page for each, and nobody asks for it again


@dataclass(frozen=True, eq=False)
class Page:
    """The built page and what it needs to be served. tabs: those for which there is a model, in their order."""

    blocks: gr.Blocks
    downloads: Downloads
    desk: Desk
    tabs: tuple[Tab[Any, Any], ...] = ()

    def launch(self, **settings: Any) -> Any:
        """`gr.Blocks.launch` with this page's looks; `settings` (server_name, server_port, ...) are added."""
        self.desk.ready = True
        return self._launch([Middleware(GZipMiddleware, **ZIPPED), Middleware(Door, desk=self.desk)], **settings)

    def behind(self, address: str) -> tuple[Any, Callable[[], Coroutine[Any, Any, None]]]:
        """The page as an ASGI application for the server at an address, which has the door, and what to do when that runs it."""
        blocks: Any = self.blocks
        blocks.is_running, blocks.local_url, blocks.is_colab = (
            True,
            address,
            False,
        )  # so gradio starts no server of its own
        app, _, _ = self._launch([], _frontend=False, prevent_thread_lock=True, quiet=True)

        async def begin() -> None:
            blocks.run_startup_events()
            await blocks.run_extra_startup_events()
            self.desk.ready = True

        return app, begin

    def _launch(self, middleware: Sequence[Middleware], **settings: Any) -> Any:
        return self.blocks.launch(
            theme=theme(),
            max_file_size=MAX_FILE_BYTES,
            allowed_paths=[str(self.downloads.folder)],
            app_kwargs={"middleware": middleware},
            enable_monitoring=False,
            footer_links=["api"],
            ssr_mode=False,
            share=False,
            state_session_capacity=SESSIONS,
            **settings,
        )


def build_page(service: Service | None = None, ground: Ground | None = None) -> Page:
    """Builds the page. service: its models and examples; the shipped ones if None. ground: what it is built on, if it is there."""
    service = service or Service()
    ground = ground or Ground.of(service)
    desk, tabs = ground.desk, ground.tabs
    with CallableBlocks(
        title=TITLE, analytics_enabled=False, delete_cache=(KEEP_UPLOADS_SECONDS, KEEP_UPLOADS_SECONDS), fill_width=True
    ) as blocks:
        gr.HTML(
            headline([tab.place for tab in tabs]),
            apply_default_css=False,
            padding=False,
            js_on_load=None,
            elem_classes=["zv-panel", "zv-header"],
        )
        with gr.Tabs():
            for tab in tabs:
                with gr.Tab(tab.place.title, id=tab.place.name):  # what is in a tab is drawn when it is first opened
                    tab.build(desk)
        gr.HTML(ABOUT, apply_default_css=False, padding=False, js_on_load=None, elem_classes=["zv-panel", "zv-end"])
        add_models(service, desk)
        for tab in tabs:
            if endpoints := tab.endpoints():
                add_pair(endpoints, desk)
    return Page(blocks, ground.downloads, desk, tabs)


def examples_of(dataset: Any, task: Task) -> list[Example]:
    """Photos of a data set as examples, as the first tab of its task that takes them has it. Raises ConfigError if none does."""
    kinds = [place.kind for place in TABS if place.task == task]
    taking = (kind for kind in kinds if kind.examples_of is not Tab.examples_of)
    return next(taking, Tab).examples_of(dataset, task)
