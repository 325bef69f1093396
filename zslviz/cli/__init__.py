"""The command line: the same jobs as the page, from a shell. Every command calls the package; none computes anything itself."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from zslviz.cli import (
    comparing,
    covering,
    evaluation,
    exporting,
    faithfulness,
    inventing,
    photos,
    prediction,
    retesting,
    serving,
    sharing,
    tables,
    training,
    weights,
)
from zslviz.errors import ZslvizError
from zslviz.runtime.devices import let_mps_fall_back
from zslviz.runtime.extras import naming_extras
from zslviz.runtime.starting import end_when_asked, ending_as_asked, flush_quietly, printing_never_fails

app = typer.Typer(
    help="See how attribute-based zero-shot learning sees.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@app.callback()
def with_plugins(
    plugin: Annotated[
        list[str] | None,
        typer.Option(
            help="A system of one's own, before the command: a module, or a file NAME.py; as often as you like."
        ),
    ] = None,
) -> None:
    """See how attribute-based zero-shot learning sees."""
    for place in plugin or []:
        from zslviz.models.registry import plug_in

        plug_in(place)


for command in (
    photos.models,
    photos.explain,
    photos.rank,
    photos.what_would_it_take,
    comparing.compare,
    covering.cover,
    photos.bundle,
    photos.report,
    prediction.predict,
    tables.table,
    tables.extend,
    inventing.invent,
    training.cache,
    training.train,
    weights.import_weights,
    evaluation.evaluate,
    retesting.retest,
    faithfulness.faithfulness,
    serving.serve,
    sharing.push,
    exporting.export,
):
    app.command()(ending_as_asked(command))


def main() -> None:
    """Runs the command line; what a person did wrong is answered with one sentence and exit code 2."""
    printing_never_fails()
    end_when_asked()
    let_mps_fall_back()
    if os.environ.get("RANK", "0") != "0":  # of several processes one speaks
        sys.stdout = open(os.devnull, "w", encoding="utf-8", errors="backslashreplace")  # noqa: SIM115, PTH123
    try:
        with naming_extras():
            app()
    except ZslvizError as error:
        typer.echo(str(error), err=True)
        sys.exit(2)
    finally:
        flush_quietly()
