"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

Model = Annotated[str, typer.Option(help="A shipped model's name (see 'zslviz models') or a checkpoint's folder.")]
Device = Annotated[str, typer.Option(help="auto, cpu or cuda.")]
Data = Annotated[str, typer.Option(help="Which data lies where, as NAME=DIR: cub=/data/CUB_200_2011.")]
Cache = Annotated[Path, typer.Option(help="Folder of the feature caches.")]
Weights = Annotated[
    Path | None,
    typer.Option(help="The backbone's weights, of one's own: a state dict (.pth, .safetensors), as of a ResNet-101."),
]
Features = Annotated[
    Path | None,
    typer.Option(
        help="Features of one's own instead of a backbone's, a vector a photo, in closed forms: res101.mat of xlsa17, .npz or .npy."
    ),
]
Gamma = Annotated[float | None, typer.Option(help="Calibration taken from seen classes; the model's own if not given.")]
UnseenOnly = Annotated[bool, typer.Option("--unseen-only", help="Let only unseen classes compete.")]
OpenWorld = Annotated[
    bool,
    typer.Option(
        "--open-world", help="Let all feasible pairs compete, not the listed ones alone (compositional models)."
    ),
]


def given(**options: Any) -> dict[str, Any]:
    """Those of a command's options that were given: what is None, False or an empty list was not."""
    return {name: value for name, value in options.items() if value is not None and value is not False and value != []}
