"""Systems by name: the network, its configuration and how its scores become class scores."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from zslviz.catalogue import SYSTEMS, TASKS, SystemPlace, Task, found
from zslviz.errors import ConfigError, UnknownNameError
from zslviz.files.typed import typed
from zslviz.models.refining import Refining

if TYPE_CHECKING:
    from torch import Tensor, nn

Fusion = tuple[str, tuple[float, ...]]
"""How class scores are made of several granularities' attribute scores: the kind of rule, and a weight for each."""


@dataclass(frozen=True)
class Published:
    """How a paper makes class scores of a data set: the kind of rule, a weight a granularity, and gamma (its fixed bias)."""

    rule: str
    weights: tuple[float, ...]
    gamma: float = 0.0


@dataclass(frozen=True)
class System:
    """One system: how to build it, what people call it, what it scores and what it can show.

    granularities, strides, over_attributes, fusions, published, fixed_margin: of attribute models alone.
    loss: of a batch, from the arguments that its task gives (`tasks.*.training`) and the settings that a recipe's `loss` may give.
    fusions: from the number of granularities and a recipe's `loss`, the fusions to choose from; their plain sum without it.
    held: what besides attention its evidence holds as it was in the photo so that it adds up, in words ("the norms of two layers").
    rest: what the part of a score that comes from no place is called where it differs from photo to photo ("learned correction").
    refining: of a system that answers twice, before and after it refines something, what it calls that.
    idle: patterns of names of parameters that no score depends on (the authors have them, or one of the settings leaves them out).
    solver: of a yardstick, whose weights are solved for, not descended to; what it is, the task says that has one.
    """

    name: str
    title: str
    network: type[nn.Module]
    config: type
    capabilities: frozenset[str]
    granularities: tuple[str, ...] = ()
    strides: tuple[int, ...] = ()  # of the stage that each granularity's regions come from
    over_attributes: tuple[int, ...] = ()  # granularities whose attention sums to 1 over attributes at every region
    published: Mapping[str, Published] = field(default_factory=dict)  # by data set, "" where the paper has none for it
    fixed_margin: float = 0.0  # by which the authors lift unseen over seen classes when they measure; 0: they do not
    about: str = ""  # a sentence for cards, on what is not as usual
    held: str = ""
    rest: str = ""
    refining: Refining | None = None
    loss: Callable[..., Tensor] | None = None
    fusions: Callable[[int, Mapping[str, Any]], list[Fusion]] | None = None
    idle: tuple[str, ...] = ()
    grounded: tuple[
        int, ...
    ] = ()  # granularities whose attention can be asked to lie on a part (`forward(attend=True)`)
    solver: Any = None

    @property
    def closed_form(self) -> bool:
        return self.solver is not None

    @property
    def task(self) -> Task:
        """What it predicts."""
        return SYSTEMS[self.name].task

    def channels_of(self, channels: tuple[int, ...], stages: int = 0) -> int | tuple[int, ...]:
        """Of the channels of a backbone's stages, what the network is configured with: all of them, or the last stage's.

        stages: of how many of the last stages a recipe has its regions made, 0 if it does not say.
        """
        count = stages or (len(channels) if len(set(self.strides)) > 1 else 1)
        return channels[-count:] if count > 1 else channels[-1]


class _Systems(Mapping[str, System]):
    """The systems of the catalogue; each is imported when it is first asked for."""

    def __getitem__(self, name: str) -> System:
        record: System = found(SYSTEMS[name].record)
        return record

    def __iter__(self) -> Iterator[str]:
        return iter(SYSTEMS)

    def __len__(self) -> int:
        return len(SYSTEMS)

    def __contains__(self, name: object) -> bool:
        return name in SYSTEMS


MODELS: Mapping[str, System] = _Systems()


def strides_of(network: nn.Module, system: System) -> tuple[int, ...]:
    """Of the stage that each granularity's regions come from: the network's own if its configuration decides, or the record's."""
    head = getattr(network, "head", network)  # of one that brings layers of the backbone along
    return getattr(head, "strides", system.strides)


def plug_in(place: str) -> System:
    """Makes a system of one's own known until the process ends. place: a module's name, or a file NAME.py, which is run.

    Its `SYSTEM` is the record, its `TASK` what it predicts ("attributes" if it has none). Raises ConfigError if it cannot be
    imported, has no record, or bears a name that another system has.
    """
    module = _imported(place)
    record, task = getattr(module, "SYSTEM", None), getattr(module, "TASK", next(iter(TASKS)))
    if not isinstance(record, System):
        raise ConfigError(f"'{place}' has no SYSTEM, the record of a system (docs/adding-a-model.md).")
    if task not in TASKS:
        raise ConfigError(f"The TASK of '{place}' is {' or '.join(TASKS)}, not '{task}'.")
    mine = f"{module.__name__}:SYSTEM"
    if record.name in SYSTEMS and SYSTEMS[record.name].record != mine:
        raise ConfigError(
            f"'{place}' brings a system called '{record.name}', as there is one already; give it another name."
        )
    SYSTEMS[record.name] = SystemPlace(task, mine)
    return record


def _imported(place: str) -> ModuleType:
    try:
        if not place.endswith(".py"):
            return importlib.import_module(place)
        if not Path(place).is_file():
            raise ConfigError(f"The plug-in '{place}' is not there; name a file NAME.py, or a module.")
        name = f"zslviz_plugin_{Path(place).stem}"
        spec = importlib.util.spec_from_file_location(name, Path(place).resolve())
        assert spec is not None and spec.loader is not None
        module = sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    except ConfigError:
        raise
    except Exception as error:  # whatever a person's own code does
        told = (str(error).splitlines() or [""])[0]
        raise ConfigError(f"The plug-in '{place}' cannot be imported ({type(error).__name__}: {told}).") from error
    return module


def config_from_dict(name: str, values: Mapping[str, Any]) -> Any:
    """The configuration dataclass of a system from plain values. Raises UnknownNameError, ConfigError."""
    if name not in MODELS:
        raise UnknownNameError("system", name, MODELS)
    source = f"the configuration of {MODELS[name].title}"
    return typed(MODELS[name].config, dict(values) if isinstance(values, Mapping) else values, source)


def build_model(name: str, config: Mapping[str, Any] | Any) -> nn.Module:
    """Builds a network with random weights from its configuration (a dataclass or a mapping)."""
    if isinstance(config, Mapping):
        config = config_from_dict(name, config)
    if name not in MODELS:
        raise UnknownNameError("system", name, MODELS)
    return MODELS[name].network(config)
