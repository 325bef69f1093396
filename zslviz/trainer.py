"""The door of training: from a recipe and data to a checkpoint with its card, whatever the task."""

from __future__ import annotations

import hashlib
import json
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zslviz.backbones.encoder import Encoder, sees_with_clip
from zslviz.backbones.registry import parted, settled, spec_of
from zslviz.catalogue import DATASETS, Task, part
from zslviz.datasets.reading import load_dataset, parse_data_argument
from zslviz.errors import ConfigError
from zslviz.features.cache import CacheSpec, FeatureCache, build_cache, cache_folder, describe_size, open_cache
from zslviz.features.given import GivenFeatures, read_features
from zslviz.models.registry import MODELS
from zslviz.photos.checking import check_photos
from zslviz.runtime.places import DEFAULT_CACHE, DEFAULT_RUNS, checkpoints_folder
from zslviz.runtime.processes import launch
from zslviz.tasks.base.card import write_model_card
from zslviz.tasks.base.data import TaskData
from zslviz.tasks.base.recipes import load_recipe
from zslviz.tasks.base.show import refuse_others
from zslviz.tasks.base.training import Training
from zslviz.training.recipe import Recipe

OWN_DATA = "own"
"""What a recipe names as its data if it is for one's own, whatever that is called."""

Tell = Callable[[str], None]


def train(
    recipe: Recipe | str | Path,
    data: str | tuple[str, str | Path],
    *,
    cache: str | Path = DEFAULT_CACHE,
    runs: str | Path = DEFAULT_RUNS,
    out: str | Path | None = None,
    device: str | None = "auto",
    seed: int | None = None,
    choice: str | Path | None = None,
    clip: str | Path | None = None,
    weights: str | Path | None = None,
    features: str | Path | None = None,
) -> dict[str, Any]:
    """Trains a recipe and writes a checkpoint with its card, as `zslviz train` does; features that are missing are computed first.

    recipe: a name ("msdn-own"), a YAML file, or a `Recipe`. data: "NAME=DIR", as on the command line, or (name, folder).
    cache: the folder of cached features. runs: where a killed training keeps what it needs to go on when it is called again.
    out: the checkpoint's folder; `checkpoints/NAME` if None. device: "auto", "cpu", "cuda" or "cuda:N".
    seed: another one than the recipe's. choice: the folder of an attribute checkpoint whose epoch, fusion and gamma are taken over;
    no validation then. clip: CLIP's weights, for recipes that see with it; else the file that ZSLVIZ_CLIP names.
    weights: of one's own for the recipe's backbone, a state dict. features: a file of features, for systems in closed form, in
    place of a backbone's (`features.given`).

    Returns the checkpoint's metrics, as they are in its `metrics.json`: fractions, of test photos unless they are under
    "validation". Raises UnknownNameError for a recipe, system, backbone or setting that there is not, ConfigError for a value that
    cannot work, DataError for data that are not laid out as their reader expects or a name that has no word vector, and
    CheckpointError for a `choice` that is none.
    """
    job = prepare(recipe, data, seed=seed, choice=choice, clip=clip, weights=weights, features=features, out=out)
    return job.run(Path(cache), Path(runs), device)


@dataclass(frozen=True, eq=False)
class Job:
    """A training of which all is known that can be known before the first feature is computed.

    training: the task's part. out: the checkpoint's folder. command: what makes the same checkpoint again. run_name: of the
    training's own folder among the runs. given: features that take the place of a backbone's.
    """

    recipe: Recipe
    dataset: TaskData
    training: Training
    out: Path
    command: str
    run_name: str
    given: FeatureCache | None = None

    @property
    def task(self) -> Task:
        return MODELS[self.recipe.system].task

    def run(self, cache: Path, runs: Path, device: str | None, tell: Tell = lambda line: None) -> dict[str, Any]:
        """Trains, measures and writes; see `train`. tell: is told what is about to be computed, line by line."""
        recipe, dataset = self.recipe, self.dataset
        specs = recipe.cache_specs() if self.given is None else []
        for spec in specs:
            cache_missing(
                cache, dataset, spec, dataset.training_photos if spec.flip else dataset.used_photos, device, tell
            )
        fabric = launch(device, recipe.precision)
        caches = [open_cache(cache, dataset, spec) for spec in specs] if self.given is None else [self.given]
        trained = self.training.train(caches, runs / self.run_name, fabric)
        checkpoint = self.training.checkpoint(trained, caches, fabric, self.command)
        metrics = json.loads(json.dumps(checkpoint.metrics))
        if fabric.is_global_zero:
            replace(checkpoint, metrics=metrics).save(self.out)
            write_model_card(self.out)
        fabric.barrier()
        if dataset.name not in DATASETS:
            for name, figures in self.training.yardsticks(caches, fabric):
                tell(f"yardstick {part(self.task, 'show').figure_lines(name, figures)[0]}")
        return dict(metrics)


def prepare(
    recipe: Recipe | str | Path,
    data: str | tuple[str, str | Path],
    *,
    seed: int | None = None,
    choice: str | Path | None = None,
    clip: str | Path | None = None,
    weights: str | Path | None = None,
    features: str | Path | None = None,
    out: str | Path | None = None,
    tell: Tell = lambda line: None,
) -> Job:
    """Reads recipe and data and checks both; arguments and errors as of `train`. tell: is told what the data are."""
    name, folder = parse_data_argument(data) if isinstance(data, str) else data
    settings = recipe if isinstance(recipe, Recipe) else load_recipe(recipe)
    settings = for_data(settings, name)
    settings = settings if seed is None else replace(settings, seed=seed)
    task = MODELS[settings.system].task
    kind: type[Training] = part(task, "training").TRAINING
    refuse_others("train", task, settings.name, {"choice": choice} if choice is not None else {})
    encoder = _encoder_of(settings, kind, clip)
    read = None if features is None else _features_for(settings, features, weights)
    settings = settings if read is not None else _settled(settings, encoder, weights)
    words = getattr(settings, "words", None) or None if encoder is None else encoder.words
    dataset = load_dataset(name, folder, task, words, None if read is None else read.names)
    tell(f"{name}: {dataset.summary}")
    given = None
    if read is not None:
        given = read.of(dataset.files, dataset.labels, dataset.used_photos)
        settings = replace(settings, name=f"{settings.name}-{read.stem}", backbone=given.spec.backbone, flip=False)
    training = kind(settings, dataset, encoder, None if choice is None else Path(choice))
    options = ("" if seed is None else f" --seed {seed}") + ("" if choice is None else f" --choice {choice}")
    for option, value in (("clip", encoder), ("weights", weights), ("features", features)):
        options += "" if value is None else f" --{option} FILE"
    called = settings.name if isinstance(recipe, Recipe) else str(recipe)
    run_name = settings.name if seed is None else f"{settings.name}-seed{seed}"
    if given is None and "@" in settings.backbone:  # a run goes on with the weights that it began with
        run_name = f"{run_name}-{parted(settings.backbone)[1]}"
    if name not in DATASETS:  # photos, table or recipe may change between two runs, and what was left is of no use then
        run_name = f"{run_name}/{fingerprint(settings, training.dataset)}"
    return Job(
        settings,
        training.dataset,
        training,
        checkpoints_folder() / settings.name if out is None else Path(out),
        f"zslviz train {shlex.quote(called)} --data {name}=DIR{options}",
        run_name,
        given,
    )


def for_data(recipe: Recipe, name: str) -> Recipe:
    """The recipe for this data: one for own data ("own") takes its name. Raises ConfigError if it is for other data."""
    if recipe.data == OWN_DATA and name != OWN_DATA:
        return replace(recipe, name=f"{recipe.name.removesuffix(f'-{OWN_DATA}')}-{name}", data=name)
    if recipe.data != name:
        raise ConfigError(f"The recipe '{recipe.name}' is for the data '{recipe.data}', not '{name}'.")
    return recipe


def cache_missing(
    root: Path, dataset: TaskData, spec: CacheSpec, photos: NDArray[np.int64], device: str | None, tell: Tell
) -> None:
    """Computes the features that are still missing, after telling how much they will take.

    Of data of one's own all photos are decoded first, so that a damaged one is found before the long work.
    """
    if (cache_folder(root, dataset.name, spec) / "cache.json").is_file():
        if open_cache(root, dataset, spec).done[photos].all():
            return
    elif dataset.name not in DATASETS:
        check_photos([dataset.files[i] for i in photos])
    tell(describe_size(dataset, spec))
    build_cache(root, dataset, spec, photos, device=device)


def _features_for(settings: Recipe, file: str | Path, weights: str | Path | None) -> GivenFeatures:
    """Features to be trained on instead of a backbone's. Raises ConfigError for a system that reads regions."""
    if weights is not None:
        raise ConfigError("Features that are given need no weights of a backbone; leave out --weights or --features.")
    system = MODELS[settings.system]
    if not system.closed_form:
        able = " or ".join(MODELS[name].title for name in MODELS if MODELS[name].closed_form)
        raise ConfigError(
            f"{system.title} looks at the regions of a photo, and features that are given are one vector; --features goes with "
            f"{able}."
        )
    return read_features(file)


def _settled(settings: Recipe, encoder: Encoder | None, weights: str | Path | None) -> Recipe:
    """The recipe with its backbone under the name of its weights (`backbones.registry.settled`); they are loaded here."""
    if encoder is not None:
        if weights is not None:
            raise ConfigError(
                f"The recipe '{settings.name}' sees with CLIP, whose weights --clip names; leave out --weights."
            )
        return settings
    spec_of(settings.backbone).check_size(settings.size)
    return replace(settings, backbone=settled(settings.backbone, weights))


def fingerprint(recipe: Recipe, dataset: TaskData) -> str:
    """Twelve hexadecimal digits that tell trainings apart whose recipe, photos, truth, word vectors or split differ."""
    digest = hashlib.sha256(json.dumps(recipe.to_dict(), sort_keys=True).encode())
    for value in _values(dataset):
        digest.update(np.ascontiguousarray(value).tobytes() if isinstance(value, np.ndarray) else str(value).encode())
    return digest.hexdigest()[:12]


def _values(data: Any) -> Iterator[Any]:
    """The fields of a data class, one after the other, those of data classes inside as well."""
    for field in fields(data):
        value = getattr(data, field.name)
        if is_dataclass(value):
            yield from _values(value)
        else:
            yield value


def _encoder_of(settings: Recipe, kind: type[Training], weights: str | Path | None) -> Encoder | None:
    """CLIP, of a recipe that sees with it; None of other recipes. Raises UnknownNameError, ConfigError."""
    if not sees_with_clip(settings.backbone):
        if weights is not None:
            raise ConfigError(
                f"The recipe '{settings.name}' sees with {settings.backbone}, not with CLIP; leave out --clip."
            )
        return None
    if not kind.takes_encoder:
        raise ConfigError(
            f"{MODELS[settings.system].title} reads the stages of a CNN; it cannot see with CLIP {settings.backbone}."
        )
    from zslviz.backbones.clip import own_clip  # only here, since it is an extra

    return own_clip(settings.backbone, weights)
