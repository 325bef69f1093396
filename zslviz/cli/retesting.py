"""The command that asks a model's whole test set what an edit does."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from zslviz.catalogue import part
from zslviz.cli.options import ClassTable, Gamma, Model, given, known_before
from zslviz.files import check_writable, replacing
from zslviz.tasks.base.show import refuse_others


def retest(
    model: Model = "mgmrn-awa2",
    set_class: Annotated[
        list[str] | None,
        typer.Option(help="What a class is to be said to look like: 'CLASS:ATTRIBUTE=VALUE', as often as you like."),
    ] = None,
    table: ClassTable = None,
    gamma: Gamma = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write all of it here.")] = None,
) -> None:
    """What an edit of classes, a new class or another gamma does to all test photos of an attribute model: no photo, no network.

    T1, U, S and H before and after, the classes whose photos are found more or less often, and from whom an edited class takes
    photos or to whom it loses them. These are test photos: look, and do not tune on them.

    Example: zslviz retest --model msdn-awa2 --set-class "giraffe:spots=0"
    """
    options = given(set_class=set_class, table=table, gamma=gamma)
    known_before("retest", model, "auto", options)
    if json_file is not None:
        check_writable(json_file)
    from zslviz.checkpoints.base import Checkpoint
    from zslviz.tasks.base.report import to_json

    checkpoint = Checkpoint.load(model)
    refuse_others("retest", checkpoint.task, checkpoint.name, {**options, "model": model})
    lines, content = part(checkpoint.task, "retesting").shown(model, **options)
    if json_file is not None:
        with replacing(json_file) as partial:
            partial.write_text(to_json(content), encoding="utf-8")
        lines.append(f"wrote {json_file}")
    for line in lines:
        typer.echo(line)
