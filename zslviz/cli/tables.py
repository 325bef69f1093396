"""Commands on what a model can predict: its table, and a model with more classes."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Annotated

import typer

from zslviz.catalogue import TASKS, part
from zslviz.cli.options import known_before
from zslviz.errors import ConfigError
from zslviz.files import check_writable, replacing
from zslviz.files.journal import encoded
from zslviz.tasks.base.show import refuse_others

OfModel = Annotated[
    str | None,
    typer.Argument(metavar="MODEL", help="A shipped model's name (see 'zslviz models') or a checkpoint's folder."),
]
Named = Annotated[str | None, typer.Option("--model", help="The same, as other commands take it.")]


def _one(model: str | None, named: str | None) -> str:
    """The model, however it was named. Raises ConfigError if it was not, or twice."""
    if (model is None) == (named is None):
        raise ConfigError("Name one model: as in 'zslviz table msdn-awa2', or with --model.")
    return str(model or named)


def table(
    model: OfModel = None,
    named: Named = None,
    out: Annotated[Path | None, typer.Option("-o", "--out", help="Write it here (else to the screen).")] = None,
    check: Annotated[
        Path | None,
        typer.Option(help="No model: look at a class table (CSV) of one's own before anything is trained on it."),
    ] = None,
) -> None:
    """Write a model's class table as CSV: a row a class with its seen mark (1 trained on, 0 not) and a column an attribute.

    The file can be edited and given to other commands with --table. Of a multi-label model these are its labels, of a compositional
    one its pairs, each with its seen mark.

    With --check FILE it tells what a table cannot do: attributes that no class to be trained on has, or one alone, classes that are
    described alike, and the nearest classes with what tells them apart.

    Example: zslviz table msdn-awa2 -o animals.csv
    """
    if check is not None:
        if model or named or out is not None:
            raise ConfigError("--check looks at one file; leave the model and --out out.")
        task = next(task for task in TASKS if hasattr(part(task, "show"), "table_lines"))
        for line in part(task, "show").table_lines(check):
            typer.echo(line)
        return
    model = _one(model, named)
    known_before("table", model, "auto", {})
    if out is not None:
        check_writable(out)
    from zslviz.checkpoints.base import Checkpoint

    checkpoint = Checkpoint.load(model)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(part(checkpoint.task, "show").space_rows(checkpoint.space))
    if out is None:
        typer.echo(text.getvalue(), nl=False)
        return
    with replacing(out) as partial:
        partial.write_bytes(encoded(text.getvalue()))
    typer.echo(f"wrote {out}")


def extend(
    table: Annotated[
        Path,
        typer.Option(
            "--table",
            help="A class table (CSV): a row a new class, of all attributes or some; old classes may be in it.",
        ),
    ],
    out: Annotated[Path, typer.Option("-o", "--out", help="The new checkpoint's folder.")],
    model: OfModel = None,
    named: Named = None,
) -> None:
    """Add classes to a trained attribute model by their descriptions: a new checkpoint that every command and the page take.

    No weight changes and nothing is trained: the new classes are unseen ones. Old classes that the table holds are described as it
    says. A new class may be described by some attributes alone; the others are the mean of the known classes most like it in these.
    The model's figures are not claimed for the new one; its card says so.

    Example: zslviz extend msdn-awa2 --table red-panda.csv -o models/with-red-panda
    """
    model = _one(model, named)
    known_before("extend", model, "auto", {"table": table})
    from zslviz.checkpoints.base import Checkpoint
    from zslviz.checkpoints.listing import resolve

    checkpoint = Checkpoint.load(model)
    refuse_others("extend", checkpoint.task, checkpoint.name, {"table": table})
    before = resolve(model)
    if out.exists() and any(out.iterdir() if out.is_dir() else [out]):
        raise ConfigError(f"'{out}' is there already; name a folder that is empty or does not exist.")
    extending = part(checkpoint.task, "extending")
    extension = extending.extend(checkpoint, table, out.resolve().name)
    extending.save(extension, before, out)
    for line in (*extension.notes, extension.told):
        typer.echo(line)
    typer.echo(f"wrote {out}")
