"""The state dict that Mg-MRN's authors publish (arXiv 2511.08163): its names and ours.

The decoder's layers carry their granularity's number, `s3`, `s4`, `s5` mine the stages, `lateral_conv1` and `lateral_conv2` refine,
and where the backbone was trained along, its tensors follow as `backbone.` with torchvision's names for a ResNet.
"""

from __future__ import annotations

from collections.abc import Iterable

from torch import Tensor

from zslviz.errors import CheckpointError
from zslviz.models.state_dicts import OfficialReader, OfficialWeights, check, expected, shape_of


def official_names(own: Iterable[str]) -> dict[str, str]:
    """Our parameter name -> the authors', for every one of `own` that they have (not gates, not the word vectors)."""
    return {name: official for name in own if (official := _official_name(name)) is not None}


def _official_name(name: str) -> str | None:
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


def read(given: dict[str, Tensor], source: str) -> OfficialWeights:
    attributes, width = shape_of(given, "V_att_final_branch1", 2, "mgmrn", source)
    hidden, word_dim = shape_of(given, "QueryW1.weight", 2, "mgmrn", source)
    mined = [shape_of(given, f"s{stage}.group.weight", 4, "mgmrn", source) for stage in (3, 4, 5)]
    kernel = shape_of(given, "s5.conv.block.0.block.0.weight", 4, "mgmrn", source)[-1]
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
    wanted = expected("mgmrn", config)
    names = official_names(wanted)
    backbone = {n.removeprefix("backbone."): t.float() for n, t in given.items() if n.startswith("backbone.")}
    check({n: t for n, t in given.items() if not n.startswith("backbone.")}, names, wanted, (), "mgmrn", source)
    return OfficialWeights("mgmrn", config, {own: given[name].float() for own, name in names.items()}, None, backbone)


READER = OfficialReader("QueryW1.weight", read, needs_word_vectors=True)
