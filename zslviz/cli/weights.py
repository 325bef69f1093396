"""The command that turns the authors' published weights into a checkpoint."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from zslviz.catalogue import SYSTEMS
from zslviz.cli.options import Data, Device, data_before
from zslviz.errors import CheckpointError
from zslviz.runtime.devices import check_device

PUBLISHED = " or ".join(name for name, place in SYSTEMS.items() if place.official)


def import_weights(
    system: Annotated[str, typer.Argument(help=f"Whose weights they are: {PUBLISHED}.")],
    file: Annotated[Path, typer.Argument(help="The published state dict (.pth, .pt or .safetensors).")],
    data: Data,
    out: Annotated[Path, typer.Option(help="The checkpoint's folder.")],
    backbone: Annotated[str | None, typer.Option(help="Backbone; the paper's, or one that fits, if not given.")] = None,
    size: Annotated[
        int | None, typer.Option(help="Side of the network input in pixels; the backbone's own if not given.")
    ] = None,
    photos: Annotated[
        int, typer.Option(min=2, help="How many training photos the scale of values is fitted on.")
    ] = 200,
    device: Device = "auto",
) -> None:
    """Import the weights that a system's authors published as a checkpoint that every other command takes.

    Fusion and gamma are the authors' and are not chosen here; 'zslviz evaluate' measures the model.

    Example: zslviz import-weights msdn MSDN_CUB.pth --data cub=/data/CUB_200_2011 --out models/msdn-official
    """
    check_device(device)
    data_before(data)
    if not file.is_file():
        raise CheckpointError(f"There is no file '{file}' with published weights.")
    from zslviz.datasets.reading import load_dataset, parse_data_argument
    from zslviz.tasks.attributes.importing import import_weights as write_checkpoint

    dataset = load_dataset(*parse_data_argument(data))
    checkpoint = write_checkpoint(system, file, dataset, out, backbone, size, photos, device)
    imported = checkpoint.metrics["imported"]
    weights = ", ".join(f"{w:g}" for w in checkpoint.rule.weights)
    typer.echo(f"{checkpoint.title}, {checkpoint.backbone} at {checkpoint.size} px")
    typer.echo(f"fusion {weights}: {imported['fusion']}")
    typer.echo(f"gamma {checkpoint.gamma:g}: {imported['gamma']}")
    typer.echo(f"wrote {out}")
