"""The command that starts the page."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from zslviz.catalogue import part
from zslviz.cli.options import Device, data_before, given, known_before
from zslviz.errors import ConfigError
from zslviz.runtime.devices import check_device
from zslviz.tasks.base.show import refuse_others

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
    table: Annotated[
        Path | None,
        typer.Option("--table", help="A class table (CSV) instead of the own one of every --model (attribute models)."),
    ] = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535)] = 7860,
    device: Device = "auto",
) -> None:
    """Start the page, with the shipped models and those of one's own.

    Example: zslviz serve --model models/mine --data mine=photos/ --port 8000
    """
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
    models = list(model or [])
    if table is not None and not models:
        raise ConfigError("'--table' is the class table of a model of one's own; name that with --model.")
    for name in models:
        known_before("serve", name, device, given(table=table))
    check_device(device)
    for argument in data or []:
        data_before(argument)
    from zslviz.ui.page import examples_of
    from zslviz.ui.serving import serve as serve_page

    folders = [_opened(name) for name in models]  # fetched before anything else is read
    examples: list[Example] = []
    for argument in data or []:
        from zslviz.datasets.reading import load_dataset, parse_data_argument, task_of_data

        name, folder = parse_data_argument(argument)
        examples += examples_of(load_dataset(name, folder), task_of_data(name))
    with TemporaryDirectory(prefix="zslviz-") as made:
        if table is not None:
            folders = _with_table(folders, table, Path(made))
        serve_page(host, port, device, folders, examples, [partial(rmtree, made, ignore_errors=True)])


def _opened(model: str) -> Path:
    """A model's folder, fetched now where it is on the Hub."""
    from zslviz.checkpoints.listing import found_here, resolve

    return found_here(model) or resolve(model)


def _with_table(models: list[Path], table: Path, made: Path) -> list[Path]:
    """Copies of some models with a class table in place of their own, in a folder that goes when the page does."""
    from zslviz.checkpoints.base import Checkpoint

    folders = []
    for number, model in enumerate(models):
        checkpoint = Checkpoint.load(model)
        refuse_others("serve", checkpoint.task, checkpoint.name, {"table": table})
        folders.append(made / str(number))
        other, notes = part(checkpoint.task, "extending").with_table(checkpoint, table)
        other.save(folders[-1])
        for note in notes:
            typer.echo(note, err=True)
    return folders
