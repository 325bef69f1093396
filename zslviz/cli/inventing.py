"""The command that makes a class up."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from zslviz.catalogue import Task
from zslviz.catalogue import part as part_of
from zslviz.cli.options import Device, Model, given, known_before
from zslviz.files import check_writable, replacing
from zslviz.files.journal import encoded
from zslviz.tasks.base.show import refuse_others


def invent(
    sentence: Annotated[str, typer.Argument(help="What the class is like: 'like a horse but striped and small'.")] = "",
    model: Model = "mgmrn-awa2",
    like: Annotated[str | None, typer.Option(help="By parts: the class that gives all that no --part gives.")] = None,
    part: Annotated[
        list[str] | None,
        typer.Option(
            help="By parts: a group of attributes and its class, 'GROUP=CLASS', or 'GROUP=CLASS:0.5' for half."
        ),
    ] = None,
    from_photo: Annotated[
        list[Path] | None, typer.Option(help="From photos of the class (few-shot), one to five times.")
    ] = None,
    table: Annotated[
        Path | None, typer.Option("--table", help="From a class table (CSV) with one new class, or that of --name.")
    ] = None,
    set_attribute: Annotated[
        list[str] | None, typer.Option(help="A value that is given: 'ATTRIBUTE=VALUE', as often as you like.")
    ] = None,
    name: Annotated[str, typer.Option(help="What the class is called.")] = "",
    photo: Annotated[Path | None, typer.Option(help="Rank the classes for this photo, the new one among them.")] = None,
    out: Annotated[
        Path | None,
        typer.Option("-o", "--out", help="Write the class as a table (CSV), which 'zslviz extend' adds to a model."),
    ] = None,
    top: Annotated[int, typer.Option(min=1, help="How many classes to print.")] = 10,
    device: Device = "auto",
) -> None:
    """Make a class up, by a sentence, by parts of others, by values, from a table or from photos, and see what it wins.

    No language model reads the sentence: every word is answered as understood, with what it says, or marked with [?]. What nobody
    said is taken from the known classes that are most like it.

    Example: zslviz invent "like a horse but with black and white stripes" --model mgmrn-awa2 --photo zebra.jpg -o zebra.csv
    """
    options = given(
        sentence=sentence or None, like=like, part=part, from_photo=from_photo, table=table, set_attribute=set_attribute,
        name=name or None, photo=photo,
    )  # fmt: skip
    known_before("invent", model, device, options)
    if out is not None:
        check_writable(out)
    task, named, opened = _opened(model, device, network=photo is not None or bool(from_photo))
    refuse_others("invent", task, named, {**options, "sentence": sentence})
    made, lines = part_of(task, "invent.show").invent(opened, top=top, **options)
    if out is not None:
        with replacing(out) as partial:
            partial.write_bytes(encoded(made.alone().to_csv()))
        lines.append(f"wrote {out}")
    for line in lines:
        typer.echo(line)


def _opened(model: str, device: str, network: bool) -> tuple[Task, str, Any]:
    """The model's task and name, and its explainer, or its space alone where no photo is looked at."""
    if network:
        from zslviz.explainer import Explainer

        explainer = Explainer.from_pretrained(model, device)
        return explainer.task, explainer.name, explainer
    from zslviz.checkpoints.base import Checkpoint

    checkpoint = Checkpoint.load(model)
    return checkpoint.task, checkpoint.name, checkpoint.space
