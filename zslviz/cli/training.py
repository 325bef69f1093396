"""Commands that make models: cache features, train a recipe."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from zslviz.cli.evaluation import print_figures
from zslviz.cli.options import Cache, Data, Device, Features, Weights, data_before
from zslviz.errors import ConfigError
from zslviz.runtime.devices import check_device
from zslviz.runtime.places import DEFAULT_CACHE, DEFAULT_RUNS


def cache(
    data: Data,
    backbone: Annotated[
        str, typer.Option(help="The backbone's name; timm/NAME and torchvision/NAME are taken from those libraries.")
    ] = "efficientnet_lite2",
    size: Annotated[int, typer.Option(help="Side of the network input in pixels, a multiple of 32.")] = 288,
    flip: Annotated[bool, typer.Option("--flip", help="Also cache the mirrored training photos.")] = False,
    weights: Weights = None,
    cache: Cache = DEFAULT_CACHE,
    device: Device = "auto",
) -> None:
    """Compute a data set's features once (float16, resumable); training and evaluation read them.

    Example: zslviz cache --data cub=/data/CUB_200_2011 --flip
    """
    import numpy as np

    check_device(device)
    data_before(data)
    from zslviz.backbones.registry import settled, spec_of
    from zslviz.catalogue import DATASETS
    from zslviz.datasets.reading import load_dataset, parse_data_argument
    from zslviz.features.cache import CacheSpec, describe_size
    from zslviz.features.filling import filled, identified

    spec_of(backbone).check_size(size)
    backbone = settled(backbone, weights)
    dataset = load_dataset(*parse_data_argument(data))
    typer.echo(f"{dataset.name}: {dataset.summary}")
    specs = [CacheSpec(backbone, size)] + ([CacheSpec(backbone, size, flip=True)] if flip else [])
    for spec in specs:
        typer.echo(describe_size(dataset, spec))
    every = np.arange(len(dataset.files))
    wanted = [(spec, dataset.training_photos if spec.flip else every) for spec in specs]
    photos = identified(cache, dataset, device)
    filled(cache, dataset, wanted, photos, device, lambda line: None, decode=dataset.name not in DATASETS)


def train(
    recipe: Annotated[str, typer.Argument(help="A recipe's name (mgmrn-cub, eszsl-own, ...) or a YAML file.")],
    data: Data,
    out: Annotated[Path | None, typer.Option(help="The checkpoint's folder; checkpoints/NAME if not given.")] = None,
    cache: Cache = DEFAULT_CACHE,
    runs: Annotated[Path, typer.Option(help="Folder for what a killed training needs to go on.")] = DEFAULT_RUNS,
    seed: Annotated[int | None, typer.Option(help="Another seed than the recipe's.")] = None,
    seeds: Annotated[
        str | None,
        typer.Option(
            help="Several seeds, as in 0,1,2: the one best on validation is written, with the figures of all."
        ),
    ] = None,
    choice: Annotated[
        Path | None,
        typer.Option(help="A checkpoint's folder whose epoch, fusion and gamma to take over; no validation then."),
    ] = None,
    clip: Annotated[
        Path | None,
        typer.Option(help="CLIP's weights for recipes that see with it; else the file that ZSLVIZ_CLIP names."),
    ] = None,
    weights: Weights = None,
    features: Features = None,
    device: Device = "auto",
) -> None:
    """Train a recipe and write a checkpoint with its card; features that are not cached yet are computed first.

    Epoch, fusion and gamma are chosen on seen classes held out as pseudo-unseen ones. Run the same command again after an
    interruption and it goes on where it was. The recipes eszsl-own and dap-own (in seconds), msdn-own and mgmrn-own are for one's
    own photos (docs/own_data.md).

    Example: zslviz train eszsl-own --data mine=photos/ --out models/mine
    """
    check_device(device)
    data_before(data)
    several = None if seeds is None else _numbers(seeds)
    from zslviz.trainer import prepare, train_seeds

    options: dict[str, Any] = {"seed": seed, "choice": choice, "clip": clip, "weights": weights, "features": features}
    if several is None:
        job = prepare(recipe, data, **options, out=out, tell=typer.echo)
        metrics = job.run(cache, runs, device, typer.echo)
    else:
        job, metrics = train_seeds(several, recipe, data, cache, runs, device, typer.echo, **options, out=out)
    print_figures(job.task, job.recipe.name, metrics)
    typer.echo(f"wrote {job.out}")


def _numbers(text: str) -> list[int]:
    """The seeds of "0,1,2". Raises ConfigError."""
    pieces = [piece.strip() for piece in text.split(",")]
    if not all(piece.isdecimal() and len(piece) <= 10 for piece in pieces):
        raise ConfigError(f"--seeds takes whole numbers with commas between them, as in 0,1,2; not '{text}'.")
    return [int(piece) for piece in pieces]
