"""Options that several commands share."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated, Any

import typer

from zslviz.errors import ConfigError

Model = Annotated[
    str,
    typer.Option(
        help="A shipped model's name (see 'zslviz models'), a checkpoint's folder, or user/repository[@revision] on the "
        "Hugging Face Hub."
    ),
]
Device = Annotated[str, typer.Option(help="auto, cpu or cuda.")]
Data = Annotated[str, typer.Option(help="Which data lies where, as NAME=DIR: cub=/data/CUB_200_2011.")]
Cache = Annotated[Path, typer.Option(help="Folder of the feature caches.")]


def finite(number: float | None) -> float | None:
    """A number that was typed, as it is. Raises ConfigError for NaN and infinity."""
    if number is not None and not math.isfinite(number):
        raise ConfigError(f"{number} is no number to calculate with; give a finite one.")
    return number


Gamma = Annotated[
    float | None,
    typer.Option(help="Calibration taken from seen classes; the model's own if not given.", callback=finite),
]
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
