"""What a golden case of DFAN holds against our network, loss, scoring and protocol."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from tests.goldens.cases import Case, Tolerance
from tests.goldens.runs import Checks, own_tensors
from zslviz.backbones import Features
from zslviz.models.dfan.loss import DFANLoss, dfan_loss
from zslviz.models.output import AttributeOutput
from zslviz.models.registry import build_model
from zslviz.tasks.attributes.figures import gzsl_at, t1_accuracy
from zslviz.tasks.base.curves import harmonic_mean


class DFANRun:
    """Our DFAN with the case's parameters, its inputs and its loss, in one precision."""

    def __init__(self, case: Case, dtype: torch.dtype) -> None:
        t = own_tensors(case, dtype)
        attributes, channels = t["param.local_predictor.weight"].shape
        self.net = build_model("dfan", {"attributes": attributes, "channels": channels}).to(dtype).train()
        self.net.load_state_dict({name: t[f"param.{name}"] for name in self.net.state_dict()})
        self.features = Features({"c5": t["in.features"]})
        self.table, self.labels = t["in.att"], t["in.labels"]
        self.seen = torch.arange(len(self.table)) < int(case.dims["seen"])
        self.hyper = case.hyper

    def output(self) -> AttributeOutput:
        return self.net(self.features)

    def named(self) -> dict[str, Tensor]:
        seen, (local, whole) = self.net.look(self.features), self.output().scores
        fused = float(self.hyper["beta1"]) * local + float(self.hyper["beta2"]) * whole
        logits = fused @ self.table.mT
        return {
            "local_logits": seen.logits,
            "attention": seen.attention,
            "attribute_features": seen.own,
            "cosines": seen.own @ seen.own.mT,
            "global_feature": seen.whole,
            "local_offset": seen.offset[0],
            "global_offset": seen.offset[1],
            "local_scores": local,
            "global_scores": whole,
            "fused_scores": fused,
            "class_logits": logits,
            "class_probabilities": logits.softmax(-1),
        }

    def loss(self) -> DFANLoss:
        output = self.output()
        return dfan_loss(output.scores, self.labels, self.table, self.seen, *output.learned)

    def losses(self) -> dict[str, Tensor]:
        loss = self.loss()
        return {"total": loss.total, "cls_local": loss.ce[0], "cls_global": loss.ce[1], "cos": loss.likeness}

    def evidence(self) -> dict[str, Tensor]:
        maps = self.net(self.features, explain=True).evidence.flatten(-2)  # [2, B, A, R]
        return {"evidence_local": maps[0], "evidence_global": maps[1]}

    def optimizer(self) -> torch.optim.Optimizer:
        settings = self.hyper["optimiser"]
        parts = {"predictors": [], "bias_learner": []}
        for name, parameter in self.net.named_parameters():
            parts["bias_learner" if name.startswith("bias_learner.") else "predictors"].append(parameter)
        return torch.optim.Adam(
            [{"params": parts[p], "lr": settings[p]["lr"], "weight_decay": settings[p]["wd"]} for p in parts]
        )


class Predictions:
    """Class probabilities of the authors' protocol, from given scores of both answers."""

    def __init__(self, case: Case) -> None:
        t = {name: value.numpy() for name, value in case.tensors.items()}
        seen = np.zeros(len(t["in.table"]), dtype=bool)
        seen[t["in.seen"]] = True
        self.seen, self.labels = seen, {part: t[f"in.labels_{part}"] for part in ("seen", "unseen")}
        beta = [np.float32(case.hyper[name]) for name in ("beta1", "beta2")]
        self.probabilities = {}
        for part in ("seen", "unseen"):
            fused = beta[0] * t[f"in.local_{part}"] + beta[1] * t[f"in.global_{part}"]
            logits = torch.from_numpy(fused @ t["in.table"].T)
            self.probabilities[part] = logits.softmax(-1).numpy()

    def at(self, gammas: np.ndarray) -> np.ndarray:
        """[gammas, 4]: T1, U, S, H, with gamma taken from the probability of seen classes."""
        given = [(self.probabilities[part], self.labels[part]) for part in ("seen", "unseen")]
        seen, unseen = gzsl_at(*given[0], *given[1], self.seen, gammas)
        t1 = t1_accuracy(*given[1], np.flatnonzero(~self.seen))
        return np.stack([np.full_like(seen, t1), unseen, seen, harmonic_mean(seen, unseen)], axis=1)


def check_protocol(case: Case) -> None:
    ours = Predictions(case).at(case.tensors["in.gammas"].numpy())
    case.tolerance("float32", default=Tolerance(1e-9)).check(ours, case.tensors["out.T1_U_S_H"], "T1, U, S, H")


def check_chosen_gamma(case: Case) -> None:
    """The authors try 0, 0.1 .. 1.0 and keep the first with the highest H."""
    tried = np.arange(11) / 10
    ours = tried[int(Predictions(case).at(tried)[:, 3].argmax())]
    Tolerance(1e-9).check(ours, case.tensors["out.gamma_opt"], "gamma_opt")


CHECKS = Checks(DFANRun).named()
PROTOCOL_CHECKS = {
    "protocol": (r"out\.T1_U_S_H", check_protocol),
    "chosen gamma": (r"out\.gamma_opt", check_chosen_gamma),
}
