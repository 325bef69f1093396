"""The authors' published state dicts, read into our networks: what all share. What is a system's own is beside it (`official`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from zslviz.backbones.weights import read_state_dict
from zslviz.catalogue import SYSTEMS, found
from zslviz.errors import CheckpointError, UnknownNameError
from zslviz.models.registry import MODELS, build_model


@dataclass(frozen=True, eq=False)
class OfficialWeights:
    """A published file, checked, in our terms.

    config: the network's configuration, read off the shapes. state: its parameters by our names. signatures: MSDN's class
    signatures [K, A] (rows at unit length), by which the order of attributes can be checked. backbone: tensors of the backbone
    that was trained along, by torchvision's names; empty if there are none.
    """

    system: str
    config: Mapping[str, Any]
    state: Mapping[str, Tensor]
    signatures: Tensor | None = None
    backbone: Mapping[str, Tensor] = field(default_factory=dict)


@dataclass(frozen=True)
class OfficialReader:
    """How a system's published files are read.

    mark: a tensor that only this system's files hold. read: state dict and file name -> `OfficialWeights`. settings_for: a data
    set's name -> settings of the network that the file does not tell. needs_word_vectors: they are no part of the file.
    """

    mark: str
    read: Callable[[dict[str, Tensor], str], OfficialWeights]
    settings_for: Callable[[str], dict[str, Any]] = lambda data: {}
    needs_word_vectors: bool = False


def read_official(system: str, path: str | Path) -> OfficialWeights:
    """Reads a published state dict (alone, or as "state_dict" or "model" of a file; a prefix "module." is dropped).

    Raises UnknownNameError for a system without published weights, ConfigError if the file is damaged or holds anything but
    tensors, and CheckpointError with the first thing that does not fit.
    """
    published = [name for name, place in SYSTEMS.items() if place.official]
    if system not in published:
        raise UnknownNameError("system with published weights", system, published)
    given = read_state_dict(path)
    if given and all(name.startswith("module.") for name in given):
        given = {name.removeprefix("module."): tensor for name, tensor in given.items()}
    reader = reader_of(system)
    return reader.read(given, Path(path).name)


def reader_of(system: str) -> OfficialReader:
    """How the published files of a system that has some are read."""
    reader: OfficialReader = found(SYSTEMS[system].official)
    return reader


def expected(system: str, config: Mapping[str, Any]) -> dict[str, torch.Size]:
    """Shapes of our network's parameters, without making the numbers."""
    with torch.device("meta"):
        return {name: tensor.shape for name, tensor in build_model(system, config).named_parameters()}


def shape_of(given: Mapping[str, Tensor], name: str, dimensions: int, system: str, source: str) -> torch.Size:
    """The shape of a tensor that the configuration is read off."""
    if name not in given:
        others = [s for s, place in SYSTEMS.items() if place.official and s != system]
        other = next((s for s in others if reader_of(s).mark in given), None)
        hint = f"; these are {MODELS[other].title}'s" if other else ""
        raise CheckpointError(f"'{source}' does not hold {MODELS[system].title}'s weights: it has no '{name}'{hint}.")
    if given[name].ndim != dimensions:
        raise CheckpointError(f"'{source}' does not fit: '{name}' has {given[name].ndim} dimensions, not {dimensions}.")
    return given[name].shape


def check(
    given: Mapping[str, Tensor],
    names: Mapping[str, str],
    wanted: Mapping[str, torch.Size],
    ignored: Iterable[str],
    system: str,
    source: str,
) -> None:
    """Every parameter is there in the right shape, and nothing is left over. names: ours -> theirs."""
    title = MODELS[system].title
    for own, name in names.items():
        if name not in given:
            raise CheckpointError(f"'{source}' does not hold all of {title}'s weights: '{name}' is missing.")
        if given[name].shape != wanted[own]:
            raise CheckpointError(
                f"'{source}' does not fit together: '{name}' is {tuple(given[name].shape)}, where the other tensors ask for "
                f"{tuple(wanted[own])}."
            )
    strangers = set(given) - set(names.values()) - set(ignored)
    if strangers:
        raise CheckpointError(f"'{source}' holds '{min(strangers)}', which the published {title} does not have.")
