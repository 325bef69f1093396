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


@precisions
def test_each_side_of_transzero_and_dfan_has_the_same_losses(steps: Any, mixed: bool, tolerance: float) -> None:
    tiny = steps.Sizes(batch=3, channels=(24, 32, 48), grid=3, attributes=12, classes=9, seen=6, mixed=mixed)
    module = importlib.import_module("attended_steps")
    for make in (lambda *a, **k: module.transzero_step(*a, width=20, feed_forward=28, **k), module.dfan_step):
        ours, theirs = (losses_of(make(tiny, ours=side)) for side in (True, False))
        assert torch.allclose(ours, theirs, rtol=tolerance)
        assert not torch.equal(ours[0], ours[1]), "an update was made"


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
