"""The command that covers a place of a photo: what the maps promise of it, and what the network makes of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from zslviz.catalogue import TASKS, part
from zslviz.cli.options import ClassTable, Device, Gamma, Model, SetClass, UnseenOnly, given, known_before
from zslviz.cli.photos import opened
from zslviz.errors import ConfigError
from zslviz.photos.covering import Region


def cover(
    photo: Annotated[Path, typer.Argument(help="The photo.")],
    model: Model = "mgmrn-awa2",
    box: Annotated[
        str | None,
        typer.Option(
            metavar="X0,Y0,X1,Y1", help="The place: left, top, right, bottom as fractions of the photo's sides."
        ),
    ] = None,
    find: Annotated[
        bool, typer.Option("--find", help="The smallest place without which another class would be first.")
    ] = False,
    attribute: Annotated[
        str | None, typer.Option(help="The attribute whose value is told; the one that changes most if not given.")
    ] = None,
    set_attribute: Annotated[
        list[str] | None, typer.Option(help="What the model is to have seen: 'ATTRIBUTE=VALUE'.")
    ] = None,
    set_class: SetClass = None,
    table: ClassTable = None,
    gamma: Gamma = None,
    unseen_only: UnseenOnly = False,
    device: Device = "auto",
) -> None:
    """Cover a place of a photo: what the maps promise without it, then what the network makes of the photo with it blurred.

    Example: zslviz cover giraffe.jpg --model mgmrn-awa2 --box 0.4,0.1,0.7,0.5 --attribute spots

    Example: zslviz cover giraffe.jpg --find
    """
    if find == (box is not None):
        raise ConfigError("Say which place is covered: --box X0,Y0,X1,Y1, or --find for the smallest one that decides.")
    if box is not None:
        Region.parse(box)
    task = next(task for task in TASKS if hasattr(part(task, "show"), "cover"))
    options = given(set_attribute=set_attribute, set_class=set_class, table=table, gamma=gamma, unseen_only=unseen_only)
    known_before("cover", model, device, options)
    pixels = opened(photo)
    explainer = part(task, "explainer").EXPLAINER.from_pretrained(model, device)
    for line in part(task, "show").cover(explainer, pixels, box, attribute, **options):
        typer.echo(line)
