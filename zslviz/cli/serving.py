"""The command that starts the page."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zslviz.cli.options import Device

if TYPE_CHECKING:
    from zslviz.ui.examples import Example


def serve(
    model: Annotated[
        list[str] | None,
        typer.Option(
            help="A model of one's own to show first: a folder, or user/repository on the Hub; as often as you like."
        ),
    ] = None,
    data: Annotated[
        list[str] | None,
        typer.Option(help="Data whose test photos become examples, as NAME=DIR; as often as you like."),
    ] = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535)] = 7860,
    device: Device = "auto",
) -> None:
    """Start the page, with the shipped models and those of one's own.

    Example: zslviz serve --model models/mine --data mine=photos/ --port 8000
    """
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
    from zslviz.ui.page import examples_of
    from zslviz.ui.serving import serve as serve_page

    models = [_opened(m) for m in model or []]  # fetched before anything else is read
    examples: list[Example] = []
    for argument in data or []:
        from zslviz.datasets.reading import load_dataset, parse_data_argument, task_of_data

        name, folder = parse_data_argument(argument)
        examples += examples_of(load_dataset(name, folder), task_of_data(name))
    serve_page(host, port, device, models, examples)


def _opened(model: str) -> Path:
    """A model's folder, fetched now where it is on the Hub."""
    from zslviz.checkpoints.listing import found_here, resolve

    return found_here(model) or resolve(model)
