"""What a recipe of an attribute model says beyond what all recipes say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from zslviz.backbones.library import is_of_library
from zslviz.errors import ConfigError
from zslviz.features.cache import CacheSpec
from zslviz.files.typed import Count, Decay, NotNegative, Part, Rate, Ridge, SideOrNone, check_values
from zslviz.models.registry import MODELS, System
from zslviz.training.recipe import Recipe, Validation, refuse_idle

_SOLVED = (
    "name", "system", "data", "epochs", "backbone", "size", "flip", "seed", "model", "loss", "test_figures_in_sight", "note",
    "validation",
)  # fmt: skip


MAX_EPISODE = 2**14
"""Photos of an episode: their features are in memory at once."""


@dataclass(frozen=True)
class FineTuning:
    """Which layers of the backbone are trained with the network, and how.

    stages: "none" (cached features), "last" (the layers from c4 to c5, on cached c4) or "all" (from photos, nothing cached).
    Learning rates follow the optimizer's schedule.
    """

    stages: Literal["none", "last", "all"] = "none"
    lr: Rate = 1e-4
    weight_decay: Decay = 1e-4

    def __post_init__(self) -> None:
        refuse_idle(self, self.stages == "none", ["lr", "weight_decay"], "'finetune' of no stages")


@dataclass(frozen=True)
class Grounding:
    """Attention that is asked to lie on the part its attribute speaks of (`tasks.attributes.grounding`); needs marked parts.

    weight: of the term beside the loss; 0, the papers', leaves it out. radius: how far from a part counts as on it, and edge: over
    how much further that falls to nothing, both as shares of the photo's side.
    """

    weight: NotNegative = 0.0
    radius: Part = 0.09
    edge: Part = 0.05

    def __post_init__(self) -> None:
        refuse_idle(self, not self.weight, ["radius", "edge"], "'grounding' of no weight")


@dataclass(frozen=True)
class Sampling:
    """How batches are drawn: "photos" takes every photo once an epoch, "episodes" some images of some classes at a time, "balanced"
    as many photos as there are, each class as often as any other, with replacement."""

    kind: Literal["photos", "episodes", "balanced"] = "photos"
    episodes: Count = 300
    classes: Count = 8
    images: Count = 2

    def __post_init__(self) -> None:
        refuse_idle(self, self.kind != "episodes", ["episodes", "classes", "images"], "'sampling' of photos")
        if self.classes * self.images > MAX_EPISODE:
            raise ConfigError(
                f"An episode holds at most {MAX_EPISODE} photos, not {self.classes} classes of {self.images}."
            )
        if self.classes * self.images < 2:
            raise ConfigError("An episode needs at least two photos: more 'classes' or 'images' of each.")


@dataclass(frozen=True)
class AttributeRecipe(Recipe):
    """A recipe of an attribute model.

    passes: "joint" steps once on the sum of the losses; "three" steps once a granularity, each after a forward of its own, as
    Mg-MRN's authors do (the same update where the backbone is frozen and the optimizer keeps no history of other parameters).
    resize: side to which photos are brought before a random crop of `size` (0: no crop).
    """

    validation: Validation = field(default_factory=Validation)
    finetune: FineTuning = field(default_factory=FineTuning)
    grounding: Grounding = field(default_factory=Grounding)
    sampling: Sampling = field(default_factory=Sampling)
    passes: Literal["joint", "three"] = "joint"
    resize: SideOrNone = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_record(MODELS[self.system])
        if self.finetune.stages == "last" and is_of_library(self.backbone):
            raise ConfigError(
                f"The layers of '{self.backbone}' cannot be parted, so its last stage cannot be trained alone; write "
                "'stages: all' or 'none'."
            )
        if self.grounding.weight and not MODELS[self.system].grounded:
            able = " or ".join(system.title for system in MODELS.values() if system.grounded)
            raise ConfigError(
                f"'grounding' asks attention to lie on a part, that of {able}; other systems have none to ask."
            )
        if self.grounding.weight and self.finetune.stages == "all":
            raise ConfigError("'grounding' goes with cached features; write 'finetune: {stages: last}' or 'none'.")
        if self.finetune.stages != "all" and self.resize:
            raise ConfigError("Random crops need photos: 'resize' goes with 'finetune: {stages: all}' alone.")
        if self.resize and self.resize < self.size:
            raise ConfigError(f"Crops of {self.size} pixels do not fit into photos of {self.resize}.")
        if self.passes == "three" and not _has_passes(self.system):
            able = " or ".join(system.title for name, system in MODELS.items() if _has_passes(name))
            raise ConfigError(f"Three passes are one for each granularity of {able}; other systems have none.")
        if MODELS[self.system].closed_form and (self.epochs != 1 or self.validation.epochs):
            raise ConfigError(f"{MODELS[self.system].title} is solved for, not trained in epochs; write 'epochs: 1'.")
        if self.validation.tried(self.epochs) < self.epochs / 2:
            raise ConfigError(
                f"Validation measures the second half of the epochs; it cannot end after {self.validation.epochs} of {self.epochs}."
            )

        if MODELS[self.system].closed_form:
            _check_solver(MODELS[self.system].solver.options, self)

    @classmethod
    def settings_of(cls, system: str) -> list[str]:
        """Of a system in closed form, those that its equations and the choice of their settings read."""
        known = super().settings_of(system)
        return [name for name in known if name in _SOLVED] if MODELS[system].closed_form else known

    def cache_specs(self) -> list[CacheSpec]:
        return [] if self.finetune.stages == "all" else super().cache_specs()


def _check_record(system: System) -> None:
    """Raises ConfigError if what a system's record says of its granularities is not whole or not what its network says."""
    named, strides = tuple(system.granularities), len(system.strides)
    if not named:
        raise ConfigError(
            f"The record of {system.title} names no 'granularities'; an attribute system has at least one."
        )
    own = getattr(system.network, "granularities", None)
    if isinstance(own, tuple | list) and tuple(own) != named:
        of_record, of_network = ", ".join(named), ", ".join(own)
        raise ConfigError(
            f"The record of {system.title} names the granularities {of_record}, its network {of_network}; they must be the same."
        )
    if strides != len(named):
        raise ConfigError(
            f"The record of {system.title} gives {strides} 'strides'; its {len(named)} granularities have one each."
        )


def _check_solver(options: Mapping[str, tuple[Any, ...]], recipe: Recipe) -> None:
    """Raises ConfigError if a recipe's `loss` fixes what is none of a solver's options, or not as one of them may be."""
    strangers = sorted(set(map(str, recipe.loss)) - set(options))
    if strangers:
        raise ConfigError(f"There is no setting '{strangers[0]}' to solve with; there are {', '.join(options)}.")
    hints = {n: Ridge if isinstance(tried[0], float) else Literal.__getitem__(tried) for n, tried in options.items()}
    check_values(hints, recipe.loss, f"'loss' of the recipe '{recipe.name}'")


def _has_passes(system: str) -> bool:
    """Whether the system's parameters can be told apart by granularity."""
    return hasattr(MODELS[system].network, "granularity_of")


RECIPE = AttributeRecipe
