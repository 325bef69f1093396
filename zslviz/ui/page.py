"""Puts the page together: headline, tabs, endpoints, and how it is launched."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from zslviz.catalogue import Task
from zslviz.errors import ConfigError, ZslvizError
from zslviz.photos.loading import MAX_FILE_BYTES
from zslviz.ui.downloads import Downloads
from zslviz.ui.endpoints import add_models, add_pair
from zslviz.ui.examples import Example
from zslviz.ui.service import Service
from zslviz.ui.tab import Tab
from zslviz.ui.tabs import TABS
from zslviz.ui.theme import head, theme

TITLE = "zslviz"
HEADLINE = """
<div class="zv-headline"><h1>See why, then change it</h1>
<p>Zero-shot models name a photo by its attributes, even classes they were never trained on. See where each attribute
was found, change one, and the ranking answers.</p></div>
"""
KEEP_UPLOADS_SECONDS = 3600
SESSIONS = 64  # of these gradio keeps what every panel was last told, hundreds of kilobytes; nobody asks for it again
_log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Page:
    """The built page and what it needs to be served. tabs: those for which there is a model, in their order."""

    blocks: gr.Blocks
    downloads: Downloads
    tabs: tuple[Tab[Any, Any], ...] = ()

    def launch(self, **settings: Any) -> Any:
        """`gr.Blocks.launch` with this page's looks; `settings` (server_name, server_port, ...) are added."""
        return self.blocks.launch(
            theme=theme(),
            head=head([tab.place.name for tab in self.tabs]),
            max_file_size=MAX_FILE_BYTES,
            allowed_paths=[str(self.downloads.folder)],
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
    with gr.Blocks(
        title=TITLE, analytics_enabled=False, delete_cache=(KEEP_UPLOADS_SECONDS, KEEP_UPLOADS_SECONDS), fill_width=True
    ) as blocks:
        gr.HTML(HEADLINE, apply_default_css=False, padding=False, js_on_load=None, elem_classes=["zv-panel"])
        with gr.Tabs():
            for tab in tabs:
                with gr.Tab(tab.place.title, id=tab.place.name):  # what is in a tab is drawn when it is first opened
                    tab.build(blocks if tab is tabs[0] else None)
        add_models(service)
        for tab in tabs:
            if endpoints := tab.endpoints():
                add_pair(endpoints)
    return Page(blocks, downloads, tabs)


def examples_of(dataset: Any, task: Task) -> list[Example]:
    """Photos of a data set as examples, as the first tab of its task that takes them has it. Raises ConfigError if none does."""
    kinds = [place.kind for place in TABS if place.task == task]
    taking = (kind for kind in kinds if kind.examples_of is not Tab.examples_of)
    return next(taking, Tab).examples_of(dataset, task)


def serve(
    host: str, port: int, device: str | None = None, models: Sequence[Path] = (), examples: Sequence[Example] = ()
) -> None:
    """Starts the page and stays with it. models, examples: those of one's own, shown before the shipped ones.

    Raises ConfigError if it cannot listen there, CheckpointError if a model cannot be read.
    """
    service = Service(device=device, models=models, examples=examples)
    service.own_checkpoints  # noqa: B018  (what is wrong with a model is said before the page opens)
    page = build_page(service)
    if on_zero_gpu := bool(os.environ.get("SPACES_ZERO_GPU")):
        service.explainer(page.tabs[0].models[0].name)  # the GPU function has to be known before the launch
    try:
        page.launch(server_name=host, server_port=port, prevent_thread_lock=True)
    except OSError:
        raise ConfigError(
            f"The page cannot listen on {host}:{port}; name an address and a port that are free."
        ) from None
    if not on_zero_gpu:
        # only now, when the page answers: the first example is explained while the visitor's browser loads it
        threading.Thread(target=page.warm_up, name="warm-up", daemon=True).start()
    page.blocks.block_thread()
