"""The command that writes a model as one file for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def export(
    model: Annotated[str, typer.Argument(help="A shipped model's name, a checkpoint's folder, or user/repository.")],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="The file: .pt2 for torch.export, .onnx for ONNX (extra 'export').")
    ],
) -> None:
    """Write an attribute model as one file that runs without zslviz: pixels in, scores, evidence maps and class scores out.

    What goes in and out, the names of attributes and classes, and gamma stand in the file as JSON.

    Example: zslviz export msdn-cub -o msdn-cub.onnx
    """
    from zslviz.tasks.attributes.exporting import export as write

    told = write(model, out)
    typer.echo(f"pixels {told['input']['pixels']}, {told['input']['dtype']} in 0..255, RGB")
    for name, what in told["outputs"].items():
        typer.echo(f"{name}: {what}")
    typer.echo(f"wrote {out}")
