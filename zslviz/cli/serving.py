"""The command that starts the page."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from zslviz.cli.options import Device


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535)] = 7860,
    device: Device = "auto",
) -> None:
    """Start the page.

    Example: zslviz serve --port 8000
    """
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
    from zslviz.ui.page import serve as serve_page

    serve_page(host, port, device)
