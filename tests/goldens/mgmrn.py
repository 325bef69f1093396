"""What a golden case of Mg-MRN holds against our network, losses, scoring and training step."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor, nn

from tests.goldens.cases import Case, Tolerance
from zslviz.backbones.features import STAGES, Features
from zslviz.models.mgmrn.loss import cosine_logits, mgmrn_loss
from zslviz.models.mgmrn.official import official_names as mgmrn_names
from zslviz.models.output import AttributeOutput
from zslviz.models.registry import build_model
from zslviz.tasks.attributes.scoring import ScoringRule, class_scores
from zslviz.tasks.attributes.space import SemanticSpace

FLOAT32 = Tolerance(2e-5, 2e-4)
GRADIENTS = Tolerance(3e-5, scaled=True)
PARAMETERS = Tolerance(1e-6)
FLOAT64 = Tolerance(1e-9)
DELTAS = Tolerance(5e-9)


class Setup:
    """Our Mg-MRN with the case's parameters, its inputs and its loss, in one precision."""

    def __init__(self, case: Case, dtype: torch.dtype) -> None:
        t = {name: value.to(dtype) if value.is_floating_point() else value for name, value in case.tensors.items()}
        hidden, word_dim = t["param.QueryW1.weight"].shape
        self.net: Any = build_model(
            "mgmrn",
            {
                "attributes": t["in.w2v"].shape[0],
                "word_dim": word_dim,
                "channels": [t[f"in.{stage}"].shape[1] for stage in STAGES],
                "width": t["param.V_att_final_branch1"].shape[1],
                "hidden": hidden,
                "parts": t["param.s3.group.weight"].shape[0],
                "grouping": "official",
            },
        ).to(dtype)
        self.names = mgmrn_names(name for name, _ in self.net.named_parameters())
        assert len(self.names) == len(list(self.net.parameters())), "every parameter has the authors' name"
        state = {name: t[f"param.{official}"] for name, official in self.names.items()}
        self.net.load_state_dict(state | {"word_vectors": t["in.w2v"]})
        self.features = Features({stage: t[f"in.{stage}"] for stage in STAGES})
        self.table = t["in.att"]
        self.labels = t["in.labels"]
        self.seen = int(case.dims["seen"])  # the first rows of the table
        self.scale = float(case.hyper.get("scale", 20.0))
        self.lambda_cls = float(case.hyper.get("lambda_cls", 1.0))
        self.lambda_reg = float(case.hyper["lambda_reg"])

    def forward(self) -> AttributeOutput:
        return self.net(self.features, explain=True)

    def losses(self, scores: Tensor) -> dict[str, Tensor]:
        """Per-granularity terms and sums [3]. The authors' lambda_cls is always 1; ours has no such factor."""
        loss = mgmrn_loss(scores, self.labels, self.table[: self.seen], self.scale, self.lambda_reg)
        if self.lambda_cls != 1.0:
            return {
                "ce": loss.ce,
                "reg": loss.regression,
                "": self.lambda_cls * loss.ce + self.lambda_reg * loss.regression,
            }
        return {"ce": loss.ce, "reg": loss.regression, "": loss.per_granularity}

    def train(self, case: Case, steps: int) -> list[dict[str, Tensor]]:
        """The authors' parameter names and values after 0, 1, ... `steps` joint iterations on the case's batch."""
        hyper = case.hyper
        optimizer = torch.optim.SGD(
            self.net.parameters(),
            lr=float(hyper["lr"]),
            momentum=float(hyper.get("momentum", 0.0)),
            weight_decay=float(hyper.get("weight_decay", 0.0)),
        )
        history = [self.parameters()]
        for _ in range(steps):
            optimizer.zero_grad()
            self.losses(self.net(self.features).scores)[""].sum().backward()
            optimizer.step()
            history.append(self.parameters())
        return history

    def parameters(self) -> dict[str, Tensor]:
        own: dict[str, nn.Parameter] = dict(self.net.named_parameters())
        return {official: own[name].detach().clone() for name, official in self.names.items()}

    @torch.no_grad()
    def named(self) -> dict[str, Tensor]:
        """Everything the forward pass gives, by the names that cases use."""
        output = self.forward()
        mined, context, _ = self.net.tokens(self.features)
        named = {"s3": mined[0], "s4": mined[1], "s5": mined[2], "context1": context[0], "context2": context[1]}
        terms = self.losses(output.scores)
        seen_scores = cosine_logits(output.scores, self.table[: self.seen], self.scale)
        assert output.attention is not None
        assert output.attention_context is not None
        for index in range(3):
            own, coarser = output.attention[index].flatten(-2), output.attention_context[index].flatten(-2)
            number = index + 1
            named[f"attention{number}"] = own if context[index] is None else torch.cat([own, coarser], dim=-1)
            named[f"v2s{number}"] = output.scores[index]
            named[f"score{number}"] = seen_scores[index]
            for term, values in terms.items():
                named[f"loss{number}.{term}".rstrip(".")] = values[index]
        named["test_score"] = cosine_logits(output.scores, self.table, self.scale).sum(0)
        return named


@lru_cache(maxsize=4)
def forward(case: Case, dtype: torch.dtype = torch.float32) -> dict[str, Tensor]:
    return Setup(case, dtype).named()


def check_mined(case: Case) -> None:
    _compare(case, r"out\.s[345]")


def check_context(case: Case) -> None:
    _compare(case, r"out\.context\d")


def check_attention(case: Case) -> None:
    _compare(case, r"out\.attention\d")


def check_attribute_scores(case: Case) -> None:
    _compare(case, r"out\.v2s\d")


def check_class_scores(case: Case) -> None:
    _compare(case, r"out\.(score\d|test_score)")


def check_test_score_by_scoring(case: Case) -> None:
    """The summed class scores by the scoring that pages and evaluation use."""
    setup = Setup(case, torch.float32)
    classes, attributes = setup.table.shape
    space = SemanticSpace(
        tuple(f"class {k}" for k in range(classes)),
        tuple(f"attribute {a}" for a in range(attributes)),
        ("other",) * attributes,
        setup.table.numpy().copy(),
        (torch.arange(classes) < setup.seen).numpy(),
    )
    scores = setup.forward().scores.detach().movedim(0, 1).numpy()  # [B, 3, A]
    ours = class_scores(scores, space, ScoringRule("cosine", (setup.scale,) * 3))
    name = "out.test_score"
    case.noted(name, case.tolerance("float32", default=FLOAT32)).check(torch.from_numpy(ours), case.tensors[name], name)


def check_losses(case: Case) -> None:
    _compare(case, r"out\.loss\d(\.ce|\.reg)?")


def check_float64(case: Case) -> None:
    named, tolerance = forward(case, torch.float64), case.tolerance("f64", "float64", default=FLOAT64)
    for name in _matching(case, r"f64\.(.+)"):
        own = name.removeprefix("f64.")
        if own in named:
            tolerance.check(named[own], case.tensors[name], name)


def check_gradients(case: Case) -> None:
    setup = Setup(case, torch.float32)
    setup.losses(setup.net(setup.features).scores)[""].sum().backward()
    gradients = {setup.names[name]: p.grad for name, p in setup.net.named_parameters()}
    tolerance = case.tolerance("grad", default=GRADIENTS)
    for name in _matching(case, r"grad\.(.+)"):
        tolerance.check(gradients[name.removeprefix("grad.")], case.tensors[name], name)


def check_parameters_after_steps(case: Case) -> None:
    names = _matching(case, r"after\d+\..+")
    history = Setup(case, torch.float32).train(case, max(_step(name) for name in names))
    tolerance = case.tolerance("after", default=PARAMETERS)
    for name in names:
        tolerance.check(history[_step(name)][name.partition(".")[2]], case.tensors[name], name)


def check_updates_in_float64(case: Case) -> None:
    """Updates, sensitive enough to show a forgotten weight decay."""
    names = _matching(case, r"delta\d+\..+")
    history = Setup(case, torch.float64).train(case, max(_step(name) for name in names))
    tolerance = case.tolerance("delta", default=DELTAS)
    for name in names:
        parameter = name.partition(".")[2]
        tolerance.check(history[_step(name)][parameter] - history[0][parameter], case.tensors[name], name)


CHECKS = {
    "mined": (r"out\.s[345]", check_mined),
    "context": (r"out\.context\d", check_context),
    "attention": (r"out\.attention\d", check_attention),
    "attribute scores": (r"out\.v2s\d", check_attribute_scores),
    "class scores": (r"out\.(score\d|test_score)", check_class_scores),
    "test score by scoring": (r"out\.test_score", check_test_score_by_scoring),
    "losses": (r"out\.loss\d(\.ce|\.reg)?", check_losses),
    "float64": (
        r"f64\.(s[345]|context\d|attention\d|v2s\d|score\d|test_score|loss\d(\.ce|\.reg)?)",
        check_float64,
    ),
    "gradients": (r"grad\..+", check_gradients),
    "parameters after steps": (r"after\d+\..+", check_parameters_after_steps),
    "updates in float64": (r"delta\d+\..+", check_updates_in_float64),
}


def _step(name: str) -> int:
    return int(re.match(r"[a-z]+(\d+)\.", name).group(1))  # type: ignore[union-attr]


def _matching(case: Case, pattern: str) -> list[str]:
    return [name for name in case.own_names if re.fullmatch(pattern, name)]


def _compare(case: Case, pattern: str) -> None:
    named, tolerance = forward(case), case.tolerance("float32", default=FLOAT32)
    for name in _matching(case, pattern):
        case.noted(name, tolerance).check(named[name.removeprefix("out.")], case.tensors[name], name)
