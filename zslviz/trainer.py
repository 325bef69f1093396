"""The door of training: from a recipe and data to a checkpoint with its card, whatever the task."""

from __future__ import annotations

import hashlib
import json
import shlex
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from zslviz.backbones.encoder import Encoder, sees_with_clip
from zslviz.backbones.registry import parted, settled, spec_of
from zslviz.catalogue import DATASETS, Task, part
from zslviz.checkpoints.files import check_finite
from zslviz.datasets.reading import load_dataset, parse_data_argument
from zslviz.errors import ConfigError
from zslviz.features.cache import FeatureCache
from zslviz.features.filling import filled, identified
from zslviz.features.given import GivenFeatures, read_features
from zslviz.features.identity import PhotoIdentities
from zslviz.files import check_can_hold, check_room
from zslviz.models.registry import MODELS
from zslviz.photos.checking import check_photos
from zslviz.runtime.devices import device_name
from zslviz.runtime.memory import total_memory
from zslviz.runtime.places import DEFAULT_CACHE, DEFAULT_RUNS, new_checkpoint
from zslviz.runtime.processes import launch
from zslviz.tasks.base.card import write_model_card
from zslviz.tasks.base.data import TaskData
from zslviz.tasks.base.recipes import load_recipe, recipe_from_dict
from zslviz.tasks.base.seeds import assemble, check_seeds
from zslviz.tasks.base.show import refuse_others
from zslviz.tasks.base.training import Training
from zslviz.training.recipe import Recipe

_STATES = 8  # times the network: its mean, the optimizer's two, its best, and the next state beside the last
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
    seeds: Sequence[int] | None = None,
    choice: str | Path | None = None,
    clip: str | Path | None = None,
    weights: str | Path | None = None,
    features: str | Path | None = None,
) -> dict[str, Any]:
    """Trains a recipe and writes a checkpoint with its card, as `zslviz train` does; features that are missing are computed first.

    recipe: a name ("msdn-own"), a YAML file, or a `Recipe`. data: "NAME=DIR", as on the command line, or (name, folder).
    cache: the folder of cached features. runs: where a killed training keeps what it needs to go on when it is called again.
    out: the checkpoint's folder; `checkpoints/NAME` if None. device: "auto", "cpu", "cuda" or "cuda:N".
    seed: another one than the recipe's. seeds: several, of which the best on validation is written (`train_seeds`).
    choice: the folder of an attribute checkpoint whose epoch, fusion and gamma are taken over; no validation then.
    clip: CLIP's weights, for recipes that see with it; else the file that ZSLVIZ_CLIP names.
    weights: of one's own for the recipe's backbone, a state dict. features: a file of features, for systems in closed form, in
    place of a backbone's (`features.given`).

    Returns the checkpoint's metrics, as they are in its `metrics.json`: fractions, of test photos unless they are under
    "validation". Raises UnknownNameError for a recipe, system, backbone or setting that there is not, ConfigError for a value that
    cannot work, DataError for data that are not laid out as their reader expects or a name that has no word vector, and
    CheckpointError for a `choice` that is none.
    """
    options: dict[str, Any] = {"clip": clip, "weights": weights, "features": features, "out": out}
    if seeds is not None:
        options |= {"seed": seed, "choice": choice}
        return train_seeds(seeds, recipe, data, Path(cache), Path(runs), device, **options)[1]
    return prepare(recipe, data, seed=seed, choice=choice, **options).run(Path(cache), Path(runs), device)


def train_seeds(
    seeds: Sequence[int],
    recipe: Recipe | str | Path,
    data: str | tuple[str, str | Path],
    cache: Path,
    runs: Path,
    device: str | None,
    tell: Tell = lambda line: None,
    **options: Any,
) -> tuple[Job, dict[str, Any]]:
    """Trains each seed with a choice of its own, one after the other, and writes the checkpoint of the one best on validation.

    The other seeds' figures stand beside its own (`tasks.base.seeds`). What is finished of a killed run is not trained again.
    options: of `prepare`. Returns what was asked for first, and the metrics of the checkpoint that was written to its `out`.
    """
    if options.get("seed") is not None or options.get("choice") is not None:
        raise ConfigError(
            "Every one of several seeds is trained and chooses for itself; leave out --seed and --choice."
        )
    check_seeds(seeds)
    first = prepare(recipe, data, **{**options, "seed": seeds[0]}, tell=tell)
    if MODELS[first.recipe.system].closed_form:
        raise ConfigError(f"{MODELS[first.recipe.system].title} is solved for: it is the same with every seed.")
    jobs = [first, *(prepare(recipe, data, **{**options, "seed": seed}) for seed in seeds[1:])]
    folders = [runs / job.run_name / "checkpoint" for job in jobs]
    for job, folder in zip(jobs, folders, strict=True):
        replace(job, out=folder).run(cache, runs, device, tell)
    return first, assemble(folders, first.out, tell)


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
        self._check_room(runs)
        photos = None if self.given is not None else identified(cache, dataset, device)
        run_folder = runs / self.run_name / fingerprint(recipe, dataset, photos)
        caches = self._features(photos, cache, run_folder, device, tell)
        fabric = launch(device, recipe.precision)
        try:
            trained = self.training.train(caches, run_folder, fabric)
        except np.linalg.LinAlgError as error:
            raise ConfigError(f"The equations of '{recipe.name}' have no solution on these photos ({error}).") from None
        check_finite(trained.network.state_dict(), recipe.name)
        checkpoint = self.training.checkpoint(trained, caches, fabric, self.command)
        metrics = json.loads(json.dumps({**checkpoint.metrics, "device": device_name(fabric.device)}))
        if fabric.is_global_zero:
            replace(checkpoint, metrics=metrics).save(self.out)
            self.training.accompany(self.out)
            write_model_card(self.out)
        fabric.barrier()
        if dataset.name not in DATASETS:
            for name, figures in self.training.yardsticks(caches, fabric):
                tell(f"yardstick {part(self.task, 'show').figure_lines(name, figures)[0]}")
        return dict(metrics)

    def _features(
        self, photos: PhotoIdentities | None, cache: Path, run_folder: Path, device: str | None, tell: Tell
    ) -> list[FeatureCache]:
        """The caches that the recipe trains on, filled first."""
        if self.given is not None or photos is None:
            return [] if self.given is None else [self.given]
        recipe, dataset = self.recipe, self.dataset
        wanted = [(s, dataset.training_photos if s.flip else dataset.used_photos) for s in recipe.cache_specs()]
        own = dataset.name not in DATASETS
        if own and not wanted and not run_folder.exists():  # they are decoded in every epoch
            check_photos([dataset.files[i] for i in dataset.used_photos])
        return list(filled(cache, dataset, wanted, photos, device, tell, decode=own))

    def _check_room(self, runs: Path) -> None:
        """Raises ConfigError if what is going to be written has no place, or the network would not fit into memory."""
        size = self.training.network_bytes()
        check_can_hold(runs / self.run_name)
        check_room(runs, _STATES * size, f"The states of a training of '{self.recipe.name}'")
        check_room(self.out, size, f"The weights of '{self.recipe.name}'")
        memory = total_memory()
        if memory is not None and _STATES * size > memory:
            raise ConfigError(
                f"To train '{self.recipe.name}' ({size // 4:,} parameters) takes {_STATES * size / 1e9:.0f} GB of memory, there "
                f"are {memory / 1e9:.0f} GB. Take smaller widths in 'model'."
            )


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
    recipe_from_dict(settings.to_dict(), settings.name)  # one made in Python, and another seed, are checked as well
    task = MODELS[settings.system].task
    kind: type[Training] = part(task, "training").TRAINING
    refuse_others("train", task, settings.name, {"choice": choice} if choice is not None else {})
    encoder = _encoder_of(settings, kind, clip)
    read = None if features is None else _features_for(settings, features, weights)
    settings = replace(settings, name=f"{settings.name}-{read.stem}") if read else _settled(settings, encoder, weights)
    place = new_checkpoint(settings.name) if out is None else Path(out)
    check_can_hold(place)
    words = getattr(settings, "words", None) or None if encoder is None else encoder.words
    dataset = load_dataset(name, folder, task, words, None if read is None else read.names)
    tell(f"{name}: {dataset.summary}")
    for line in () if name in DATASETS else dataset.remarks:
        tell(line)
    given = None
    if read is not None:
        given = read.of(dataset.files, dataset.labels, dataset.used_photos)
        settings = replace(settings, backbone=given.spec.backbone, flip=False)
    training = kind(settings, dataset, encoder, None if choice is None else Path(choice))
    options = ("" if seed is None else f" --seed {seed}") + ("" if choice is None else f" --choice {choice}")
    for option, value in (("clip", encoder), ("weights", weights), ("features", features)):
        options += "" if value is None else f" --{option} FILE"
    called = settings.name if isinstance(recipe, Recipe) else str(recipe)
    run_name = settings.name if seed is None else f"{settings.name}-seed{seed}"
    if given is None and "@" in settings.backbone:  # a run goes on with the weights that it began with
        run_name = f"{run_name}-{parted(settings.backbone)[1]}"
    return Job(
        settings,
        training.dataset,
        training,
        place,
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


def fingerprint(recipe: Recipe, dataset: TaskData, photos: PhotoIdentities | None) -> str:
    """Twelve hexadecimal digits that tell trainings apart whose recipe, photos, truth, word vectors or split differ.

    What a killed run left is of use to no other. Photos are told apart by content; where they lie is all the same; None of given
    features, whose digest stands in the recipe.
    """
    digest = hashlib.sha256(json.dumps(recipe.to_dict(), sort_keys=True).encode())
    if photos is not None:
        digest.update(photos.whole(dataset.used_photos))
    for value in _values(dataset):
        digest.update(np.ascontiguousarray(value).tobytes() if isinstance(value, np.ndarray) else str(value).encode())
    return digest.hexdigest()[:12]


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


def _values(data: Any) -> Iterator[Any]:
    """The fields of a data class, one after the other, those of data classes inside as well, but no paths of photos."""
    for field in fields(data):
        value = getattr(data, field.name)
        if field.name == "files":
            continue
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
