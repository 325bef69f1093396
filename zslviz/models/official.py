"""Names in the authors' published state dicts, and ours: what importing their weights and checking parity need."""

from __future__ import annotations

from collections.abc import Iterable

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
