"""Our networks and losses against benchmarks/reference.py: the ratio of their times compares the same training."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from torch import Tensor

from benchmarks.reference import ReferenceMgMRN, ReferenceMSDN
from zslviz.backbones.features import STAGES, Features
from zslviz.models.mgmrn.loss import mgmrn_loss
from zslviz.models.mgmrn.network import MgMRN, MgMRNConfig
from zslviz.models.msdn.loss import msdn_loss
from zslviz.models.msdn.network import MSDN, MSDNConfig

SEEN = torch.tensor([True, True, True, False, False])
LAMBDA_CAL, LAMBDA_DIS = 0.12, 0.3
SCALE, LAMBDA_REG = 20.0, 0.1

precisions = pytest.mark.parametrize(
    ("dtype", "tolerance"), [(torch.float32, 3e-6), (torch.float64, 1e-12)], ids=["float32", "float64"]
)


# -- MSDN ---------------------------------------------------------------------------------------------------------------


def msdn_problem(dtype: torch.dtype, words: bool = False) -> tuple[MSDN, ReferenceMSDN, Tensor, Tensor, Tensor]:
    torch.manual_seed(0)
    net = MSDN(MSDNConfig(attributes=7, word_dim=6, channels=10, normalize_word_vectors=words)).to(dtype)
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.normal_(std=0.5)
    prototypes = torch.nn.functional.normalize(torch.rand(5, 7, dtype=dtype), dim=1)
    features = torch.randn(6, 10, 3, 4, dtype=dtype).relu() + 0.01
    return net, ReferenceMSDN(net, prototypes, SEEN), prototypes, features, torch.tensor([0, 1, 2, 0, 1, 2])


def our_msdn_step(net: MSDN, optimizer: Any, features: Tensor, labels: Tensor, prototypes: Tensor) -> Tensor:
    loss = msdn_loss(net(Features({"c5": features})).scores, labels, prototypes, SEEN, LAMBDA_CAL, LAMBDA_DIS).total
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.detach()


@precisions
@pytest.mark.parametrize("words", [False, True], ids=["word vectors as learned", "normalised"])
def test_msdn_scores_and_losses_are_those_of_the_equations(dtype: torch.dtype, tolerance: float, words: bool) -> None:
    net, reference, prototypes, features, labels = msdn_problem(dtype, words)
    scores, logits, _ = reference(features)
    ours = net(Features({"c5": features})).scores
    assert torch.allclose(ours, scores, rtol=tolerance, atol=tolerance)
    loss = msdn_loss(ours, labels, prototypes, SEEN, LAMBDA_CAL, LAMBDA_DIS).total
    assert loss.item() == pytest.approx(
        reference.loss(logits, labels, LAMBDA_CAL, LAMBDA_DIS).item(), rel=10 * tolerance
    )


@precisions
@pytest.mark.parametrize("steps", [1, 3])
def test_msdn_steps_like_the_authors(dtype: torch.dtype, tolerance: float, steps: int) -> None:
    """RMSprop with momentum and weight decay divides by the gradient's size: an update shows what a gradient hides."""
    net, reference, prototypes, features, labels = msdn_problem(dtype)
    start = copy.deepcopy(net)
    settings: dict[str, Any] = {"lr": 1e-3, "weight_decay": 1e-4, "momentum": 0.9}
    optimizer = torch.optim.RMSprop(net.parameters(), **settings)
    theirs = torch.optim.RMSprop(reference.parameters(), **settings)
    for _ in range(steps):
        ours = our_msdn_step(net, optimizer, features, labels, prototypes)
        loss = reference.step(theirs, features, labels, LAMBDA_CAL, LAMBDA_DIS)
        assert ours.item() == pytest.approx(loss.item(), rel=10 * tolerance)
    updated = dict(reference.named_parameters())
    for (name, parameter), before in zip(net.named_parameters(), start.parameters(), strict=True):
        assert (parameter - before).abs().max() > 1e-3, f"{name} learns"
        assert (parameter - updated[name]).abs().max() < 30 * tolerance, name


def test_msdn_terms_that_nothing_reads_change_nothing() -> None:
    net, reference, prototypes, features, labels = msdn_problem(torch.float64)
    plain = ReferenceMSDN(net, prototypes, SEEN, unused_terms=False)
    losses = []
    for one in (reference, plain):
        optimizer = torch.optim.RMSprop(one.parameters(), lr=1e-3, weight_decay=1e-4)
        losses.append(one.step(optimizer, features, labels, LAMBDA_CAL, LAMBDA_DIS))
    assert torch.equal(*losses)
    for (name, a), b in zip(reference.named_parameters(), plain.parameters(), strict=True):
        assert torch.equal(a, b), name
    assert not reference.W_3.any(), "no gradient, no weight decay either"


# -- Mg-MRN -------------------------------------------------------------------------------------------------------------

CONFIG = MgMRNConfig(attributes=7, word_dim=6, channels=(8, 12, 16), width=32, hidden=10, parts=5)


def mgmrn_problem(dtype: torch.dtype) -> tuple[MgMRN, ReferenceMgMRN, Tensor, Features, Tensor]:
    torch.manual_seed(0)
    net = MgMRN(CONFIG).to(dtype)
    net.set_word_vectors(torch.randn(7, 6, dtype=dtype))
    shapes = zip(STAGES, CONFIG.channels, (4, 2, 1), strict=True)
    features = Features({n: torch.randn(4, c, 3 * up, 3 * up, dtype=dtype).relu() for n, c, up in shapes})
    return net, ReferenceMgMRN(net), torch.rand(3, 7, dtype=dtype), features, torch.tensor([0, 1, 2, 0])


def our_mgmrn_step(net: MgMRN, optimizer: Any, features: Features, labels: Tensor, prototypes: Tensor) -> Tensor:
    loss = mgmrn_loss(net(features).scores, labels, prototypes, SCALE, LAMBDA_REG)
    optimizer.zero_grad()
    loss.total.backward()
    optimizer.step()
    return loss.per_granularity.detach()


@precisions
def test_mgmrn_scores_are_those_of_the_equations(dtype: torch.dtype, tolerance: float) -> None:
    net, reference, _, features, _ = mgmrn_problem(dtype)
    ours = net(features).scores
    assert torch.allclose(ours, torch.stack(reference(features)), rtol=5 * tolerance, atol=5 * tolerance)


@precisions
@pytest.mark.parametrize("steps", [1, 3])
def test_one_mgmrn_step_equals_the_authors_three_passes(dtype: torch.dtype, tolerance: float, steps: int) -> None:
    net, reference, prototypes, features, labels = mgmrn_problem(dtype)
    start = copy.deepcopy(net)
    settings: dict[str, Any] = {"lr": 0.01, "momentum": 0.9, "weight_decay": 1e-3}
    optimizer = torch.optim.SGD(net.parameters(), **settings)
    theirs = torch.optim.SGD(reference.parameters(), **settings)
    for _ in range(steps):
        ours = our_mgmrn_step(net, optimizer, features, labels, prototypes)
        losses = reference.step(theirs, features, labels, prototypes, SCALE, LAMBDA_REG)
        assert torch.allclose(ours, losses, rtol=30 * tolerance)
    updated = dict(reference.network.named_parameters())
    for (name, parameter), before in zip(net.named_parameters(), start.parameters(), strict=True):
        assert name.endswith("smooth_factor") or (parameter - before).abs().max() > 0, f"{name} learns"
        assert (parameter - updated[name]).abs().max() < 10 * tolerance, name


def test_a_variant_that_the_authors_do_not_have_is_refused() -> None:
    with pytest.raises(ValueError, match="no such variant"):
        ReferenceMgMRN(MgMRN(MgMRNConfig(7, 6, (8, 12, 16), width=32, hidden=10, grouping="decoupled")))
