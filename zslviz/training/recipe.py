"""Recipes: everything that decides how a model comes out, as data. One YAML file per published setting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from zslviz.backbones import is_backbone
from zslviz.errors import ConfigError, UnknownNameError
from zslviz.features.cache import CacheSpec
from zslviz.files import check_folder_name, read_text
from zslviz.files.typed import BelowOne, Count, CountOrNone, Decay, NotNegative, Part, Rate, Seed, Side
from zslviz.models.registry import MODELS
from zslviz.training.plain_yaml import MAX_BYTES, parse

Text = Annotated[str, Field(max_length=500)]
AS_UNSEEN: Final = "as unseen"
"""`Validation.groups` of as many classes each as are never trained on."""


def refuse_idle(settings: Any, idle: bool, names: list[str], why: str) -> None:
    """Raises ConfigError if one of a dataclass's settings says something, but is not read. idle: whether they are not read."""
    defaults = {f.name: f.default for f in fields(settings) if f.default is not MISSING}
    for name in names if idle else ():
        if getattr(settings, name) != defaults[name]:
            raise ConfigError(f"'{name}' means nothing with {why}; leave it out.")


def with_sizes(sizes: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    """A network's configuration: sizes that follow from features and words, and a recipe's settings of the network.

    Raises ConfigError if a setting gives one of these sizes another value, with which the network could read nothing.
    """
    for name in sizes:
        given = settings.get(name, sizes[name])
        if (tuple(given) if isinstance(given, list) else given) != sizes[name]:
            raise ConfigError(
                f"'model.{name}' follows from the backbone and the data and is {sizes[name]} here, not {given}; leave it out."
            )
    return {**sizes, **settings}


@dataclass(frozen=True)
class PartRate:
    """The rate and decay of one part of a network; the rate follows the optimizer's schedule."""

    lr: Rate
    weight_decay: Decay


@dataclass(frozen=True)
class Optimizer:
    """name: sgd, rmsprop, adam or adamw. The learning rate rises over `warmup` epochs and falls as `schedule` says.

    parts: other rates for parts of the network, by what the names of their parameters begin with.
    """

    name: Literal["sgd", "rmsprop", "adam", "adamw"] = "adamw"
    lr: Rate = 1e-3
    weight_decay: Decay = 1e-4
    momentum: BelowOne = 0.9
    schedule: Literal["constant", "cosine", "step"] = "cosine"
    warmup: NotNegative = 0.3
    step_epochs: Count = 10
    step_factor: Annotated[float, Field(gt=0, le=1)] = 0.1
    clip_norm: NotNegative = 0.0
    parts: Mapping[str, PartRate] = field(default_factory=dict)

    def __post_init__(self) -> None:
        refuse_idle(self, self.name in ("adam", "adamw"), ["momentum"], f"the optimizer {self.name}")
        refuse_idle(self, self.schedule != "step", ["step_epochs", "step_factor"], f"the schedule '{self.schedule}'")


@dataclass(frozen=True)
class Validation:
    """Pseudo-unseen classes and photos held out of the seen classes; nothing is ever chosen on test photos.

    repeats: how many different sets of classes are held out in turn and averaged over; few classes make one set a poor guide.
    groups: into how many groups the seen classes are dealt by chance, each of which is held out in turn, so that every class is
    once; 0: sets of `classes`, drawn anew each time; `AS_UNSEEN`: as many as it takes for each to have as many classes as the data
    has that are never trained on: of one such class, every class alone.
    epochs: validation stops after so many epochs of the schedule (0: all); later ones cannot be chosen then.
    """

    classes: Part = 1 / 3
    photos: Part = 0.2
    seed: Seed = 0
    repeats: Annotated[int, Field(ge=1, le=1000)] = 1
    epochs: CountOrNone = 0
    groups: Annotated[int, Field(ge=0, le=1000)] | Literal["as unseen"] = 0

    def __post_init__(self) -> None:
        if self.groups == 1:
            raise ConfigError(
                "One group would hold out every class; 'groups' of 'validation' are at least 2, or 0 for none."
            )
        refuse_idle(self, self.groups != 0, ["classes", "repeats"], "'validation' by groups of classes")

    def tried(self, epochs: int) -> int:
        """How many epochs of a schedule of so many are tried. Raises ConfigError if it has fewer."""
        if self.epochs > epochs:
            raise ConfigError(f"Validation cannot try {self.epochs} epochs of a schedule of {epochs}.")
        return self.epochs or epochs


@dataclass(frozen=True)
class Recipe:
    """One training, as far as every task has it; a task's own settings stand in a subclass (`zslviz.tasks.*.settings`).

    model: settings of the network. loss: settings of its loss. average: decay of the weights' running mean (0: none).
    accumulate: in how many parts a batch is taken where memory is short; what is no mean over photos is then computed per part.
    test_figures_in_sight: some of the settings were settled knowing test figures of earlier runs; the card says so then.
    """

    name: Text
    system: Text
    data: Text
    epochs: Count
    backbone: Text = "efficientnet_lite2"
    size: Side = 288
    flip: bool = True
    batch_size: Count = 50
    seed: Seed = 0
    average: BelowOne = 0.0
    model: Mapping[str, Any] = field(default_factory=dict)
    loss: Mapping[str, Any] = field(default_factory=dict)
    optimizer: Optimizer = field(default_factory=Optimizer)
    accumulate: Count = 1
    precision: Literal["32-true", "bf16-mixed", "16-mixed"] = "32-true"
    test_figures_in_sight: bool = False
    note: Annotated[str, Field(max_length=20_000)] = ""

    def __post_init__(self) -> None:
        if self.system not in MODELS:
            raise UnknownNameError("system", self.system, MODELS)
        check_folder_name(self.name, "The name of a recipe")
        check_folder_name(self.data, f"What the recipe '{self.name}' names as its data")
        if self.batch_size < 2:
            raise ConfigError("A batch needs at least two photos: 'batch_size' cannot be 1.")
        if is_backbone(self.backbone) and self.size % 32:
            raise ConfigError(f"'size' must be a multiple of 32 pixels for {self.backbone}, not {self.size}.")
        if self.accumulate < 1 or self.accumulate > self.batch_size:
            raise ConfigError(f"A batch of {self.batch_size} photos cannot be taken in {self.accumulate} parts.")

    @classmethod
    def settings_of(cls, system: str) -> list[str]:
        """The settings that mean something for a system of the recipe's task; others are refused."""
        return [f.name for f in fields(cls)]

    def cache_specs(self) -> list[CacheSpec]:
        """The feature caches that the recipe trains on: the photos as they are, and mirrored ones if it flips; none from photos."""
        specs = [CacheSpec(self.backbone, self.size)]
        return [*specs, CacheSpec(self.backbone, self.size, flip=True)] if self.flip else specs

    def to_dict(self) -> dict[str, Any]:
        """Plain values, of those settings that mean something for the system."""
        values = asdict(self)
        return {name: values[name] for name in self.settings_of(self.system)}


def recipe_names() -> list[str]:
    """Names of the recipes that come with the package."""
    return sorted(p.name.removesuffix(".yaml") for p in _folder().iterdir() if p.name.endswith(".yaml"))


def read_recipe(name_or_file: str | Path) -> Any:
    """What a recipe's YAML says: one of the package by name, or a file. Raises UnknownNameError, ConfigError."""
    path = Path(name_or_file)
    if path.suffix.lower() in (".yaml", ".yml"):
        text = read_text(path, ConfigError, MAX_BYTES)
    elif str(name_or_file) in recipe_names():
        text = (_folder() / f"{name_or_file}.yaml").read_text(encoding="utf-8")
    else:
        raise UnknownNameError("recipe", str(name_or_file), recipe_names())
    return parse(text, f"The recipe '{name_or_file}'")


def _folder() -> Any:
    return resources.files("zslviz.training") / "recipes"
