"""The training steps that are timed: both sides of a comparison take the same step, in single and in mixed precision."""

from __future__ import annotations

import importlib
from dataclasses import replace
from typing import Any

import pytest
import torch

from tests.conftest import ROOT

precisions = pytest.mark.parametrize(("mixed", "tolerance"), [(False, 1e-5), (True, 2e-2)], ids=["float32", "bf16"])


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> Any:
    """benchmarks/steps.py, which finds its neighbours as scripts do."""
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    return importlib.import_module("steps")


def losses_of(step: Any) -> torch.Tensor:
    """Before the first update and after it."""
    return torch.stack([torch.as_tensor(step()) for _ in range(2)])


@precisions
def test_each_side_of_a_comparison_has_the_same_losses(steps: Any, mixed: bool, tolerance: float) -> None:
    tiny = steps.Sizes(batch=3, channels=(24, 32, 48), grid=2, attributes=12, classes=9, seen=6, width=32, hidden=16)
    sizes = replace(tiny, mixed=mixed)
    for make in (steps.msdn_step, steps.mgmrn_step):
        ours, theirs = losses_of(make(sizes, ours=True)), losses_of(make(sizes, ours=False))
        assert torch.allclose(ours, theirs, rtol=tolerance), make.__name__
        assert not torch.equal(ours[0], ours[1]), "an update was made"
    assert torch.allclose(
        losses_of(steps.msdn_step(sizes, ours=False, unused_terms=False)),
        losses_of(steps.msdn_step(sizes, ours=True)),
        rtol=tolerance,
    )


SYSTEMS = ("transzero", "dfan", "psvma", "psvma on tokens", "psvmaplus", "hdafl", "msci")


def steps_of(steps: Any, system: str, mixed: bool = False) -> tuple[Any, Any]:
    """A small step of a system, ours and theirs."""
    sizes = steps.Sizes(batch=3, channels=(24, 32, 48), grid=3, attributes=12, classes=9, seen=6, mixed=mixed)
    attended, adapted, pairs = map(importlib.import_module, ("attended_steps", "adapted_steps", "pair_steps"))
    of_pairs = pairs.PairSizes(3, states=4, objects=5, pairs=9, layers=2, width=24, heads=2, side=3, mixed=mixed)
    make = {
        "transzero": lambda ours: attended.transzero_step(sizes, ours, width=20, feed_forward=28),
        "dfan": lambda ours: attended.dfan_step(sizes, ours),
        "psvma": lambda ours: adapted.psvma_step(sizes, ours, width=16, mixing=8),
        "psvma on tokens": lambda ours: adapted.psvma_step(sizes, ours, tokens=True, width=16, mixing=8),
        "psvmaplus": lambda ours: adapted.psvmaplus_step(sizes, ours, width=16, mixing=(8, 8, 8)),
        "hdafl": lambda ours: adapted.hdafl_step(sizes, ours, width=16, feed_forward=20),
        "msci": lambda ours: pairs.msci_step(of_pairs, ours),
    }[system]
    return make(True), make(False)


@precisions
@pytest.mark.parametrize("system", SYSTEMS)
def test_each_side_of_the_systems_of_the_second_ring_has_the_same_losses(
    steps: Any, system: str, mixed: bool, tolerance: float
) -> None:
    ours, theirs = map(losses_of, steps_of(steps, system, mixed))
    assert torch.allclose(ours, theirs, rtol=tolerance)
    assert not torch.equal(ours[0], ours[1]), "an update was made"


@pytest.mark.parametrize("system", SYSTEMS)
def test_each_side_makes_the_same_update(steps: Any, system: str) -> None:
    """In double precision, where rounding hides no difference, the gradient of every parameter."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        both = steps_of(steps, system)
        for side in both:
            side.loss().backward()
    finally:
        torch.set_default_dtype(before)
    gradients = [[parameter.grad for parameter in side.parameters()] for side in both]
    for ours, theirs in zip(*gradients, strict=True):
        if ours is None or theirs is None:
            assert ours is theirs, "what takes no part takes none in either"
        else:
            assert torch.allclose(ours, theirs, rtol=1e-9, atol=1e-12)


@precisions
def test_each_side_of_biam_has_the_same_losses(steps: Any, mixed: bool, tolerance: float) -> None:
    make = importlib.import_module("label_training_step").biam_step
    ours, theirs = (losses_of(make(side, mixed=mixed, photos=2)) for side in (True, False))
    assert torch.allclose(ours[0], theirs[0], rtol=tolerance)
    assert torch.allclose(ours, theirs, rtol=0.1), "Adam's first update is as long where a gradient is but noise"
    assert not torch.equal(ours[0], ours[1]), "an update was made"


def test_mixed_precision_is_not_single(steps: Any) -> None:
    sizes = steps.Sizes(batch=3, channels=(24, 32, 48), grid=2, attributes=12, classes=9, seen=6, width=32, hidden=16)
    single, mixed = (losses_of(steps.mgmrn_step(replace(sizes, mixed=m), ours=True)) for m in (False, True))
    assert not torch.equal(single, mixed)


def test_a_timing_ends_with_its_rounds_or_its_seconds(steps: Any) -> None:
    interleaved = importlib.import_module("common").interleaved
    called: list[str] = []
    sides = {"a": lambda: called.append("a"), "b": lambda: called.append("b")}
    times = interleaved(sides, rounds=5, warmup=1, finish=lambda: called.append("done"))
    assert [len(t) for t in times.values()] == [5, 5] and called[:4] == ["a", "done", "b", "done"]
    assert [len(t) for t in interleaved(sides, rounds=9, at_most=-1.0).values()] == [3, 3]
