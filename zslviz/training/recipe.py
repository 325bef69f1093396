"""Recipes: everything that decides how a model comes out, as data. One YAML file per published setting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from importlib import resources
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import yaml

from zslviz.errors import ConfigError, UnknownNameError
from zslviz.features.cache import CacheSpec
from zslviz.models.registry import MODELS


@dataclass(frozen=True)
class Optimizer:
    """name: sgd, rmsprop, adam or adamw. The learning rate rises over `warmup` epochs and falls as `schedule` says."""

    name: Literal["sgd", "rmsprop", "adam", "adamw"] = "adamw"
    lr: float = 1e-3
    weight_decay: float = 1e-4
    momentum: float = 0.9
    schedule: Literal["constant", "cosine", "step"] = "cosine"
    warmup: float = 0.3
    step_epochs: int = 10
    step_factor: float = 0.1
    clip_norm: float = 0.0


@dataclass(frozen=True)
class Validation:
    """Pseudo-unseen classes and photos held out of the seen classes; nothing is ever chosen on test photos.

    repeats: how many different sets of classes are held out in turn and averaged over; few classes make one set a poor guide.
    epochs: validation stops after so many epochs of the schedule (0: all); later ones cannot be chosen then.
    """

    classes: float = 1 / 3
    photos: float = 0.2
    seed: int = 0
    repeats: int = 1
    epochs: int = 0


@dataclass(frozen=True)
class FineTuning:
    """Which layers of the backbone are trained with the network, and how.

    stages: "none" (cached features), "last" (the layers from c4 to c5, on cached c4) or "all" (from photos, nothing cached).
    Learning rates follow the optimizer's schedule.
    """

    stages: Literal["none", "last", "all"] = "none"
    lr: float = 1e-4
    weight_decay: float = 1e-4


@dataclass(frozen=True)
class Sampling:
    """How batches are drawn: "photos" takes every photo once an epoch, "episodes" some images of some classes at a time."""

    kind: Literal["photos", "episodes"] = "photos"
    episodes: int = 300
    classes: int = 8
    images: int = 2


@dataclass(frozen=True)
class Recipe:
    """One training. `model`: settings of the network; `loss`: arguments of its loss; `average`: decay of the weights' mean.

    passes: "joint" steps once on the sum of the losses; "three" steps once a granularity, each after a forward of its own, as
    Mg-MRN's authors do (the same update where the backbone is frozen and the optimizer keeps no history of other parameters).
    accumulate: in how many parts a batch is taken where memory is short; terms that are not means over photos (MSDN's calibration)
    are then computed per part. resize: side to which photos are brought before a random crop of `size` (0: no crop).
    linear: settings of the linear map that a multi-label model's scores are added to; none where it is empty.
    words: what gives labels their vectors, where the data do not bring them (`zslviz.words.source.word_source`).
    test_figures_in_sight: some of the settings were settled knowing test figures of earlier runs; the card says so then.
    """

    name: str
    system: str
    data: str
    epochs: int
    backbone: str = "efficientnet_lite2"
    size: int = 288
    flip: bool = True
    batch_size: int = 50
    seed: int = 0
    average: float = 0.0
    model: Mapping[str, Any] = field(default_factory=dict)
    loss: Mapping[str, Any] = field(default_factory=dict)
    optimizer: Optimizer = field(default_factory=Optimizer)
    validation: Validation = field(default_factory=Validation)
    finetune: FineTuning = field(default_factory=FineTuning)
    sampling: Sampling = field(default_factory=Sampling)
    passes: Literal["joint", "three"] = "joint"
    accumulate: int = 1
    precision: Literal["32-true", "bf16-mixed", "16-mixed"] = "32-true"
    resize: int = 0
    test_figures_in_sight: bool = False
    words: str = ""
    linear: Mapping[str, float] = field(default_factory=dict)
    note: str = ""

    def __post_init__(self) -> None:
        if self.system not in MODELS:
            raise UnknownNameError("system", self.system, MODELS)
        if self.epochs < 1 or self.batch_size < 1:
            raise ConfigError("A recipe needs at least one epoch and at least one photo a batch.")
        if self.accumulate < 1 or self.accumulate > self.batch_size:
            raise ConfigError(f"A batch of {self.batch_size} photos cannot be taken in {self.accumulate} parts.")
        if self.finetune.stages != "all" and self.resize:
            raise ConfigError("Random crops need photos: 'resize' goes with 'finetune: {stages: all}' alone.")
        if self.resize and self.resize < self.size:
            raise ConfigError(f"Crops of {self.size} pixels do not fit into photos of {self.resize}.")
        if self.passes == "three" and self.system != "mgmrn":
            raise ConfigError("Three passes are one for each granularity of Mg-MRN; other systems have none.")

    def cache_specs(self) -> list[CacheSpec]:
        """The feature caches that the recipe trains on: the photos as they are, and mirrored ones if it flips; none from photos."""
        if self.finetune.stages == "all":
            return []
        specs = [CacheSpec(self.backbone, self.size)]
        return [*specs, CacheSpec(self.backbone, self.size, flip=True)] if self.flip else specs

    @property
    def validation_epochs(self) -> int:
        """How many epochs of the schedule validation tries."""
        return self.validation.epochs or self.epochs

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


_PARTS: tuple[tuple[str, Any], ...] = (
    ("optimizer", Optimizer),
    ("validation", Validation),
    ("finetune", FineTuning),
    ("sampling", Sampling),
)


def recipe_names() -> list[str]:
    """Names of the recipes that come with the package."""
    return sorted(p.name.removesuffix(".yaml") for p in _folder().iterdir() if p.name.endswith(".yaml"))


def load_recipe(name_or_file: str | Path) -> Recipe:
    """A recipe by name or from a YAML file. Raises UnknownNameError, ConfigError with what is wrong."""
    path = Path(name_or_file)
    if path.suffix in (".yaml", ".yml"):
        try:
            text = path.read_text(encoding="utf-8")
        except OSError as error:
            raise ConfigError(f"The recipe '{path}' cannot be read ({error.strerror}).") from None
    elif str(name_or_file) in recipe_names():
        text = (_folder() / f"{name_or_file}.yaml").read_text(encoding="utf-8")
    else:
        raise UnknownNameError("recipe", str(name_or_file), recipe_names())
    try:
        values = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigError(f"The recipe '{name_or_file}' is not valid YAML: {str(error).splitlines()[0]}.") from None
    return recipe_from_dict(values, str(name_or_file))


def recipe_from_dict(values: Any, source: str = "recipe") -> Recipe:
    """Builds a recipe from plain values; a setting that does not exist is refused by name."""
    if not isinstance(values, Mapping):
        raise ConfigError(f"The recipe '{source}' must map names of settings to values.")
    given = dict(values)
    for name, kind in _PARTS:
        given[name] = _build(kind, given.get(name) or {}, source)
    return _build(Recipe, given, source)


def _build(kind: Any, values: Mapping[str, Any], source: str) -> Any:
    known = [f.name for f in fields(kind)]
    strangers = [name for name in values if name not in known]
    if strangers:
        raise UnknownNameError(f"setting (in {source})", strangers[0], known)
    for f in fields(kind):
        choices = get_args(get_type_hints(kind)[f.name])
        if f.name in values and get_origin(get_type_hints(kind)[f.name]) is Literal and values[f.name] not in choices:
            raise ConfigError(f"'{f.name}' in {source} is {', '.join(choices)}, not '{values[f.name]}'.")
    try:
        return kind(**values)
    except TypeError as error:
        raise ConfigError(f"The recipe '{source}' is incomplete: {error}.") from None


def _folder() -> Any:
    return resources.files("zslviz.training") / "recipes"
