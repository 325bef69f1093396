"""Recipes: everything that decides how a model comes out, as data. One YAML file per published setting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, asdict, dataclass, field, fields, is_dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

import yaml

from zslviz.errors import ConfigError, UnknownNameError
from zslviz.features.cache import CacheSpec
from zslviz.models.registry import MODELS

T = TypeVar("T")


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

    def tried(self, epochs: int) -> int:
        """How many epochs of a schedule of so many are tried."""
        return self.epochs or epochs


@dataclass(frozen=True)
class Recipe:
    """One training, as far as every task has it; a task's own settings stand in a subclass (`zslviz.tasks.*.settings`).

    model: settings of the network. loss: settings of its loss. average: decay of the weights' running mean (0: none).
    accumulate: in how many parts a batch is taken where memory is short; what is no mean over photos is then computed per part.
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
    accumulate: int = 1
    precision: Literal["32-true", "bf16-mixed", "16-mixed"] = "32-true"
    test_figures_in_sight: bool = False
    note: str = ""

    def __post_init__(self) -> None:
        if self.system not in MODELS:
            raise UnknownNameError("system", self.system, MODELS)
        if self.epochs < 1 or self.batch_size < 1:
            raise ConfigError("A recipe needs at least one epoch and at least one photo a batch.")
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
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigError(f"The recipe '{name_or_file}' is not valid YAML: {str(error).splitlines()[0]}.") from None


def build_settings(kind: type[T], values: Mapping[str, Any], source: str, known: Sequence[str] = ()) -> T:
    """A dataclass of settings from plain values, nested ones as well. known: its settings, if some of its fields are none.

    source: where the values stand, in words. Raises UnknownNameError for a setting that there is not, ConfigError for a value that
    is none of its choices and for settings that are missing.
    """
    own = fields(kind)  # type: ignore[arg-type]
    check_names(values, known or [f.name for f in own], source)
    hints, given = get_type_hints(kind), dict(values)
    for name, value in values.items():
        if is_dataclass(hints[name]):
            if not isinstance(value or {}, Mapping):
                raise ConfigError(f"'{name}' in {source} must map names of settings to values.")
            given[name] = build_settings(hints[name], value or {}, source)  # type: ignore[arg-type]
        elif get_origin(hints[name]) is Literal and value not in get_args(hints[name]):
            raise ConfigError(f"'{name}' in {source} is {', '.join(get_args(hints[name]))}, not '{value}'.")
    missing = [f.name for f in own if f.default is MISSING and f.default_factory is MISSING and f.name not in given]
    if missing:
        raise ConfigError(f"The recipe '{source}' is incomplete: it does not say '{missing[0]}'.")
    return kind(**given)


def check_names(values: Mapping[str, Any], known: Sequence[str], source: str) -> None:
    """Raises UnknownNameError for the first setting that is not known."""
    strangers = [name for name in values if name not in known]
    if strangers:
        raise UnknownNameError(f"setting (in {source})", strangers[0], known)


def _folder() -> Any:
    return resources.files("zslviz.training") / "recipes"
