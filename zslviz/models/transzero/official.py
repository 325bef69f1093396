"""The state dict that TransZero's authors publish (Chen et al. 2022): its names and ours."""

from __future__ import annotations

import re

from torch import Tensor

from zslviz.models.state_dicts import OfficialReader, OfficialWeights, check, expected, shape_of

_ENCODER = {
    "query": "mhatt.attention.fc_q", "key": "mhatt.attention.fc_k", "value": "mhatt.attention.fc_v",
    "output": "mhatt.attention.fc_o",
    "norm_attended": "mhatt.layer_norm", "norm": "lnorm", "fc1": "pwff.fc1", "fc2": "pwff.fc2", "norm_forward": "pwff.layer_norm",
}  # fmt: skip
_DECODER = {"self_attention": "self_attn", "cross_attention": "multihead_attn"}
_AROUND = {"embed_regions": "embed_cv.0", "embed_attributes": "embed_attr.0", "geometry": "transformer_encoder.WGs.0"}
UNUSED = (
    "att",
    "bias",
    "mask_bias",
    "weight_ce",
    "transformer.embed_cv_aux.0.weight",
    "transformer.embed_cv_aux.0.bias",
)


def official_name(name: str) -> str:
    """Our parameter's name -> the authors'."""
    if name in ("V", "W_1"):
        return name
    part, _, rest = name.partition(".")
    if part in _AROUND:
        return f"transformer.{_AROUND[part]}.{rest}"
    number, layer, kind = rest.split(".", 2)
    names = _ENCODER if part == "encoder" else _DECODER
    return f"transformer.transformer_{part}.layers.{number}.{names.get(layer, layer)}.{kind}"


def read(given: dict[str, Tensor], source: str) -> OfficialWeights:
    attributes, word_dim = shape_of(given, "V", 2, "transzero", source)
    width, channels = shape_of(given, "transformer.embed_cv.0.weight", 2, "transzero", source)
    feed_forward = shape_of(given, "transformer.transformer_encoder.layers.0.pwff.fc1.weight", 2, "transzero", source)[
        0
    ]

    def layers(part: str) -> int:
        found = [re.match(rf"transformer\.transformer_{part}\.layers\.([0-9]{{1,9}})\.", name) for name in given]
        return 1 + max((int(m.group(1)) for m in found if m), default=0)

    config = {
        "attributes": attributes,
        "word_dim": word_dim,
        "channels": channels,
        "width": width,
        "feed_forward": feed_forward,
        "encoder_layers": layers("encoder"),
        "decoder_layers": layers("decoder"),
    }
    wanted = expected("transzero", config)
    names = {own: official_name(own) for own in wanted}
    check(given, names, wanted, UNUSED, "transzero", source)
    signatures = given["att"].float() if "att" in given else None
    return OfficialWeights("transzero", config, {own: given[name].float() for own, name in names.items()}, signatures)


def settings_for(data: str) -> dict[str, bool]:
    """What the file does not tell: word vectors keep unit length on AWA2; on SUN attributes do not look at each other."""
    return {"normalize_word_vectors": data == "awa2", "self_attention": data != "sun"}


READER = OfficialReader("transformer.transformer_encoder.WGs.0.weight", read, settings_for)
