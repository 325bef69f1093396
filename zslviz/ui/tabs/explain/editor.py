"""The attribute editor: one component for all attributes, its html, css and script beside this file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import gradio as gr

FOLDER = Path(__file__).parent


def editor_html(functions: list[Callable[[dict[str, Any]], dict[str, Any]]]) -> gr.HTML:
    """The component; `functions` are what its script may ask the server. Its script must be in the page's head."""
    return gr.HTML(
        html_template=(FOLDER / "editor.html").read_text(encoding="utf-8"),
        js_on_load="zslviz.mount('editor', element, {trigger, props, server, upload, watch});",
        server_functions=functions,
        elem_id="zv-editor",
        elem_classes=["zv-panel"],
        apply_default_css=False,
        padding=False,
    )
