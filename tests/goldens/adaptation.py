"""The authors' names of what PSVMA and PSVMA+ are made of, by ours."""

from __future__ import annotations

import torch

_PARTS = {
    "attributes_look": "enc_attn", "gate": "group_compact", "attributes_forward": "enc_ffn",
    "regions_look": "dec_attn", "mixer": "reason", "regions_forward": "ffn1",
}  # fmt: skip
_LAYERS = {
    "norm_query": "norm_q", "norm_key": "norm_k", "norm_value": "norm_v",
    "query": "to_q", "key": "to_k", "value": "to_v", "output": "proj",
}  # fmt: skip
_MIXER = {"fc1": "net.0", "fc2": "net.3", "fc3": "net.6"}


def of_module(name: str) -> str:
    """A parameter of the module of mutual adaptation."""
    part, layer, kind = name.split(".")
    return f"{_PARTS[part]}.{(_MIXER if part == 'mixer' else _LAYERS).get(layer, layer)}.{kind}"


class Renamed:
    """A network's parameters by the authors' names; each is listed once."""

    def __init__(self, own: torch.nn.Module, official: dict[str, str]) -> None:
        self.own, self.official = own, official

    def named_parameters(self) -> list[tuple[str, torch.nn.Parameter]]:
        return [(self.official[n], p) for n, p in self.own.named_parameters() if n in self.official]
