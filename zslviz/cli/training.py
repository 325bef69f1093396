"""Commands that make models: cache features, train a recipe."""

from __future__ import annotations

import hashlib
import json
import shlex
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray

from zslviz.cli.evaluation import print_figures
from zslviz.cli.options import DEFAULT_CACHE, Cache, Data, Device
from zslviz.errors import ConfigError

if TYPE_CHECKING:
    from zslviz.features.cache import CacheSpec
    from zslviz.tasks.attributes.data import ZeroShotDataset
    from zslviz.tasks.base.data import TaskData
    from zslviz.training.recipe import Recipe

OWN_DATA = "own"
"""What a recipe names as its data if it is for one's own, whatever that is called."""


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
    from zslviz.datasets.reading import load_dataset, parse_data_argument
    from zslviz.errors import UnknownNameError
    from zslviz.features.cache import CacheSpec, build_cache, describe_size

    if backbone not in BACKBONES:
        raise UnknownNameError("backbone", backbone, BACKBONES)
    dataset = load_dataset(*parse_data_argument(data))
    typer.echo(f"{dataset.name}: {dataset.summary}")
    specs = [CacheSpec(backbone, size)] + ([CacheSpec(backbone, size, flip=True)] if flip else [])
    for spec in specs:
        typer.echo(describe_size(dataset, spec))
        build_cache(cache, dataset, spec, dataset.training_photos if spec.flip else None, device=device)


def train(
    recipe: Annotated[str, typer.Argument(help="A recipe's name (mgmrn-cub, msdn-own, ...) or a YAML file.")],
    data: Data,
    out: Annotated[Path | None, typer.Option(help="The checkpoint's folder; checkpoints/NAME if not given.")] = None,
    cache: Cache = DEFAULT_CACHE,
    runs: Annotated[Path, typer.Option(help="Folder for what a killed training needs to go on.")] = Path("runs"),
    seed: Annotated[int | None, typer.Option(help="Another seed than the recipe's.")] = None,
    choice: Annotated[
        Path | None,
        typer.Option(help="A checkpoint's folder whose epoch, fusion and gamma to take over; no validation then."),
    ] = None,
    clip: Annotated[
        Path | None,
        typer.Option(help="CLIP's weights for recipes that see with it; else the file that ZSLVIZ_CLIP names."),
    ] = None,
    device: Device = "auto",
) -> None:
    """Train a recipe and write a checkpoint with its card; features that are not cached yet are computed first.

    Epoch, fusion and gamma are chosen on seen classes held out as pseudo-unseen ones. Run the same command again after an
    interruption and it goes on where it was. The recipes msdn-own and mgmrn-own are for one's own photos (docs/own_data.md).

    Example: zslviz train msdn-own --data mine=photos/ --out models/mine
    """
    from zslviz.datasets.reading import load_dataset, parse_data_argument
    from zslviz.models.registry import MODELS
    from zslviz.runtime.places import checkpoints_folder
    from zslviz.training.recipe import load_recipe

    name, folder = parse_data_argument(data)
    settings = _for_data(load_recipe(recipe), name)
    settings = settings if seed is None else replace(settings, seed=seed)
    task = MODELS[settings.system].task
    if choice is not None and task != "attributes":
        raise ConfigError("'--choice' takes over what attribute models choose on validation; leave it out here.")
    encoder = _clip_of(settings, clip)
    dataset: Any
    if encoder is not None:
        dataset = load_dataset(name, folder, task, encoder.words)
    else:
        dataset = load_dataset(name, folder, task, settings.words or None)
    typer.echo(f"{name}: {dataset.summary}")
    for spec in settings.cache_specs() if encoder is None else []:
        _cache_missing(cache, dataset, spec, dataset.training_photos if spec.flip else dataset.used_photos, device)
    run = runs / (settings.name if seed is None else f"{settings.name}-seed{seed}")
    target = out or checkpoints_folder() / settings.name
    options = ("" if seed is None else f" --seed {seed}") + ("" if choice is None else f" --choice {choice}")
    options += "" if encoder is None else " --clip FILE"
    command = f"zslviz train {shlex.quote(recipe)} --data {name}=DIR{options}"
    _TRAIN[task](settings, dataset, cache, run, target, command, device, choice if encoder is None else encoder)
    typer.echo(f"wrote {target}")


def _clip_of(settings: Recipe, weights: Path | None) -> Any:
    """The encoder of a recipe that sees with CLIP, None for other recipes. Raises ConfigError."""
    from zslviz.backbones import BACKBONES

    if settings.backbone in BACKBONES:
        if weights is not None:
            raise ConfigError(
                f"The recipe '{settings.name}' sees with {settings.backbone}, not with CLIP; leave out --clip."
            )
        return None
    from zslviz.backbones.clip import own_clip

    return own_clip(settings.backbone, weights)


def _train_attributes(
    settings: Recipe, dataset: Any, cache: Path, run: Path, target: Path, command: str, device: str, choice: Any
) -> None:
    from zslviz.catalogue import DATASETS
    from zslviz.datasets.word_vectors import with_word_vectors
    from zslviz.tasks.attributes.checkpoint import AttributeCheckpoint
    from zslviz.tasks.attributes.training import train as train_recipe

    dataset = with_word_vectors(dataset)
    if (
        dataset.name not in DATASETS
    ):  # photos, table or recipe may change between two runs, and what was left is of no use then
        run = run / _digest(settings.to_dict(), dataset)
    chosen = None if choice is None else AttributeCheckpoint.load(choice).metrics.get("validation", {})
    report = train_recipe(settings, dataset, cache, run, target, command, device, chosen)
    print_figures("attributes", settings.name, report.to_dict())


def _train_labels(
    settings: Recipe, dataset: Any, cache: Path, run: Path, target: Path, command: str, device: str, _: Any
) -> None:
    from zslviz.tasks.multilabel.run import train_label_model

    metrics = train_label_model(settings, dataset, cache, run, target, command, device)
    print_figures("multilabel", settings.name, metrics)


def _train_compositions(
    settings: Recipe, dataset: Any, cache: Path, run: Path, target: Path, command: str, device: str, encoder: Any
) -> None:
    from zslviz.tasks.compositional.run import train_composition_model

    metrics = train_composition_model(settings, dataset, cache, run, target, command, device, encoder)
    print_figures("compositional", settings.name, metrics)


_TRAIN = {"attributes": _train_attributes, "multilabel": _train_labels, "compositional": _train_compositions}


def _for_data(recipe: Recipe, name: str) -> Recipe:
    """The recipe for this data: one for own data ("own") takes its name. Raises ConfigError if it is for other data."""
    if recipe.data == OWN_DATA and name != OWN_DATA:
        return replace(recipe, name=f"{recipe.name.removesuffix(f'-{OWN_DATA}')}-{name}", data=name)
    if recipe.data != name:
        raise ConfigError(f"The recipe '{recipe.name}' is for the data '{recipe.data}', not '{name}'.")
    return recipe


def _cache_missing(root: Path, dataset: TaskData, spec: CacheSpec, photos: NDArray[np.int64], device: str) -> None:
    """Computes the features that are still missing, after saying how much they will take."""
    from zslviz.catalogue import DATASETS
    from zslviz.features.cache import build_cache, cache_folder, describe_size, open_cache
    from zslviz.tasks.attributes.data import ZeroShotDataset

    if (cache_folder(root, dataset.name, spec) / "cache.json").is_file():
        if open_cache(root, dataset, spec).done[photos].all():
            return
    elif isinstance(dataset, ZeroShotDataset) and dataset.name not in DATASETS:
        from zslviz.datasets.own import check_photos

        check_photos([dataset.files[i] for i in photos])
    typer.echo(describe_size(dataset, spec))
    build_cache(root, dataset, spec, photos, device=device)


def _digest(recipe: dict[str, Any], dataset: ZeroShotDataset) -> str:
    """Tells trainings apart whose recipe, class table, word vectors, photos or split differ."""
    space = dataset.space
    arrays = (space.table, space.word_vectors, dataset.trainval, dataset.test_seen, dataset.test_unseen)
    names = [recipe, space.classes, space.attributes, [str(f) for f in dataset.files]]
    digest = hashlib.sha256(json.dumps(names, sort_keys=True).encode())
    for array in arrays:
        digest.update(b"" if array is None else np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()[:12]
