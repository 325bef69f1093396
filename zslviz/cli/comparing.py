"""The command that compares two models."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from zslviz.catalogue import part
from zslviz.cli.options import Device, known_before
from zslviz.errors import ConfigError
from zslviz.files import check_writable, replacing
from zslviz.tasks.base.show import refuse_others

_OfModel = typer.Argument(
    metavar="MODEL", help="A shipped model's name (see 'zslviz models') or a checkpoint's folder."
)


def compare(
    one: Annotated[str, _OfModel],
    other: Annotated[str, _OfModel],
    photo: Annotated[Path, typer.Argument(help="The photo.")],
    true_class: Annotated[
        str | None, typer.Option("--class", help="What is in the photo: who is right is said.")
    ] = None,
    attribute: Annotated[
        str | None, typer.Option(help="An attribute whose two readings are told, and whose two maps go into the JSON.")
    ] = None,
    top: Annotated[int, typer.Option(min=1, help="How many classes and attributes to print.")] = 5,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the comparison here.")] = None,
    device: Device = "auto",
) -> None:
    """Compare two models of the same data on a photo: whom each puts first, where they read it differently, and what that decides.

    Example: zslviz compare mgmrn-awa2 msdn-awa2 zebra.jpg --class zebra --attribute stripes --json zebra.json
    """
    for model in (one, other):
        known_before("compare", model, device, {"photo": photo})
    if json_file is not None:
        check_writable(json_file)
    from zslviz.photos.loading import load_photo

    pixels = load_photo(photo)
    from zslviz.checkpoints.listing import resolve
    from zslviz.explainer import Explainer

    if resolve(one).resolve() == resolve(other).resolve():
        raise ConfigError("These are one and the same model; name two.")
    opened = [Explainer.from_pretrained(model, device) for model in (one, other)]
    for explainer in opened:
        refuse_others("compare", explainer.task, explainer.name, {"photo": photo})
    told, lines = part(opened[0].task, "comparing.show").compare_models(*opened, pixels, top, true_class, attribute)
    if json_file is not None:
        with replacing(json_file) as partial:
            partial.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        lines = [*lines, f"wrote {json_file}"]
    for line in lines:
        typer.echo(line)
