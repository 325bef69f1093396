"""Systems by name: the network, its configuration and how its scores become class scores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

from torch import nn

from zslviz.errors import ConfigError, UnknownNameError
from zslviz.models.biam.network import BiAM, BiAMConfig
from zslviz.models.linear.network import LinearAttributes, LinearConfig
from zslviz.models.mgmrn.network import MgMRN, MgMRNConfig
from zslviz.models.msdn.network import MSDN, MSDNConfig
from zslviz.models.refiner.network import Refiner, RefinerConfig

Kind = Literal["attributes", "labels", "compositions"]


@dataclass(frozen=True)
class System:
    """One system: how to build it, what people call it, what it scores and what it can show.

    granularities, strides, over_attributes: of attribute models alone.
    """

    name: str
    title: str
    network: type[nn.Module]
    config: type
    capabilities: frozenset[str]
    kind: Kind = "attributes"
    granularities: tuple[str, ...] = ()
    strides: tuple[int, ...] = ()  # of the stage that each granularity's regions come from
    over_attributes: tuple[int, ...] = ()  # granularities whose attention sums to 1 over attributes at every region
    closed_form: bool = False  # a yardstick: its weights are solved for, not descended to


MODELS: dict[str, System] = {
    system.name: system
    for system in (
        System(
            "msdn",
            "MSDN",
            MSDN,
            MSDNConfig,
            frozenset({"attributes", "attention", "evidence"}),
            granularities=MSDN.granularities,
            strides=(32, 32),
            over_attributes=(1,),
        ),
        System(
            "mgmrn",
            "Mg-MRN",
            MgMRN,
            MgMRNConfig,
            frozenset({"attributes", "attention", "evidence", "parts"}),
            granularities=MgMRN.granularities,
            strides=(8, 16, 32),
        ),
        System(
            "biam",
            "BiAM",
            BiAM,
            BiAMConfig,
            frozenset({"labels", "evidence", "attention", "scene"}),
            kind="labels",
        ),
        System(
            "refiner",
            "Refiner",
            Refiner,
            RefinerConfig,
            frozenset({"compositions", "attention", "evidence", "queries"}),
            kind="compositions",
        ),
        *(
            System(
                name,
                title,
                LinearAttributes,
                LinearConfig,
                frozenset({"attributes", "evidence"}),  # a mean looks everywhere alike: its attention tells nothing
                granularities=LinearAttributes.granularities,
                strides=(32,),
                closed_form=True,
            )
            for name, title in (("eszsl", "ESZSL"), ("dap", "DAP"))
        ),
    )
}


def config_from_dict(name: str, values: Mapping[str, Any]) -> Any:
    """The configuration dataclass of a system from plain values. Raises UnknownNameError, ConfigError."""
    if name not in MODELS:
        raise UnknownNameError("system", name, MODELS)
    config = MODELS[name].config
    known = {f.name for f in fields(config)}
    strangers = set(values) - known
    if strangers:
        raise ConfigError(
            f"{MODELS[name].title} has no setting '{min(strangers)}'; it knows {', '.join(sorted(known))}."
        )
    try:
        return config(**{k: tuple(v) if isinstance(v, list) else v for k, v in values.items()})
    except TypeError as error:
        raise ConfigError(f"The configuration of {MODELS[name].title} is incomplete: {error}.") from None


def build_model(name: str, config: Mapping[str, Any] | Any) -> nn.Module:
    """Builds a network with random weights from its configuration (a dataclass or a mapping)."""
    if isinstance(config, Mapping):
        config = config_from_dict(name, config)
    if name not in MODELS:
        raise UnknownNameError("system", name, MODELS)
    return MODELS[name].network(config)
