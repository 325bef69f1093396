"""Commands that make models: cache features, train a recipe."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from zslviz.cli.evaluation import print_report
from zslviz.cli.options import DEFAULT_CACHE, Cache, Data, Device
from zslviz.errors import ConfigError


def cache(
    data: Data,
    backbone: Annotated[str, typer.Option(help="The backbone's name.")] = "efficientnet_lite2",
    size: Annotated[int, typer.Option(help="Side of the network input in pixels, a multiple of 32.")] = 288,
    flip: Annotated[bool, typer.Option("--flip", help="Also cache the mirrored training photos.")] = False,
    cache: Cache = DEFAULT_CACHE,
    device: Device = "auto",
) -> None:
    """Compute a data set's features once (float16, resumable); training and evaluation read them.

    Example: zslviz cache --data cub=/data/CUB_200_2011 --flip
    """
    from zslviz.backbones import BACKBONES
    from zslviz.datasets import load_dataset, parse_data_argument
    from zslviz.errors import UnknownNameError
    from zslviz.training.cache import CacheSpec, build_cache, describe_size

    if backbone not in BACKBONES:
        raise UnknownNameError("backbone", backbone, BACKBONES)
    dataset = load_dataset(*parse_data_argument(data))
    specs = [CacheSpec(backbone, size)] + ([CacheSpec(backbone, size, flip=True)] if flip else [])
    for spec in specs:
        typer.echo(describe_size(dataset, spec))
        build_cache(cache, dataset, spec, dataset.trainval if spec.flip else None, device=device)


def train(
    recipe: Annotated[str, typer.Argument(help="A recipe's name (mgmrn-cub, msdn-cub, ...) or a YAML file.")],
    data: Data,
    out: Annotated[Path | None, typer.Option(help="The checkpoint's folder; checkpoints/NAME if not given.")] = None,
    cache: Cache = DEFAULT_CACHE,
    runs: Annotated[Path, typer.Option(help="Folder for what a killed training needs to go on.")] = Path("runs"),
    device: Device = "auto",
) -> None:
    """Train a recipe on cached features and write a checkpoint with its card.

    Epoch, fusion and gamma are chosen on seen classes held out as pseudo-unseen ones. Run the same command again after an
    interruption and it goes on where it was.

    Example: zslviz train msdn-cub --data cub=/data/CUB_200_2011
    """
    from zslviz.checkpoints import checkpoints_folder
    from zslviz.datasets import load_dataset, parse_data_argument
    from zslviz.training.recipe import load_recipe
    from zslviz.training.run import train as train_recipe

    settings = load_recipe(recipe)
    name, folder = parse_data_argument(data)
    if name != settings.data:
        raise ConfigError(f"The recipe '{settings.name}' is for the data '{settings.data}', not '{name}'.")
    target = out or checkpoints_folder() / settings.name
    command = f"zslviz train {shlex.quote(recipe)} --data {name}=DIR"
    report = train_recipe(settings, load_dataset(name, folder), cache, runs / settings.name, target, command, device)
    print_report(settings.name, report.to_dict())
    typer.echo(f"wrote {target}")
