"""What a golden case of PSVMA+ holds against our network and loss, on given patches of three depths."""

from __future__ import annotations

import re

import torch
import torch.nn.functional as F
from torch import Tensor

from tests.goldens.adaptation import Renamed, of_module
from tests.goldens.cases import Case
from tests.goldens.runs import Checks, own_tensors
from zslviz.backbones import Features
from zslviz.models.debiased import cosines
from zslviz.models.psvmaplus.loss import psvmaplus_loss
from zslviz.models.psvmaplus.network import fused, shares
from zslviz.models.registry import build_model

DEPTHS = ("fine", "middle", "coarse")
_MIXER = {"attributes.norm": "1.norm", "attributes.fc1": "1.fn.0", "attributes.fc2": "1.fn.3"}
_MIXER |= {"norm": "2.norm", "fc1": "2.fn.0", "fc2": "2.fn.3"}


def official_name(name: str) -> str:
    """Our parameter's name -> the authors'."""
    if found := re.fullmatch(r"modules_of\.(\d)\.(.+)", name):
        return f"blocks{int(found[1]) + 2}.{of_module(found[2])}"
    if found := re.fullmatch(r"mixers\.(\d)\.(.+)\.(\w+)", name):
        return f"mlp_backbone.blocks.{found[1]}.{_MIXER[found[2]]}.{found[3]}"
    return {"V": "V0", "W": "W", "doubling.weight": "fpn2.0.weight", "doubling.bias": "fpn2.0.bias"}[name]


class PSVMAPlusRun:
    """Our PSVMA+ with the case's parameters, its inputs and its loss, in one precision."""

    def __init__(self, case: Case, dtype: torch.dtype) -> None:
        t, dims, self.hyper = own_tensors(case, dtype), case.dims, case.hyper
        side, width = dims["grid"][0], dims["width"]
        config = {
            "attributes": dims["attributes"],
            "classes": dims["classes"],
            "word_dim": dims["word_dim"],
            "channels": [width] * 3,
            "side": side // 2,
            "width": width,
            "mixing": [len(t[f"param.blocks{i}.reason.net.0.bias"]) for i in (2, 3, 4)],
            "groups": dims["groups"],
            "scale": self.hyper["scale"],
            "doubled": True,
        }
        self.own = build_model("psvmaplus", config).to(dtype).train()
        official = {name: official_name(name) for name, _ in self.own.named_parameters()}
        with torch.no_grad():
            for name, parameter in self.own.named_parameters():
                given = t[f"param.{official[name]}"]
                parameter.copy_(given.reshape(parameter.shape))
        self.table, self.labels = t["in.att"], t["in.labels"]
        self.own.set_word_vectors(t["in.w2v"])
        self.own.set_classes(self.table)
        self.net = Renamed(self.own, official)
        self.seen = torch.arange(len(self.table)) < int(dims["seen"])
        self.scale = float(self.hyper["scale"])
        inner, middle, end = t["in.tokens"].transpose(-1, -2).unflatten(-1, (side, side)).unbind(1)
        repeated = inner.repeat_interleave(2, -1).repeat_interleave(2, -2)
        self.features = Features({"c3": repeated, "c4": middle, "c5": F.max_pool2d(end, 2)})

    def branches(self) -> Tensor:
        return self.own(self.features).learned[1]

    def scores(self, classes: Tensor) -> Tensor:
        """Among some classes: of the shares, and of the ranking."""
        return self.scale * cosines(fused(self.branches(), self.table[classes], self.scale), self.table[classes])

    def named(self) -> dict[str, Tensor]:
        regions, every = self.own.regions(self.features), torch.ones_like(self.seen)
        depths = self.own.adapt(regions)
        named = {
            "branch_scores_gzsl": self.scale * cosines(self.branches(), self.table),
            "train_branch_scores": self.scale * cosines(self.branches(), self.table[self.seen]),
            "score_gzsl": self.scores(every),
            "score_unseen": self.scores(~self.seen),
            "train_score": self.scores(self.seen),
        }
        # what the page ranks by: the sum of the depths' products with rows of unit length
        ranked = self.own(self.features).scores.sum(0) @ F.normalize(self.table, dim=1).mT
        assert torch.allclose(ranked, named["score_gzsl"], atol=2e-3)
        batch = len(self.labels)
        for i, (x, s, depth) in enumerate(zip(regions, self.own.attributes(), depths, strict=True)):
            named |= {f"block_input{i}": x, f"block_output{i}": depth.regions}
            named[f"attribute_tokens{i}"] = s.expand(batch, -1, -1)
            for j in range(2):
                named[f"encoder_logits{2 * i + j}"] = depth.logits[j]
        return named

    def losses(self) -> dict[str, Tensor]:
        h, learned = self.hyper, self.own(self.features).learned
        loss = psvmaplus_loss(
            self.labels, self.table, self.seen, *learned,
            lambda_reg=h["lambda_reg"], lambda_deb=h["lambda_debias"], lambda_kl=h["lambda_kl"], temperature=h["temperature"],
        )  # fmt: skip
        terms = {"cls": loss.ce, "reg": loss.regression, "debias": loss.debias, "kl": loss.distillation}
        return {"total": loss.total, **terms}

    def evidence(self) -> dict[str, Tensor]:
        """The case's evidence is of the fused vector a, ours of scale * a / |a|; and each depth's on its own grid."""
        output, branches = self.own(self.features, explain=True), self.branches()
        vector = fused(branches, self.table, self.scale)
        back = (vector.norm(dim=-1) / self.scale)[:, None, None, None]
        found = {"attr_vector": vector, "branch_weights": shares(branches, self.table, self.scale)}
        for name, own, side in zip(DEPTHS, output.evidence, self.own.config.sides, strict=True):
            times = own.shape[-1] // side
            found[f"evidence_{name}"] = (F.avg_pool2d(back * own, times) * times**2).flatten(-2)
        return found

    def optimizer(self) -> torch.optim.Optimizer:
        settings = self.hyper["optimiser"]
        return torch.optim.SGD(
            self.own.parameters(), lr=settings["lr"], weight_decay=settings["wd"], momentum=settings["momentum"]
        )


CHECKS = Checks(PSVMAPlusRun).named()
