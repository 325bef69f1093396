"""The command on many photos."""

from __future__ import annotations

import csv
import io
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from zslviz.cli.options import (
    ClassTable,
    Device,
    Gamma,
    Model,
    OpenWorld,
    UnseenOnly,
    given,
    known_before,
    number_option,
)
from zslviz.errors import ConfigError, ImageError
from zslviz.files import check_folder, check_writable
from zslviz.files.journal import RUN, as_cell

if TYPE_CHECKING:
    from zslviz.predictor import Job


def predict(
    photos: Annotated[list[Path], typer.Argument(help="Photos, or folders of photos.")],
    model: Model = "mgmrn-awa2",
    csv_file: Annotated[Path | None, typer.Option("--csv", help="Write the table here (else to the screen).")] = None,
    gamma: Gamma = None,
    unseen_only: UnseenOnly = False,
    open_world: OpenWorld = False,
    bias: Annotated[
        float | None, number_option("Added to unseen pairs (compositional models); the model's own if not given.")
    ] = None,
    table: ClassTable = None,
    attributes: Annotated[
        bool, typer.Option("--attributes", help="Add the values of all attributes, a column each (attribute models).")
    ] = False,
    maps: Annotated[
        Path | None, typer.Option(help="Write the maps of each photo into this folder, a file (.npz) a photo.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the table of an earlier run: photos that it has are left out.")
    ] = False,
    batch_size: Annotated[int, typer.Option(min=1, help="How many photos the network sees at once.")] = 8,
    device: Device = "auto",
) -> None:
    """Predict many photos: a row each with the five best classes, their scores, and whether they were trained on (1 or 0).

    A multi-label model gives a row for every label of every photo, best first: image, label, score, seen. A compositional one gives
    a row each with state, object, score and seen of the five best pairs.
    A photo that cannot be read gets an empty row and a line on the screen; the others are still predicted.
    Rows are written as they come. After an interruption, the same command with --resume goes on where it was. Under torchrun every
    process takes a share of the photos. docs/command-line.md describes the files.

    Example: zslviz predict photos/ cat.jpg --model msdn-awa2 --unseen-only --csv predictions.csv
    """
    options = given(
        gamma=gamma, unseen_only=unseen_only, open_world=open_world, bias=bias, table=table, attributes=attributes
    )
    known_before("predict", model, device, options)
    _check_places(csv_file, maps, resume)
    files = list(_photo_files(photos))
    from zslviz.predictor import prepare

    job = prepare(model, options, maps, batch_size, device)
    for note in job.notes if _first() else ():
        typer.echo(note, err=True)
    unreadable = _to_screen(job, files) if csv_file is None else _to_file(job, files, csv_file, resume)
    if unreadable:
        typer.echo(f"{unreadable} of {len(files)} photos could not be read.", err=True)
        raise typer.Exit(1)


def _check_places(csv_file: Path | None, maps: Path | None, resume: bool) -> None:
    """Raises ConfigError for what cannot be written, or gone on with, where it was asked for."""
    if csv_file is None:
        if resume:
            raise ConfigError("'--resume' goes on with a table in a file; name it with --csv.")
        if int(os.environ.get("WORLD_SIZE", "1")) > 1:
            raise ConfigError("Several processes write one table into a file; name it with --csv.")
    else:
        check_writable(csv_file)
        check_writable(csv_file.with_name(csv_file.name + RUN))
    if maps is not None:
        check_folder(maps)


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
        if found.summary and _first():
            typer.echo(found.summary, err=True)
        yield from found.photos


def _first() -> bool:
    """Whether this is the process that speaks for all."""
    return os.environ.get("RANK", "0") == "0"


class _Screen:
    """Rows as they come, on the standard output. unreadable: photos that could not be read."""

    def __init__(self, columns: Sequence[str]) -> None:
        self.unreadable = 0
        self._write([columns])

    def add(self, photo: Path, rows: Sequence[Sequence[Any]], readable: bool = True) -> None:
        self.unreadable += not readable
        self._write([as_cell(str(photo)), *row] for row in rows)

    def flush(self) -> None:
        sys.stdout.flush()

    def _write(self, rows: Any) -> None:
        out = io.StringIO()
        csv.writer(out, lineterminator="\n").writerows(rows)
        sys.stdout.write(out.getvalue())


def _to_screen(job: Job, files: list[Path]) -> int:
    """Prints the table; how many photos could not be read."""
    from zslviz.cli.progress import Progress

    screen = _Screen(job.columns)
    with Progress(len(files)) as progress:
        job.run(files, screen, lambda photo, error: _tell(progress, error))
    return screen.unreadable


def _to_file(job: Job, files: list[Path], csv_file: Path, resume: bool) -> int:
    """Writes the table; how many photos could not be read, all processes and earlier runs together."""
    from zslviz.cli.progress import Progress

    with Progress(len(files), silent=not _first()) as progress:
        table = job.run_together(files, csv_file, resume, progress.begin, lambda photo, error: _tell(progress, error))
    if not _first():
        return 0
    typer.echo(f"wrote {csv_file} ({len(table.done)} photos)")
    return sum(not one.readable for one in table.done)


def _tell(progress: Any, error: ImageError | None) -> None:
    progress.step()
    if error is not None:
        progress.say(str(error))
