"""Commands on photos: explain, rank, predict, and the list of models."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from zslviz.catalogue import TASKS, part
from zslviz.cli.options import Device, Gamma, Model, OpenWorld, UnseenOnly, finite, given
from zslviz.errors import ConfigError, ImageError

if TYPE_CHECKING:
    from zslviz.tasks.base.show import Shown


def models() -> None:
    """List the shipped models with their measured figures.

    Example: zslviz models
    """
    from zslviz.checkpoints.listing import list_checkpoints
    from zslviz.tasks.base.card_parts import percent

    for task in TASKS:
        figures: dict[str, str] = part(task, "show").COLUMNS
        found = list_checkpoints(task=task)
        if not found:
            continue
        titles = " ".join(f"{title:>{max(5, len(title))}}" for title in figures)
        typer.echo(f"{task:<16} {titles}  what it is")
        for info in found:
            cells = (
                f"{percent(_figure(info.metrics, key)):>{max(5, len(title))}}"
                if _figure(info.metrics, key) is not None
                else "-"
                for title, key in figures.items()
            )
            typer.echo(f"{info.name:<16} {' '.join(cells)}  {info.title}")


def _figure(metrics: Any, key: str) -> Any:
    """A figure by its dotted name, None if it is not there or is no number."""
    for step in key.split("."):
        metrics = metrics.get(step) if hasattr(metrics, "get") else None
    return metrics if type(metrics) in (int, float) and abs(metrics) < 1e6 else None


def explain(
    photo: Annotated[Path, typer.Argument(help="The photo.")],
    model: Model = "mgmrn-awa2",
    top: Annotated[int, typer.Option(min=1, help="How many classes (labels) and attributes to print.")] = 10,
    attribute: Annotated[
        str | None,
        typer.Option("--attribute", "--label", "--pair", help="The attribute, label or pair whose map is wanted."),
    ] = None,
    add: Annotated[
        list[str] | None, typer.Option(help="A label to add by its name, as often as you like (multi-label models).")
    ] = None,
    add_state: Annotated[
        list[str] | None, typer.Option(help="A state to add by its name (compositional models).")
    ] = None,
    add_object: Annotated[
        list[str] | None, typer.Option(help="An object to add by its name (compositional models).")
    ] = None,
    open_world: OpenWorld = False,
    overlay: Annotated[Path | None, typer.Option(help="Write that map over the photo, full size (PNG).")] = None,
    granularity: Annotated[
        int | None, typer.Option(min=1, help="Only this granularity's map (1 is the first).")
    ] = None,
    kind: Annotated[
        str | None,
        typer.Option(help="Which map: evidence (what it counted) or attention (where it looked)."),
    ] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write the explanation as JSON, with an npz beside it.")
    ] = None,
    device: Device = "auto",
) -> None:
    """Explain one photo: ranked classes, the attributes it saw, and a map; or its labels, or pairs of a state and an object.

    Example: zslviz explain zebra.jpg --model mgmrn-awa2 --attribute stripes --overlay stripes.png --json zebra.json
    """
    from zslviz.explainer import Explainer
    from zslviz.tasks.base.show import refuse_others

    options = given(
        add=add,
        add_state=add_state,
        add_object=add_object,
        open_world=open_world,
        granularity=granularity,
        kind=kind,
    )
    explainer = Explainer.from_pretrained(model, device)
    refuse_others("explain", explainer.task, explainer.name, options)
    shown: Shown = part(explainer.task, "show").explain(explainer, photo, top, attribute, **options)
    for line in shown.lines:
        typer.echo(line)
    if overlay is not None:
        _write_map(shown, overlay)
    if json_file is not None:
        for path in shown.explanation.save(json_file):
            typer.echo(f"wrote {path}")
    timing = shown.explanation.timing
    typer.echo(f"\n{timing.total_ms:.0f} ms, of which backbone {timing.backbone_ms:.0f} ms, on {timing.device}")


def _write_map(shown: Shown, path: Path) -> None:
    from zslviz.photos.heatmaps import write_overlay

    drawn = shown.draw()
    write_overlay(shown.explanation.photo, drawn.values, drawn.geometry, drawn.scale, path)
    typer.echo(f"wrote {path} ({shown.drawn}, colours from {drawn.scale.low:.3g} to {drawn.scale.high:.3g})")


def rank(
    photo: Annotated[Path, typer.Argument(help="The photo.")],
    model: Model = "mgmrn-awa2",
    set_attribute: Annotated[
        list[str] | None, typer.Option(help="What the model is to have seen: 'ATTRIBUTE=VALUE', as often as you like.")
    ] = None,
    set_class: Annotated[
        list[str] | None, typer.Option(help="What a class is said to look like: 'CLASS:ATTRIBUTE=VALUE'.")
    ] = None,
    table: Annotated[Path | None, typer.Option(help="A class table (CSV) to rank instead of the model's own.")] = None,
    gamma: Gamma = None,
    unseen_only: UnseenOnly = False,
    top: Annotated[int, typer.Option(min=1, help="How many classes to print.")] = 10,
    device: Device = "auto",
) -> None:
    """Rank the classes for a photo after edits. Only the first look at the photo runs the network.

    Example: zslviz rank horse.jpg --set-attribute "stripes=1" --set-class "zebra:stripes=0.5" --unseen-only
    """
    task = next(task for task in TASKS if hasattr(part(task, "show"), "rank"))
    explainer = part(task, "explainer").EXPLAINER.from_pretrained(model, device)
    options = given(set_attribute=set_attribute, set_class=set_class, table=table, gamma=gamma, unseen_only=unseen_only)
    for line in part(task, "show").rank(explainer, photo, top, **options):
        typer.echo(line)


def predict(
    photos: Annotated[list[Path], typer.Argument(help="Photos, or folders of photos.")],
    model: Model = "mgmrn-awa2",
    csv_file: Annotated[Path | None, typer.Option("--csv", help="Write the table here (else to the screen).")] = None,
    gamma: Gamma = None,
    unseen_only: UnseenOnly = False,
    open_world: OpenWorld = False,
    bias: Annotated[
        float | None,
        typer.Option(
            help="Added to unseen pairs (compositional models); the model's own if not given.", callback=finite
        ),
    ] = None,
    batch_size: Annotated[int, typer.Option(min=1)] = 8,
    device: Device = "auto",
) -> None:
    """Predict many photos: a row each with the five best classes, their scores, and whether they were trained on (1 or 0).

    A multi-label model gives a row for every label of every photo, best first: image, label, score, seen. A compositional one gives
    a row each with state, object, score and seen of the five best pairs.
    A photo that cannot be read gets an empty row and a line on the screen; the others are still predicted.

    Example: zslviz predict photos/ cat.jpg --model msdn-awa2 --unseen-only --csv predictions.csv
    """
    from tqdm import tqdm

    from zslviz.explainer import Explainer
    from zslviz.tasks.base.show import Table, refuse_others

    files = list(_photo_files(photos))
    explainer = Explainer.from_pretrained(model, device)
    options = given(gamma=gamma, unseen_only=unseen_only, open_world=open_world, bias=bias)
    refuse_others("predict", explainer.task, explainer.name, options)
    table: Table = part(explainer.task, "show").TABLE(explainer, **options)
    rows: list[list[Any]] = []
    failures = 0
    with tqdm(total=len(files), unit="photo", disable=None) as bar:
        for file, scores in _scores(explainer, files, batch_size):
            bar.update()
            if isinstance(scores, ImageError):
                failures += 1
                typer.echo(str(scores), err=True)
                rows.append([str(file), *[""] * len(table.header)])
                continue
            rows.extend([str(file), *row] for row in table.rows(scores))
    _write_rows(csv_file, ["image", *table.header], rows, len(files))
    if failures:
        typer.echo(f"{failures} of {len(files)} photos could not be read.", err=True)
        raise typer.Exit(1)


def _photo_files(paths: list[Path]) -> Iterator[Path]:
    """The photos that are named and those of the folders that are named; what these leave out is told."""
    from zslviz.photos.finding import find_photos

    for path in paths:
        if not path.is_dir():
            yield path
            continue
        found = find_photos(path, ConfigError)
        if not found.photos:
            raise ConfigError(" ".join(filter(None, (f"There are no photos in the folder '{path}'.", found.summary))))
        if found.summary:
            typer.echo(found.summary, err=True)
        yield from found.photos


def _scores(explainer: Any, files: list[Path], batch_size: int) -> Iterator[tuple[Path, Any]]:
    """(file, attribute scores or the ImageError it gave), in order; one bad photo does not stop the others."""
    from zslviz.photos.loading import load_photo

    good: list[tuple[Path, Any]] = []

    def flush() -> Iterator[tuple[Path, Any]]:
        yield from zip([f for f, _ in good], explainer.scores([p for _, p in good], batch_size), strict=True)
        good.clear()

    for file in files:
        try:
            good.append((file, load_photo(file)))
        except ImageError as error:
            yield from flush()
            yield file, error
        if len(good) == batch_size:
            yield from flush()
    yield from flush()


def _write_rows(path: Path | None, header: list[str], rows: list[list[Any]], photos: int) -> None:
    if path is None:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerows([header, *rows])
        return
    try:
        with path.open("w", newline="", encoding="utf-8") as stream:
            csv.writer(stream, lineterminator="\n").writerows([header, *rows])
    except OSError as error:
        raise ConfigError(f"The table cannot be written to '{path}' ({error.strerror}).") from None
    typer.echo(f"wrote {path} ({photos} photos)")
