"""HDAFL beside its formulas as they are written, one photo, one attribute and one place after another."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from tests.contracts.made.networks import small_network
from zslviz.backbones.features import Features
from zslviz.errors import ConfigError
from zslviz.models.hdafl.loss import attribute_contrast, bearing, hdafl_loss, likeness
from zslviz.models.hdafl.network import HDAFL, HDAFLConfig

ROOM = {"attributes": 3, "word_dim": 4, "channels": 6, "width": 8, "heads": 2, "feed_forward": 8}
SETTINGS = {"lambda_within": 0.3, "lambda_between": 0.2, "lambda_alike": 0.4, "temperature": 0.2, "scale": 3.0}


def network(**settings: Any) -> HDAFL:
    torch.manual_seed(3)
    net = HDAFL(HDAFLConfig(**{**ROOM, "dropout": 0.0, **settings})).double()
    for parameter in net.parameters():
        parameter.data.add_(0.2 * torch.randn_like(parameter))
    return net


def features(batch: int = 4) -> Features:
    generator = torch.Generator().manual_seed(1)
    return Features({"c5": torch.rand(batch, 6, 4, 5, generator=generator, dtype=torch.float64)})


def written_out(net: HDAFL, c5: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Scores [4, B, A], gathered features [3, B, A, d] and global vectors [B, d]: kernels [d, k, k] for each attribute."""
    said, channels = net.said(), c5.shape[1]
    unit = math.sqrt(channels) * F.normalize(c5, dim=1)
    values = torch.einsum("bchw,dc->bdhw", unit, net.value.weight)
    gathered = []
    for kernel in net.kernel:
        kernels = kernel * said.directions[:, :, None, None]  # [A, d, k, k]
        logits = F.conv2d(values, kernels, padding=kernels.shape[-1] // 2)
        attention = logits.flatten(2).softmax(-1).view_as(logits)
        gathered.append(F.normalize(torch.einsum("bahw,bdhw->bad", attention, values), dim=-1))
    own = torch.stack(gathered)
    mean = F.normalize(c5.mean((2, 3)) @ net.whole.weight.T, dim=-1)
    local = torch.einsum("kbad,ad->kba", own, said.directions)
    return torch.cat([local, torch.einsum("bd,ad->ba", mean, said.whole)[None]]), own, mean


def written_loss(scores: Tensor, own: Tensor, mean: Tensor, labels: Tensor, table: Tensor, seen: Tensor) -> Tensor:
    """The loss by loops over granularities, photos and attributes."""
    τ, count = SETTINGS["temperature"], len(labels)
    position = [int(seen[: int(c)].sum()) for c in labels]
    ce = [F.cross_entropy(SETTINGS["scale"] * z @ table[seen].T, torch.tensor(position)) for z in scores]
    bears = bearing(table, seen)[labels]
    within, between = [], []
    for z in own:
        centres = [F.normalize(sum(bears[b, a] * z[b, a] for b in range(count)), dim=0) for a in range(z.shape[1])]
        for a, centre in enumerate(centres):
            near = torch.stack([z[b, a] @ centre / τ for b in range(count)]).log_softmax(0)
            told = bears[:, a] / bears[:, a].sum()
            within.append(sum(p * (p.log() - q) for p, q in zip(told, near, strict=True) if p > 0))
        missed = [
            bears[b, a] * -torch.stack([z[b, a] @ c / τ for c in centres]).log_softmax(0)[a]
            for b in range(count)
            for a in range(len(centres))
        ]
        between.append(sum(missed) / bears.sum())
    alike = torch.zeros(())
    for i in range(count):
        others = [j for j in range(count) if j != i]
        q = torch.stack([mean[i] @ mean[j] / τ for j in others]).log_softmax(0)
        p = torch.stack([table[labels[i]] @ table[labels[j]] / τ for j in others]).softmax(0)
        alike = alike + (p * (p.log() - q)).sum() / count
    contrast = [sum(terms) / len(terms) for terms in (within, between)]
    weights = [SETTINGS[f"lambda_{name}"] for name in ("within", "between", "alike")]
    return sum(ce[:3]) / 3 + ce[3] + sum(w * t for w, t in zip(weights, [*contrast, alike], strict=True))


def test_a_step_is_that_of_the_formulas_as_they_are_written() -> None:
    table = F.normalize(
        torch.tensor([[1.0, 0.2, 0.5], [0.1, 0.9, 0.4], [0.6, 0.6, 0.1], [0.3, 0.1, 0.8]]).double(), dim=1
    )
    labels, seen = torch.tensor([0, 1, 3, 0]), torch.tensor([True, True, False, True])
    ours, theirs = network().train(), network().train()
    output = ours(features())
    total = hdafl_loss(output.scores, labels, table, seen, *output.learned, **SETTINGS).total  # type: ignore[arg-type]
    written = written_loss(*written_out(theirs, features().stages["c5"]), labels, table, seen)
    torch.testing.assert_close(total, written)
    total.backward()
    written.backward()
    for (name, one), other in zip(ours.named_parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(one.grad, other.grad, msg=name)


@pytest.mark.parametrize("stages", [("c5",), ("c4", "c5")])
def test_evidence_adds_up_to_every_answer(stages: tuple[str, ...]) -> None:
    given: Any = {"stages": stages, "channels": (5, 6)[2 - len(stages) :] if len(stages) > 1 else 6}
    net = network(**given).eval()
    seen = Features({**features().stages, "c4": torch.rand(4, 5, 8, 10).double()})
    output = net(seen, explain=True)
    torch.testing.assert_close(output.evidence.sum((-2, -1)) + output.bias[:, None], output.scores)
    torch.testing.assert_close(output.attention.sum((-2, -1)), torch.ones_like(output.scores))
    assert output.evidence.shape[-2:] == seen.stages[stages[0]].shape[-2:]


def test_a_photo_without_any_feature_scores_nothing_and_has_a_gradient() -> None:
    dark = Features({"c5": torch.zeros(2, 6, 4, 5).double()})
    output = network().train()(dark)
    assert not output.scores.any()
    loss = hdafl_loss(output.scores, torch.tensor([0, 1]), torch.eye(3).double(), torch.ones(3).bool(), *output.learned)
    loss.total.backward()


def test_bearing_counts_from_the_mean_of_trained_classes_to_the_most_of_them() -> None:
    table, seen = torch.tensor([[0.0, 0.5], [0.4, 0.5], [0.8, 0.9]]), torch.tensor([True, True, False])
    assert torch.allclose(bearing(table, seen), torch.tensor([[0.0, 0.0], [1.0, 0.0], [1.0, 0.0]]))


def test_the_contrast_is_least_where_attributes_are_told_apart_and_their_bearers_are_alike() -> None:
    bears = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    good = torch.tensor([[[1.0, 0.0], [-1.0, 0.0]], [[0.0, -1.0], [0.0, 1.0]]])[None]  # [1, B, A, d]
    mixed = torch.tensor([1.0, 0.0]).expand(1, 2, 2, 2)
    (within, between), (same, alike) = (attribute_contrast(own, bears, 0.1) for own in (good, mixed))
    assert within < 0.01 and between < 0.01
    assert same.item() == pytest.approx(math.log(2)) and alike.item() == pytest.approx(math.log(2))
    nobody = attribute_contrast(good, torch.zeros(2, 2), 0.1)
    assert [term.item() for term in nobody] == [0.0, 0.0]


def test_likeness_is_nothing_where_photos_are_as_alike_as_their_classes() -> None:
    rows = F.normalize(torch.rand(5, 4), dim=1)
    assert likeness(rows, rows, 0.1).item() == pytest.approx(0, abs=1e-6)
    assert likeness(rows.roll(1, 0), rows, 0.1).item() > 0.01


def test_terms_without_weight_are_left_out() -> None:
    net = network().train()
    output = net(features())
    given = (output.scores, torch.tensor([0, 1, 2, 0]), torch.eye(3).double(), torch.ones(3).bool(), *output.learned)
    bare = hdafl_loss(*given, lambda_within=0, lambda_between=0, lambda_alike=0)
    assert torch.equal(bare.total, bare.ce[:3].mean() + bare.ce[3])
    assert bare.within == bare.between == bare.alike == 0


def test_kernels_are_odd() -> None:
    with pytest.raises(ConfigError, match="odd"):
        network(kernels=(1, 2, 3))


def test_without_layers_no_attribute_knows_of_another() -> None:
    alone, among = network(layers=0).eval(), network().eval()
    for net, same in ((alone, True), (among, False)):
        before = net.said().directions[0]
        net.V.data[1] += 1
        assert torch.allclose(net.said().directions[0], before) is same


def test_the_contract_networks_kernels_reach_beyond_their_own_place() -> None:
    """A change at one place moves the attention of the larger kernels elsewhere, and of the smallest only by its share."""
    net: Any = small_network("hdafl")
    c5 = torch.rand(1, 16, 5, 5)
    other = c5.clone()
    other[..., 0, 0] += 1
    one, two = (net(Features({"c5": x}), explain=True).attention[:3, 0].log() for x in (c5, other))
    moved = (two - one).flatten(2)
    spread = (moved[..., 2:] - moved[..., -1:]).abs().amax(dim=(1, 2))  # beyond a common shift, far from the change
    assert spread[0] < 1e-4 and spread[2] > 1e-3
