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


def checks_of(run: Callable[[Case, torch.dtype], Run]) -> dict[str, tuple[str, Callable[[Case], None]]]:
    def compare(case: Case, theirs: Mapping[str, Tensor], ours: Mapping[str, Any], bound: Tolerance) -> None:
        for name, value in theirs.items():
            case.noted(name, bound).check(ours[name], value, name)

    @torch.no_grad()
    def results(case: Case) -> None:
        bound = case.tolerance("float32", default=FLOAT32)
        compare(case, matching(case, "out.", _RESULTS), run(case, torch.float32).named(), bound)

    @torch.no_grad()
    def losses(case: Case) -> None:
        bound = case.tolerance("float32", default=FLOAT32)
        compare(case, matching(case, "out.loss."), run(case, torch.float32).losses(), bound)

    @torch.no_grad()
    def float64(case: Case) -> None:
        r, bound = run(case, torch.float64), case.tolerance("float64", "f64", default=FLOAT64)
        compare(case, matching(case, "f64.", _RESULTS), r.named(), bound)
        compare(case, matching(case, "f64.loss."), r.losses(), bound)

    def gradients(case: Case) -> None:
        r = run(case, torch.float32)
        r.losses()["total"].backward()
        own = {name: parameter.grad for name, parameter in r.net.named_parameters()}
        compare(case, matching(case, "grad."), own, case.tolerance("grad", default=GRADIENTS))

    def after(case: Case) -> None:
        for count, history in _steps(case, "after", torch.float32):
            bound = case.tolerance("after", default=PARAMETERS)
            compare(case, matching(case, f"after{count}."), history[-1], bound)

    def deltas(case: Case) -> None:
        for count, history in _steps(case, "delta", torch.float64):
            moved = {name: value - history[0][name] for name, value in history[-1].items()}
            compare(case, matching(case, f"delta{count}."), moved, case.tolerance("delta", default=DELTAS))

    def _steps(case: Case, kind: str, dtype: torch.dtype) -> list[tuple[int, list[dict[str, Tensor]]]]:
        counts = sorted({int(m.group(1)) for n in case.own_names if (m := re.match(rf"{kind}(\d+)\.", n))})
        r = run(case, dtype)
        optimizer, history, found = r.optimizer(), [_parameters(r.net)], []
        for step in range(1, max(counts) + 1):
            optimizer.zero_grad()
            r.losses()["total"].backward()
            optimizer.step()
            history.append(_parameters(r.net))
            if step in counts:
                found.append((step, list(history)))
        return found

    @torch.no_grad()
    def derived(case: Case) -> None:
        bound = case.tolerance("derived", default=FLOAT32)
        compare(case, matching(case, "derived."), run(case, torch.float32).evidence(), bound)

    return {
        "results": (rf"out\.{_RESULTS}", results),
        "losses": (r"out\.loss\..+", losses),
        "gradients": (r"grad\..+", gradients),
        "parameters after steps": (r"after\d+\..+", after),
        "updates in float64": (r"delta\d+\..+", deltas),
        "float64": (r"f64\..+", float64),
        "evidence": (r"derived\..+", derived),
    }


def _parameters(net: nn.Module) -> dict[str, Tensor]:
    return {name: parameter.detach().clone() for name, parameter in net.named_parameters()}
