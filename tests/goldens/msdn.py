"""What a golden case of MSDN holds against our network, losses and scoring."""

from __future__ import annotations

import re
from functools import lru_cache

import torch
import torch.nn.functional as F
from torch import Tensor

from tests.goldens.cases import Case, Tolerance
from zslviz.backbones import Features
from zslviz.models.msdn.loss import MSDNLoss, msdn_logits, msdn_loss
from zslviz.models.msdn.official import UNUSED as MSDN_UNUSED
from zslviz.models.output import AttributeOutput
from zslviz.models.registry import build_model
from zslviz.tasks.attributes.scoring import ScoringRule, class_scores
from zslviz.tasks.attributes.space import SemanticSpace

FLOAT32 = Tolerance(1e-5, 1e-4)
GRADIENTS = Tolerance(3e-5, scaled=True)
FLOAT64 = Tolerance(1e-10)


class Run:
    """Our MSDN with the case's parameters, run on its features in one precision."""

    def __init__(self, case: Case, dtype: torch.dtype) -> None:
        t = {name: value.to(dtype) if value.is_floating_point() else value for name, value in case.tensors.items()}
        attributes, word_dim = t["param.V"].shape
        self.net = build_model(
            "msdn",
            {
                "attributes": attributes,
                "word_dim": word_dim,
                "channels": t["in.features"].shape[1],
                "normalize_word_vectors": bool(case.hyper.get("normalize_V", False)),
                "normalize_features": bool(case.hyper.get("normalize_F", True)),
            },
        ).to(dtype)
        self.net.load_state_dict({name: t[f"param.{name}"] for name in self.net.state_dict()})
        self.output: AttributeOutput = self.net(Features({"c5": t["in.features"]}), explain=True)
        self.prototypes = t["param.att"]
        self.logits = msdn_logits(self.output.scores, self.prototypes)
        self.seen = torch.zeros(len(self.prototypes), dtype=torch.bool)
        self.seen[t["in.seen"]] = True
        self.fixed_bias = float(case.hyper.get("is_bias", True))
        self.bias = torch.where(self.seen, -self.fixed_bias, self.fixed_bias).to(dtype)
        self.labels = t["in.labels"]
        self.lambda_cal, self.lambda_dis = float(case.hyper["lambda_cal"]), float(case.hyper["lambda_d"])
        self.seen_only = not case.hyper.get("is_conservative", True)

    def loss(self) -> MSDNLoss:
        return msdn_loss(
            self.output.scores,
            self.labels,
            self.prototypes,
            self.seen,
            self.lambda_cal,
            self.lambda_dis,
            bias=self.fixed_bias,
            seen_only=self.seen_only,
        )

    def named(self) -> dict[str, Tensor]:
        """Everything but losses, by the names that cases use."""
        first, second = self.output.attention.flatten(-2)  # type: ignore[union-attr]
        named = {"A1": first, "A2": second}
        for number, (scores, logits) in enumerate(zip(self.output.scores, self.logits, strict=True), start=1):
            named[f"attr_scores{number}"] = scores
            named[f"class_logits{number}"] = logits
            named[f"S_pp{number}"] = logits + self.bias
        return named

    def named_losses(self) -> dict[str, Tensor]:
        loss = self.loss()
        return {
            "loss.CE1": loss.ce[0],
            "loss.CE2": loss.ce[1],
            "loss.cal1": loss.calibration[0],
            "loss.cal2": loss.calibration[1],
            "loss.distill": loss.distillation,
            "loss.distill_l2": loss.distillation_l2,
            "loss.distill_js": loss.distillation_js,
            "loss.total": loss.total,
        }


@lru_cache(maxsize=4)
def run(case: Case, dtype: torch.dtype = torch.float32) -> Run:
    return Run(case, dtype)


def check_scores(case: Case) -> None:
    _compare(case, r"out\.(attr_scores\d)")


def check_attention(case: Case) -> None:
    _compare(case, r"out\.(A\d)")


def check_attended(case: Case) -> None:
    """What the attention gathers: mean feature per attribute, mean word vector per region."""
    r, t = run(case), case.tensors
    first, second = r.output.attention.flatten(-2)  # type: ignore[union-attr]
    regions = t["in.features"].flatten(2).mT
    regions = F.normalize(regions, dim=-1) if r.net.config.normalize_features else regions
    words = F.normalize(r.net.V, dim=1) if r.net.config.normalize_word_vectors else r.net.V
    tolerance = case.tolerance("float32", default=FLOAT32)
    ours = {"out.attended_features1": first @ regions, "out.attended_vectors2": second.mT @ words}
    for name, value in ours.items():
        if name in t:
            tolerance.check(value, t[name], name)


def check_logits(case: Case) -> None:
    """Class logits without the fixed bias, and with it (S_pp)."""
    _compare(case, r"out\.(class_logits\d|S_pp\d)")


def check_losses(case: Case) -> None:
    r, tolerance = run(case), case.tolerance("float32", default=FLOAT32)
    named = r.named_losses()
    for name in _matching(case, r"out\.(loss\..+)"):
        bound = case.noted(name, tolerance)
        if name == "out.loss.distill_js":  # stored as a difference: it carries the error of the larger term, too
            rounding = tolerance.relative * float(case.tensors.get("out.loss.distill", torch.zeros(())).abs())
            bound = Tolerance(max(bound.absolute, rounding), bound.relative)
        bound.check(named[name.removeprefix("out.")], case.tensors[name], name)


def check_gradients(case: Case) -> None:
    r = Run(case, torch.float32)
    r.loss().total.backward()
    parameters = dict(r.net.named_parameters())
    tolerance = case.tolerance("grad", default=GRADIENTS)
    for name in _matching(case, r"grad\.(.+)"):
        own = name.removeprefix("grad.")
        if own in MSDN_UNUSED:
            assert not case.tensors[name].any(), f"{name}: we leave this parameter out, but it has a gradient"
            continue
        tolerance.check(parameters[own].grad, case.tensors[name], name)


def check_fused(case: Case) -> None:
    """alpha z_1 + (1 - alpha) z_2 with the fixed bias, by the scoring that pages and evaluation use."""
    r = run(case)
    attributes = r.prototypes.shape[1]
    space = SemanticSpace(
        tuple(f"class {k}" for k in range(len(r.prototypes))),
        tuple(f"attribute {a}" for a in range(attributes)),
        ("other",) * attributes,
        r.prototypes.numpy(),
        r.seen.numpy(),
    )
    scores = r.output.scores.detach().movedim(0, 1).numpy()  # [B, 2, A]
    for name in _matching(case, r"out\.fused_\d+_\d+"):
        first, second = map(int, re.findall(r"\d+", name))
        rule = ScoringRule("dot", (first / (first + second), second / (first + second)))
        ours = torch.from_numpy(class_scores(scores, space, rule)) + r.bias
        case.tolerance("float32", default=FLOAT32).check(ours, case.tensors[name], name)


def check_float64(case: Case) -> None:
    r, tolerance = run(case, torch.float64), case.tolerance("float64", "f64", default=FLOAT64)
    named = r.named()
    named |= {
        f"fused_{a}_{b}": (a * named["S_pp1"] + b * named["S_pp2"]) / (a + b)
        for a in range(11)
        for b in range(11)
        if a + b
    }
    names = [n for n in _matching(case, r"f64\.(.+)") if n.removeprefix("f64.") in named or n.startswith("f64.loss.")]
    if any(n.startswith("f64.loss.") for n in names):
        named |= r.named_losses()
    for name in names:
        if name.removeprefix("f64.") in named:
            tolerance.check(named[name.removeprefix("f64.")], case.tensors[name], name)


CHECKS = {
    "scores": (r"out\.attr_scores\d", check_scores),
    "attention": (r"out\.A\d", check_attention),
    "attended": (r"out\.attended_(features1|vectors2)", check_attended),
    "logits": (r"out\.(class_logits|S_pp)\d", check_logits),
    "losses": (r"out\.loss\..+", check_losses),
    "gradients": (r"grad\..+", check_gradients),
    "fused": (r"out\.fused_\d+_\d+", check_fused),
    "float64": (r"f64\.(S_pp\d|class_logits\d|attr_scores\d|A\d|fused_\d+_\d+|loss\..+)", check_float64),
}


def _matching(case: Case, pattern: str) -> list[str]:
    return [name for name in case.own_names if re.fullmatch(pattern, name)]


def _compare(case: Case, pattern: str) -> None:
    named, tolerance = run(case).named(), case.tolerance("float32", default=FLOAT32)
    for name in _matching(case, pattern):
        case.noted(name, tolerance).check(named[name.removeprefix("out.")], case.tensors[name], name)
