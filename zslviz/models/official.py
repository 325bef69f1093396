"""The authors' published state dicts: their names and ours, and reading them into our networks.

MSDN (Chen et al. 2022): all parameters and constants stand at the top level. Mg-MRN (arXiv 2511.08163): the decoder's layers
carry their granularity's number, `s3`, `s4`, `s5` mine the stages, `lateral_conv1` and `lateral_conv2` refine, and where the
backbone was trained along, its tensors follow as `backbone.` with torchvision's names for a ResNet.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from zslviz.backbones.weights import read_state_dict
from zslviz.errors import CheckpointError, UnknownNameError
from zslviz.models.registry import MODELS, build_model

MSDN_UNUSED = ("W_3", "W_3_1", "att", "weight_ce", "bias", "mask_bias", "prob_prune")
"""Entries of the authors' MSDN that are constants or get no gradient; our network has no place for them."""


def mgmrn_names(own: Iterable[str]) -> dict[str, str]:
    """Our parameter name -> the authors', for every one of `own` that they have (not gates, not the word vectors)."""
    return {name: official for name in own if (official := _mgmrn_name(name)) is not None}


def _mgmrn_name(name: str) -> str | None:
    part, _, rest = name.partition(".")
    index, _, rest = rest.partition(".")
    if part == "mining":
        stage = f"s{int(index) + 3}"
        if rest.startswith("group."):
            return None if rest == "group.gate" else f"{stage}.{rest}"
        _, block, layer, kind = rest.split(".")  # blocks.BLOCK.LAYER.weight
        return f"{stage}.conv.block.{block}.block.{layer}.{kind}"
    if part == "refinement":
        renamed = rest.replace("channel.", "c_attn.").replace("spatial.", "s_attn.0.")
        return f"lateral_conv{int(index) + 1}.{renamed}"
    if part == "decoders":
        branch = int(index) + 1
        if rest == "classifier":
            return f"V_att_final_branch{branch}"
        layer, kind = rest.split(".")
        official = {"query": "QueryW", "key": "KeyW", "value": "ValueW", "output": "W_o"}[layer]
        return f"{official}{branch}.{kind}"
    return None


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


def read_official(system: str, path: str | Path) -> OfficialWeights:
    """Reads a published state dict (alone, or as "state_dict" or "model" of a file; a prefix "module." is dropped).

    Raises UnknownNameError for a system without published weights, ConfigError if the file is damaged or holds anything but
    tensors, and CheckpointError with the first thing that does not fit.
    """
    if system not in READERS:
        raise UnknownNameError("system with published weights", system, READERS)
    given = read_state_dict(path)
    if given and all(name.startswith("module.") for name in given):
        given = {name.removeprefix("module."): tensor for name, tensor in given.items()}
    return READERS[system](given, Path(path).name)


def _read_msdn(given: dict[str, Tensor], source: str) -> OfficialWeights:
    (attributes, word_dim), (_, channels) = (_shape(given, name, 2, "msdn", source) for name in ("V", "W_1"))
    config = {"attributes": attributes, "word_dim": word_dim, "channels": channels}
    wanted = _expected("msdn", config)
    _check(given, {name: name for name in wanted}, wanted, MSDN_UNUSED, "msdn", source)
    signatures = given.get("att")
    return OfficialWeights("msdn", config, {name: given[name].float() for name in wanted}, signatures)


def _read_mgmrn(given: dict[str, Tensor], source: str) -> OfficialWeights:
    attributes, width = _shape(given, "V_att_final_branch1", 2, "mgmrn", source)
    hidden, word_dim = _shape(given, "QueryW1.weight", 2, "mgmrn", source)
    mined = [_shape(given, f"s{stage}.group.weight", 4, "mgmrn", source) for stage in (3, 4, 5)]
    kernel = _shape(given, "s5.conv.block.0.block.0.weight", 4, "mgmrn", source)[-1]
    config = {
        "attributes": attributes,
        "word_dim": word_dim,
        "channels": tuple(shape[1] for shape in mined),
        "width": width,
        "hidden": hidden,
        "parts": mined[0][0],
        "coarse_kernel": kernel,
    }
    if width % 32:
        raise CheckpointError(f"'{source}' does not fit Mg-MRN: its width of {width} is no multiple of 32.")
    wanted = _expected("mgmrn", config)
    names = mgmrn_names(wanted)
    backbone = {n.removeprefix("backbone."): t.float() for n, t in given.items() if n.startswith("backbone.")}
    _check({n: t for n, t in given.items() if not n.startswith("backbone.")}, names, wanted, (), "mgmrn", source)
    return OfficialWeights("mgmrn", config, {own: given[name].float() for own, name in names.items()}, None, backbone)


READERS = {"msdn": _read_msdn, "mgmrn": _read_mgmrn}


def _expected(system: str, config: Mapping[str, Any]) -> dict[str, torch.Size]:
    """Shapes of our network's parameters, without making the numbers."""
    with torch.device("meta"):
        return {name: tensor.shape for name, tensor in build_model(system, config).named_parameters()}


def _shape(given: Mapping[str, Tensor], name: str, dimensions: int, system: str, source: str) -> torch.Size:
    """The shape of a tensor that the configuration is read off."""
    if name not in given:
        other = next(
            (s for s, mark in (("msdn", "W_1_1"), ("mgmrn", "QueryW1.weight")) if mark in given and s != system), None
        )
        hint = f"; these are {MODELS[other].title}'s" if other else ""
        raise CheckpointError(f"'{source}' does not hold {MODELS[system].title}'s weights: it has no '{name}'{hint}.")
    if given[name].ndim != dimensions:
        raise CheckpointError(f"'{source}' does not fit: '{name}' has {given[name].ndim} dimensions, not {dimensions}.")
    return given[name].shape


def _check(
    given: Mapping[str, Tensor],
    names: Mapping[str, str],
    wanted: Mapping[str, torch.Size],
    ignored: Iterable[str],
    system: str,
    source: str,
) -> None:
    """Every parameter is there in the right shape, all are numbers, and nothing is left over. names: ours -> theirs."""
    title = MODELS[system].title
    for own, name in names.items():
        if name not in given:
            raise CheckpointError(f"'{source}' does not hold all of {title}'s weights: '{name}' is missing.")
        if given[name].shape != wanted[own]:
            raise CheckpointError(
                f"'{source}' does not fit together: '{name}' is {tuple(given[name].shape)}, where the other tensors ask for "
                f"{tuple(wanted[own])}."
            )
        if not torch.isfinite(given[name]).all():
            raise CheckpointError(f"'{source}' is of no use: '{name}' holds numbers that are not finite.")
    strangers = set(given) - set(names.values()) - set(ignored)
    if strangers:
        raise CheckpointError(f"'{source}' holds '{min(strangers)}', which the published {title} does not have.")
