"""What a golden case of TransZero holds against our network and loss."""

from __future__ import annotations

import torch
from torch import Tensor

from tests.goldens.cases import Case
from tests.goldens.runs import Checks, own_tensors
from zslviz.backbones import Features
from zslviz.models.output import AttributeOutput
from zslviz.models.registry import build_model
from zslviz.models.transzero.loss import transzero_loss
from zslviz.models.transzero.official import official_name


class TransZeroRun:
    """Our TransZero with the case's parameters, its inputs and its loss, in one precision. Dropout is off, as in the cases."""

    def __init__(self, case: Case, dtype: torch.dtype) -> None:
        t = own_tensors(case, dtype)
        dims, self.hyper = case.dims, case.hyper
        self.own = build_model(
            "transzero",
            {
                "attributes": dims["attributes"],
                "word_dim": dims["dim_v"],
                "channels": dims["dim_f"],
                "width": dims["width"],
                "feed_forward": dims["feed_forward"],
                "encoder_layers": dims["encoder_layers"],
                "decoder_layers": dims["decoder_layers"],
                "heads": dims["decoder_heads"],
                "self_attention": self.hyper["attribute_self_attention"],
                "normalize_word_vectors": self.hyper["normalize_V"],
            },
        ).to(dtype)
        self.own.load_state_dict({name: t[f"param.{official_name(name)}"] for name in self.own.state_dict()})
        self.own.eval()
        self.net = _Renamed(self.own)
        self.features = Features({"c5": t["in.features"]})
        self.table, self.labels = t["param.att"], t["in.labels"]
        self.seen = torch.zeros(len(self.table), dtype=torch.bool)
        self.seen[t["in.seen"]] = True

    def output(self) -> AttributeOutput:
        return self.own(self.features, explain=True)

    def named(self) -> dict[str, Tensor]:
        said = self.own.said()
        memory, looked, grid = self.own.encode(self.features)
        seen = self.own.decode(said, memory)
        scores = self.output().scores[0]
        logits = scores @ self.table.mT
        named = {
            "geometry_weight": self.own.distance_weight(grid),
            "memory": memory,
            "decoder": seen[-1].out,
            "attr_scores": scores,
            "class_logits": logits,
            "S_pp": logits + torch.where(self.seen, -1.0, 1.0).to(logits),
        }
        for i, layer in enumerate(seen):
            among = self.own.decoder[i].among(seen[i - 1].out)[1] if i else said.among
            if among is not None:
                named[f"self_attention{i}"] = among.mean(-3).expand(len(memory), -1, -1)
            named[f"cross_attention{i}"] = layer.attention.mean(1)
            named[f"attended{i}"] = layer.attended
        return named | {f"encoder_attention{i}": attention for i, attention in enumerate(looked)}

    def losses(self) -> dict[str, Tensor]:
        scores = self.own(self.features).scores
        weights = (float(self.hyper[name]) for name in ("lambda_cal", "lambda_reg"))
        loss = transzero_loss(scores, self.labels, self.table, self.seen, *weights)
        return {"total": loss.total, "CE": loss.ce, "cal": loss.calibration, "reg": loss.regression}

    def evidence(self) -> dict[str, Tensor]:
        output = self.output()
        total = output.evidence.sum((-2, -1)) + output.bias
        assert torch.allclose(total, output.scores, atol=1e-4)
        return {"evidence": output.evidence[0].flatten(-2), "evidence_bias": output.bias[0]}

    def optimizer(self) -> torch.optim.Optimizer:
        settings = self.hyper["optimiser"]
        common = {"lr": settings["lr"], "weight_decay": settings["wd"]}
        if settings["kind"] == "Adam":
            return torch.optim.Adam(self.own.parameters(), **common)
        return torch.optim.SGD(self.own.parameters(), momentum=settings["momentum"], **common)


class _Renamed:
    """A network's parameters by the authors' names."""

    def __init__(self, own: torch.nn.Module) -> None:
        self.own = own

    def named_parameters(self) -> list[tuple[str, torch.nn.Parameter]]:
        return [(official_name(name), parameter) for name, parameter in self.own.named_parameters()]


CHECKS = Checks(TransZeroRun).named()
