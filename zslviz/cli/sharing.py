"""The command that shares a model."""

from __future__ import annotations

from typing import Annotated

import typer


def push(
    model: Annotated[str, typer.Argument(help="A checkpoint's folder, or a shipped model's name.")],
    repository: Annotated[str, typer.Argument(help="Where it goes on the Hugging Face Hub: user/repository.")],
    licence: Annotated[
        str | None,
        typer.Option("--license", help="Its terms, as the Hub names them (cc-by-4.0); those of its card if not given."),
    ] = None,
    private: Annotated[
        bool, typer.Option("--private", help="Make the repository private, if it is a new one.")
    ] = False,
) -> None:
    """Upload a checkpoint with its card to the Hugging Face Hub; 'hf auth login' says once who you are.

    Every command then takes it by that name: zslviz explain photo.jpg --model user/repository

    Example: zslviz push models/mine user/mine --license cc-by-4.0
    """
    from zslviz.tasks.base.sharing import push as share

    typer.echo(f"wrote {share(model, repository, licence=licence, private=True if private else None)}")
