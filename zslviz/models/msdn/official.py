"""The state dict that MSDN's authors publish (Chen et al. 2022): all parameters and constants stand at the top level."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from zslviz.models.state_dicts import OfficialReader, OfficialWeights, check, expected, shape_of

UNUSED = ("W_3", "W_3_1", "att", "weight_ce", "bias", "mask_bias", "prob_prune")
"""Entries of the authors' MSDN that are constants or get no gradient; our network has no place for them."""


def read(given: dict[str, Tensor], source: str) -> OfficialWeights:
    (attributes, word_dim), (_, channels) = (shape_of(given, name, 2, "msdn", source) for name in ("V", "W_1"))
    config = {"attributes": attributes, "word_dim": word_dim, "channels": channels}
    wanted = expected("msdn", config)
    check(given, {name: name for name in wanted}, wanted, UNUSED, "msdn", source)
    signatures = given.get("att")
    return OfficialWeights("msdn", config, {name: given[name].float() for name in wanted}, signatures)


def settings_for(data: str) -> dict[str, Any]:
    """Settings that the file does not tell: the authors bring word vectors back to unit length on AWA2 only."""
    return {"normalize_word_vectors": data == "awa2"}


READER = OfficialReader("W_1_1", read, settings_for)
