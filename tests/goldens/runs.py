"""Checks that the golden cases of all systems of the second ring share: a run names what it computes as the cases do."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from tests.goldens.cases import Case, Tolerance

FLOAT32 = Tolerance(1e-5, 1e-4)
FLOAT64 = Tolerance(1e-10)
GRADIENTS = Tolerance(3e-5, scaled=True)
PARAMETERS = Tolerance(2e-6)
DELTAS = Tolerance(1e-10, 1e-5)
_RESULTS = r"(?!loss\.|class_seen_only)\w.*"


class Run(Protocol):
    """Our network with a case's parameters on its inputs, in one precision; parameters have the authors' names.

    named: everything but losses, losses: the loss's terms with "total", evidence: ours, each by the names of the cases.
    """

    net: nn.Module

    def named(self) -> Mapping[str, Tensor]: ...
    def losses(self) -> Mapping[str, Tensor]: ...
    def evidence(self) -> Mapping[str, Tensor]: ...
    def optimizer(self) -> torch.optim.Optimizer: ...


def own_tensors(case: Case, dtype: torch.dtype) -> dict[str, Tensor]:
    return {name: value.to(dtype) if value.is_floating_point() else value for name, value in case.tensors.items()}


def matching(case: Case, prefix: str, pattern: str = ".+") -> dict[str, Tensor]:
    """A case's own tensors whose names are a prefix and what fits a pattern, by the latter."""
    found = {}
    for name in case.own_names:
        if name.startswith(prefix) and re.fullmatch(pattern, name.removeprefix(prefix)):
            found[name.removeprefix(prefix)] = case.tensors[name]
    return found


class Checks:
    """What a case holds, compared with what a run of ours computes."""

    def __init__(self, run: Callable[[Case, torch.dtype], Run]) -> None:
        self.run = run

    def named(self) -> dict[str, tuple[str, Callable[[Case], None]]]:
        """By what they check: the names of the tensors that each compares, and the check."""
        return {
            "results": (rf"out\.{_RESULTS}", self.results),
            "losses": (r"out\.loss\..+", self.losses),
            "gradients": (r"grad\..+", self.gradients),
            "parameters after steps": (r"after\d+\..+", self.after),
            "updates in float64": (r"delta\d+\..+", self.deltas),
            "float64": (r"f64\..+", self.float64),
            "evidence": (r"derived\..+", self.derived),
        }

    @torch.no_grad()
    def results(self, case: Case) -> None:
        bound = case.tolerance("float32", default=FLOAT32)
        _compare(case, matching(case, "out.", _RESULTS), self.run(case, torch.float32).named(), bound)

    @torch.no_grad()
    def losses(self, case: Case) -> None:
        bound = case.tolerance("float32", default=FLOAT32)
        _compare(case, matching(case, "out.loss."), self.run(case, torch.float32).losses(), bound)

    @torch.no_grad()
    def float64(self, case: Case) -> None:
        run, bound = self.run(case, torch.float64), case.tolerance("float64", "f64", default=FLOAT64)
        _compare(case, matching(case, "f64.", _RESULTS), run.named(), bound)
        _compare(case, matching(case, "f64.loss."), run.losses(), bound)

    def gradients(self, case: Case) -> None:
        run = self.run(case, torch.float32)
        run.losses()["total"].backward()
        own = {name: parameter.grad for name, parameter in run.net.named_parameters()}
        _compare(case, matching(case, "grad."), own, case.tolerance("grad", default=GRADIENTS))

    def after(self, case: Case) -> None:
        for count, history in self._steps(case, "after", torch.float32):
            bound = case.tolerance("after", default=PARAMETERS)
            _compare(case, matching(case, f"after{count}."), history[-1], bound)

    def deltas(self, case: Case) -> None:
        for count, history in self._steps(case, "delta", torch.float64):
            moved = {name: value - history[0][name] for name, value in history[-1].items()}
            _compare(case, matching(case, f"delta{count}."), moved, case.tolerance("delta", default=DELTAS))

    @torch.no_grad()
    def derived(self, case: Case) -> None:
        bound = case.tolerance("derived", default=FLOAT32)
        _compare(case, matching(case, "derived."), self.run(case, torch.float32).evidence(), bound)

    def _steps(self, case: Case, kind: str, dtype: torch.dtype) -> list[tuple[int, list[dict[str, Tensor]]]]:
        """After each number of steps that the case tells of: the parameters before and after each of them."""
        counts = sorted({int(m.group(1)) for n in case.own_names if (m := re.match(rf"{kind}(\d+)\.", n))})
        run = self.run(case, dtype)
        optimizer, history, found = run.optimizer(), [_parameters(run.net)], []
        for step in range(1, max(counts) + 1):
            optimizer.zero_grad()
            run.losses()["total"].backward()
            optimizer.step()
            history.append(_parameters(run.net))
            if step in counts:
                found.append((step, list(history)))
        return found


def _compare(case: Case, theirs: Mapping[str, Tensor], ours: Mapping[str, Any], bound: Tolerance) -> None:
    for name, value in theirs.items():
        case.noted(name, bound).check(ours[name], value, name)


def _parameters(net: nn.Module) -> dict[str, Tensor]:
    return {name: parameter.detach().clone() for name, parameter in net.named_parameters()}
