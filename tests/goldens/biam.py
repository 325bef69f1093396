"""What a golden case of BiAM holds against our network and its loss, in evaluation and in training mode."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor

from tests.goldens.cases import Case, Tolerance
from zslviz.backbones import Features
from zslviz.models.biam.network import BiAM, BiAMConfig
from zslviz.models.label_loss import ranking_loss

FLOAT32 = Tolerance(2e-5, 2e-4)
GRADIENTS = Tolerance(3e-5, scaled=True)
FLOAT64 = Tolerance(1e-9)


class Run:
    """Our BiAM with the case's parameters, run on its features in one precision and mode; `loss` has been stepped back."""

    def __init__(self, case: Case, mode: str, dtype: torch.dtype) -> None:
        t = {name: value.to(dtype) if value.is_floating_point() else value for name, value in case.tensors.items()}
        width, channels = t["param.conv_3X3.body.weight"].shape[:2]
        embedding, word_dim = t["param.W.weight"].shape
        config = BiAMConfig(
            channels,
            t["in.x_g"].shape[1],
            word_dim,
            width,
            int(case.dims["heads"]),
            embedding,
            int(case.hyper["topk"]),
            global_vector="given",
            attention_dropout=0.0,
            scene_dropout=0.0,
        )
        self.net = BiAM(config).to(dtype).train(mode == "train")
        self.net.load_state_dict({name: t[f"param.{name}"] for name in self.net.state_dict()})
        inner = self._watch("conv_3X3", "region_context_block", "scene_context_block")
        features = t["in.x"].unflatten(-1, case.dims["grid"])
        self.output = self.net(Features({"c5": features}, t["in.x_g"]), t["in.vecs"], explain=True)
        self.loss = ranking_loss(self.output.logits, t["in.labels"])
        self.loss.backward()
        self.named: dict[str, Tensor] = {
            "h_r": inner["conv_3X3"],
            "e_r": inner["region_context_block"][0],
            "e_g": inner["scene_context_block"][0],
            "e_f": self.output.embeddings,
            "region_logits": self.output.region_logits.flatten(2).mT,
            "logits": self.output.logits,
            "loss": self.loss,
            "scene_gate": self.output.scene_gate,
            "region_attention": self.output.region_attention,
        }

    def _watch(self, *names: str) -> dict[str, Any]:
        """What some modules return in the next forward, by their names."""
        seen: dict[str, Any] = {}
        for name in names:
            self.net.get_submodule(name).register_forward_hook(
                lambda _, __, output, name=name: seen.__setitem__(name, output)
            )
        return seen


@lru_cache(maxsize=8)
def run(case: Case, mode: str, dtype: torch.dtype = torch.float32) -> Run:
    return Run(case, mode, dtype)


def check_forward(case: Case) -> None:
    tolerance = case.tolerance("float32", default=FLOAT32)
    for name, mode, own in _matching(case, FORWARD):
        case.noted(name, tolerance).check(run(case, mode).named[own], case.tensors[name], name)


def check_gradients(case: Case) -> None:
    tolerance = case.tolerance("grad", default=GRADIENTS)
    for name, mode, own in _matching(case, GRADIENT):
        tolerance.check(run(case, mode).net.get_parameter(own).grad, case.tensors[name], name)


def check_statistics(case: Case) -> None:
    """Running statistics of both normalisations after one forward in training mode."""
    tolerance = case.tolerance("float32", default=FLOAT32)
    for name, mode, own in _matching(case, STATISTICS):
        tolerance.check(run(case, mode).net.get_buffer(own), case.tensors[name], name)


def check_float64(case: Case) -> None:
    tolerance = case.tolerance("f64", "float64", default=FLOAT64)
    for name, mode, own in _matching(case, DOUBLE):
        tolerance.check(run(case, mode, torch.float64).named[own], case.tensors[name], name)


def check_exactness(case: Case) -> None:
    """The mean of the counted regions of the maps is the score."""
    output = run(case, "eval", torch.float64).output
    counted = output.region_logits.flatten(2).topk(int(case.hyper["topk"])).values
    Tolerance(1e-12).check(counted.mean(-1), output.logits, "mean of the highest regions")


_VALUES = r"(h_r|e_r|e_g|e_f|region_logits|logits|loss|scene_gate|region_attention)"
FORWARD = rf"(eval|train)\.{_VALUES}"
GRADIENT = r"grad_(eval|train)\.(.+)"
STATISTICS = r"(train)\.new_stats\.(.+)"
DOUBLE = rf"f64\.(eval|train)\.{_VALUES}"

CHECKS = {
    "forward": (FORWARD, check_forward),
    "gradients": (GRADIENT, check_gradients),
    "statistics": (STATISTICS, check_statistics),
    "float64": (DOUBLE, check_float64),
    "exactness": (r"eval\.logits", check_exactness),
}


def _matching(case: Case, pattern: str) -> list[tuple[str, str, str]]:
    """(name, mode, what) of every tensor that a pattern with two groups covers."""
    found = ((name, re.fullmatch(pattern, name)) for name in case.own_names)
    return [(name, match.group(1), match.group(2)) for name, match in found if match]
