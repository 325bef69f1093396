"""Options that several commands share, and what can be said of them before PyTorch is there."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from zslviz.catalogue import part
from zslviz.datasets.reading import parse_data_argument
from zslviz.errors import ConfigError, DataError, UnknownNameError
from zslviz.files import read_json
from zslviz.runtime.devices import check_device
from zslviz.runtime.places import checkpoints_folder, tasks_in
from zslviz.tasks.base.requests import typed_number
from zslviz.tasks.base.show import refuse_others

Model = Annotated[
    str,
    typer.Option(
        help="A shipped model's name (see 'zslviz models'), a checkpoint's folder, or user/repository[@revision] on the "
        "Hugging Face Hub."
    ),
]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1 or mps (auto: cuda where there is one, else cpu).")]
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


def number_option(told: str) -> Any:
    """An option for a number, written as people do (`typed_number`). told: its help."""
    return typer.Option(parser=typed_number, metavar="<float>", help=told)


Gamma = Annotated[float | None, number_option("Calibration taken from seen classes; the model's own if not given.")]
UnseenOnly = Annotated[bool, typer.Option("--unseen-only", help="Let only unseen classes compete.")]
OpenWorld = Annotated[
    bool,
    typer.Option(
        "--open-world", help="Let all feasible pairs compete, not the listed ones alone (compositional models)."
    ),
]
SetClass = Annotated[list[str] | None, typer.Option(help="What a class is said to look like: 'CLASS:ATTRIBUTE=VALUE'.")]
ClassTable = Annotated[
    Path | None,
    typer.Option("--table", help="A class table (CSV) instead of the model's own (attribute models)."),
]


def given(**options: Any) -> dict[str, Any]:
    """Those of a command's options that were given: what is None, False or an empty list was not."""
    return {name: value for name, value in options.items() if value is not None and value is not False and value != []}


def data_before(argument: str) -> None:
    """Raises DataError for `NAME=DIR` that names no data, or a folder that is not there."""
    folder = parse_data_argument(argument)[1]
    if not folder.is_dir():
        raise DataError(f"The data folder '{folder}' does not exist.")


def known_before(command: str, model: str, device: str, options: Mapping[str, Any]) -> None:
    """Says what is wrong with a command on a model as far as it can be known before PyTorch is imported.

    Raises ConfigError for a device, a number that is none, or an option of another task; UnknownNameError for a model; TableError.
    """
    for name, value in options.items():
        if isinstance(value, float) and not math.isfinite(value):
            raise ConfigError(f"{name} must be a finite number.")
    check_device(device)
    folder = _folder_of(model)
    for task in tasks_in([folder] if folder else []):
        if command in part(task, "show").OPTIONS:
            refuse_others(command, task, _name_in(folder) or model, options)
        if "table" in options:
            part(task, "show").check_table(options["table"])


def _folder_of(model: str) -> Path | None:
    """Where a model lies, None if a look at folders alone does not tell. Raises UnknownNameError for a name that nothing has."""
    shipped = checkpoints_folder()
    for folder in (Path(model), shipped / model):
        if (folder / "config.json").is_file():
            return folder
    if Path(model).name == model and not Path(model).exists():
        raise UnknownNameError("model", model, sorted(config.parent.name for config in shipped.glob("*/config.json")))
    return None


def _name_in(folder: Path | None) -> str | None:
    """The name that a checkpoint has, None if it cannot be read; opening it says why."""
    try:
        return None if folder is None else str(read_json(folder / "config.json", ConfigError)["name"])
    except (ConfigError, KeyError, TypeError):
        return None
