"""Puts the page together: headline, tabs, endpoints, and how it is launched."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from zslviz.errors import ConfigError
from zslviz.photos.loading import MAX_FILE_BYTES
from zslviz.ui.downloads import Downloads
from zslviz.ui.endpoints import add_endpoints
from zslviz.ui.examples import Example, read_examples
from zslviz.ui.service import Service
from zslviz.ui.tabs.compose.endpoints import add_composition_endpoints
from zslviz.ui.tabs.compose.tab import add_compose_tab
from zslviz.ui.tabs.explain.tab import add_explain_tab
from zslviz.ui.tabs.multilabel.endpoints import add_label_endpoints
from zslviz.ui.tabs.multilabel.tab import add_multilabel_tab
from zslviz.ui.theme import head, theme

TITLE = "zslviz"
HEADLINE = """
<div class="zv-headline"><h1>See why, then change it</h1>
<p>Zero-shot models name a photo by its attributes, even classes they were never trained on. See where each attribute
was found, change one, and the ranking answers.</p></div>
"""
KEEP_UPLOADS_SECONDS = 3600


@dataclass(frozen=True, eq=False)
class Page:
    """The built page and what it needs to be served."""

    blocks: gr.Blocks
    downloads: Downloads

    def launch(self, **settings: Any) -> Any:
        """`gr.Blocks.launch` with this page's looks; `settings` (server_name, server_port, ...) are added."""
        return self.blocks.launch(
            theme=theme(),
            head=head(),
            max_file_size=MAX_FILE_BYTES,
            allowed_paths=[str(self.downloads.folder)],
            footer_links=["api"],
            ssr_mode=False,
            share=False,
            **settings,
        )


def build_page(service: Service | None = None) -> Page:
    """Builds the page. `service` carries the models and examples; the shipped ones if None."""
    service = service or Service()
    downloads = Downloads()
    with gr.Blocks(
        title=TITLE, analytics_enabled=False, delete_cache=(KEEP_UPLOADS_SECONDS, KEEP_UPLOADS_SECONDS), fill_width=True
    ) as blocks:
        gr.HTML(HEADLINE, apply_default_css=False, padding=False, js_on_load=None, elem_classes=["zv-panel"])
        # Every tab is one function that adds its contents. What is in a tab is drawn when it is first opened.
        with gr.Tabs():
            with gr.Tab("Explain & edit", id="explain"):
                add_explain_tab(service, downloads, blocks)
            if service.offers("multilabel"):
                with gr.Tab("Multi-label", id="multilabel"):
                    add_multilabel_tab(service, downloads)
            if service.offers("compositional"):
                with gr.Tab("Compose", id="compose"):
                    add_compose_tab(service, downloads)
        add_endpoints(service)
        if service.offers("multilabel"):
            add_label_endpoints(service)
        if service.offers("compositional"):
            add_composition_endpoints(service)
    return Page(blocks, downloads)


def serve(
    host: str, port: int, device: str | None = None, models: Sequence[Path] = (), examples: Sequence[Example] = ()
) -> None:
    """Starts the page and stays with it. models, examples: those of one's own, shown before the shipped ones.

    Raises ConfigError if it cannot listen there, CheckpointError if a model cannot be read.
    """
    service = Service(device=device, models=models, examples=[*examples, *read_examples()])
    if models:
        service.checkpoints  # noqa: B018  (what is wrong with a model is said before the page opens)
    page = build_page(service)
    if on_zero_gpu := bool(os.environ.get("SPACES_ZERO_GPU")):
        service.explainer(service.checkpoints[0].name)  # the GPU function has to be known before the launch
    try:
        page.launch(server_name=host, server_port=port, prevent_thread_lock=True)
    except OSError:
        raise ConfigError(
            f"The page cannot listen on {host}:{port}; name an address and a port that are free."
        ) from None
    if not on_zero_gpu:
        # only now, when the page answers: the first example is explained while the visitor's browser loads it
        threading.Thread(target=service.warm_up, name="warm-up", daemon=True).start()
    page.blocks.block_thread()
