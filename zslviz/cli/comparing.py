"""The command that compares two models."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from zslviz.catalogue import part
from zslviz.cli.options import ClassTable, Device, SetClass, UnseenOnly, given, known_before, number_option
from zslviz.errors import ConfigError
from zslviz.files import check_writable, replacing
from zslviz.tasks.base.show import refuse_others

_OfModel = typer.Argument(
    metavar="MODEL", help="A shipped model's name (see 'zslviz models') or a checkpoint's folder."
)


def compare(
    one: Annotated[str, _OfModel],
    other: Annotated[str, _OfModel],
    photo: Annotated[Path | None, typer.Argument(help="The photo; none with --test.")] = None,
    test: Annotated[
        bool, typer.Option("--test", help="Over the test photos that both models come with, instead of one photo.")
    ] = False,
    true_class: Annotated[
        str | None, typer.Option("--class", help="What is in the photo: who is right is said.")
    ] = None,
    attribute: Annotated[
        str | None, typer.Option(help="An attribute whose two readings are told, and whose two maps go into the JSON.")
    ] = None,
    set_attribute: Annotated[
        list[str] | None,
        typer.Option(help="What both models are to have seen: 'ATTRIBUTE=VALUE', as often as you like."),
    ] = None,
    set_class: SetClass = None,
    table: ClassTable = None,
    gamma: Annotated[
        float | None, number_option("The first model's handicap for trained classes; the other keeps its own.")
    ] = None,
    unseen_only: UnseenOnly = False,
    top: Annotated[int, typer.Option(min=1, help="How many classes and attributes to print.")] = 5,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the comparison here.")] = None,
    device: Device = "auto",
) -> None:
    """Compare two models of the same data on a photo: who is first for each, where they read it differently, and what that decides.

    Edits, and a table of other classes ('zslviz table' writes one to begin with), hold for both.

    With --test over the test photos that both come with: who alone is right on how many, with paired intervals.

    Example: zslviz compare mgmrn-awa2 msdn-awa2 zebra.jpg --class zebra --attribute stripes --json zebra.json

    Example: zslviz compare mgmrn-awa2 msdn-awa2 --test
    """
    for model in (one, other):
        known_before("compare", model, device, {"photo": photo})
    edits = given(set_attribute=set_attribute, set_class=set_class, table=table, gamma=gamma, unseen_only=unseen_only)
    of_photo = given(true_class=true_class, attribute=attribute, photo=photo)
    if test and (of_photo or edits):
        raise ConfigError("--test is about all test photos; leave out the photo, --class, --attribute and edits.")
    if json_file is not None:
        check_writable(json_file)
    if test:
        told, lines = _on_test_photos(one, other, top)
    elif photo is None:
        raise ConfigError("Name a photo after the two models, or give --test for the test photos that they come with.")
    else:
        told, lines = _on_photo(one, other, photo, device, (top, true_class, attribute), edits)
    if json_file is not None:
        with replacing(json_file) as partial:
            partial.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        lines = [*lines, f"wrote {json_file}"]
    for line in lines:
        typer.echo(line)


def _on_photo(
    one: str, other: str, photo: Path, device: str, asked: tuple[Any, ...], edits: dict[str, Any]
) -> tuple[dict[str, Any], list[str]]:
    from zslviz.photos.loading import load_photo

    pixels = load_photo(photo)
    _folders(one, other)
    from zslviz.explainer import Explainer

    opened = [Explainer.from_pretrained(model, device) for model in (one, other)]
    for explainer in opened:
        refuse_others("compare", explainer.task, explainer.name, {"photo": photo})
    told: tuple[dict[str, Any], list[str]] = part(opened[0].task, "comparing.show").compare_models(
        *opened, pixels, *asked, **edits
    )
    return told


def _on_test_photos(one: str, other: str, top: int) -> tuple[dict[str, Any], list[str]]:
    folders = _folders(one, other)
    from zslviz.checkpoints.base import Checkpoint

    opened = [Checkpoint.load(folder) for folder in folders]
    for checkpoint in opened:
        refuse_others("compare", checkpoint.task, checkpoint.name, {"photo": True})
    show = part(opened[0].task, "comparing.show")
    told: tuple[dict[str, Any], list[str]] = show.compare_on_test_photos(*opened, folders, top)
    return told


def _folders(one: str, other: str) -> tuple[Path, Path]:
    """Where two models lie. Raises UnknownNameError, and ConfigError if they are one."""
    from zslviz.checkpoints.listing import resolve

    folders = resolve(one), resolve(other)
    if folders[0].resolve() == folders[1].resolve():
        raise ConfigError("These are one and the same model; name two.")
    return folders
