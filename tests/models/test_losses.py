from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F

from zslviz.models.mgmrn.loss import cosine_logits, mgmrn_loss
from zslviz.models.msdn.loss import msdn_loss

SEEN = torch.tensor([True, True, False])


def test_msdn_calibration_is_the_log_of_the_batch_mean_with_the_fixed_bias() -> None:
    scores = torch.zeros(2, 4, 3)
    loss = msdn_loss(scores, torch.tensor([0, 1, 0, 1]), torch.eye(3), SEEN)
    unseen_share = math.e / (math.e + 2 / math.e)  # logits 0, bias +1 for one unseen class, -1 for two seen
    assert loss.calibration.tolist() == pytest.approx([-math.log(unseen_share)] * 2)
    assert loss.ce.tolist() == pytest.approx([math.log(3)] * 2), "cross entropy is without the bias"


def test_msdn_distillation_is_zero_with_finite_gradients_where_the_sub_nets_agree() -> None:
    scores = torch.randn(1, 4, 3).repeat(2, 1, 1).requires_grad_()
    loss = msdn_loss(scores, torch.tensor([0, 1, 0, 1]), torch.eye(3), SEEN, lambda_dis=1.0)
    loss.total.backward()
    assert loss.distillation.item() == pytest.approx(0.0, abs=1e-6)
    assert scores.grad.isfinite().all()


def test_msdn_distillation_is_unchanged_by_one_photo_where_the_sub_nets_agree() -> None:
    scores = torch.randn(2, 3, 3)
    scores[1, 0] = scores[0, 0]
    labels = torch.tensor([0, 1, 0])
    whole = msdn_loss(scores, labels, torch.eye(3), SEEN).distillation
    others = msdn_loss(scores[:, 1:], labels[1:], torch.eye(3), SEEN).distillation
    assert whole.item() == pytest.approx(others.item() * 2 / 3, rel=1e-5)


def test_msdn_total_weighs_its_terms() -> None:
    scores, labels = torch.randn(2, 4, 3), torch.tensor([0, 1, 0, 1])
    loss = msdn_loss(scores, labels, torch.eye(3), SEEN, lambda_cal=0.3, lambda_dis=0.7)
    expected = loss.ce.sum() + 0.3 * loss.calibration.sum() + 0.7 * loss.distillation
    assert loss.total.item() == pytest.approx(expected.item(), rel=1e-6)
    assert loss.distillation.item() == pytest.approx((loss.distillation_l2 + loss.distillation_js).item())


def test_cosine_logits_are_bounded_by_the_scale_and_ignore_length() -> None:
    scores, prototypes = torch.randn(3, 4, 5), torch.rand(6, 5)
    logits = cosine_logits(scores, prototypes, 20.0)
    assert logits.abs().max() <= 20.0 + 1e-4
    assert torch.allclose(cosine_logits(3 * scores, 5 * prototypes, 20.0), logits, atol=1e-4)
    assert torch.allclose(logits, 20 * F.cosine_similarity(scores[:, :, None], prototypes, dim=-1), atol=1e-4)


def test_mgmrn_loss_is_cross_entropy_plus_a_share_of_the_regression() -> None:
    scores, labels, prototypes = torch.randn(3, 4, 5), torch.tensor([0, 2, 1, 0]), torch.rand(3, 5)
    loss = mgmrn_loss(scores, labels, prototypes, scale=25.0, lambda_reg=2.0)
    assert torch.allclose(loss.per_granularity, loss.ce + 2.0 * loss.regression)
    assert loss.total.item() == pytest.approx(loss.per_granularity.sum().item())
    perfect = mgmrn_loss(prototypes[labels].expand(3, 4, 5), labels, prototypes)
    assert perfect.regression.abs().max() < 1e-10


def test_label_smoothing_changes_cross_entropy_alone() -> None:
    scores, labels = torch.randn(3, 4, 5), torch.tensor([0, 2, 1, 0])
    sharp, smooth = (mgmrn_loss(scores, labels, torch.eye(3, 5), label_smoothing=s) for s in (0.0, 0.2))
    assert not torch.allclose(sharp.ce, smooth.ce)
    assert torch.equal(sharp.regression, smooth.regression)


def test_msdn_without_the_fixed_bias_calibrates_and_distils_on_plain_logits() -> None:
    scores, labels = torch.randn(2, 4, 3), torch.tensor([0, 1, 0, 1])
    plain, biased = (msdn_loss(scores, labels, torch.eye(3), SEEN, bias=bias) for bias in (0.0, 1.0))
    unseen_share = scores.softmax(-1)[..., 2]  # the prototypes are the unit vectors: scores are the logits
    assert torch.allclose(plain.calibration, -unseen_share.mean(1).log())
    first, second = scores.softmax(-1)
    middle = (first + second) / 2
    js = sum((p * (p / middle).log()).sum(-1).mean() for p in (first, second)) / 2
    assert plain.distillation_js.item() == pytest.approx(js.item(), rel=1e-4)
    assert torch.equal(plain.ce, biased.ce), "cross entropy never has the bias"
    assert not torch.allclose(plain.calibration, biased.calibration)


def test_msdn_cross_entropy_over_seen_classes_alone_ignores_unseen_logits() -> None:
    scores, labels = torch.randn(2, 4, 3), torch.tensor([2, 1, 2, 1])
    seen = torch.tensor([False, True, True])
    loss = msdn_loss(scores, labels, torch.eye(3), seen, seen_only=True)
    expected = [F.cross_entropy(z[:, 1:], labels - 1).item() for z in scores]
    assert loss.ce.tolist() == pytest.approx(expected)
    higher = scores + torch.tensor([5.0, 0.0, 0.0])
    assert torch.equal(msdn_loss(higher, labels, torch.eye(3), seen, seen_only=True).ce, loss.ce)
    assert not torch.allclose(msdn_loss(scores, labels, torch.eye(3), seen).ce, loss.ce)


def test_msdn_cross_entropy_over_seen_classes_counts_a_photo_of_an_unseen_class_as_zero() -> None:
    scores = torch.randn(2, 2, 3)
    seen_photo = msdn_loss(scores[:, :1], torch.tensor([1]), torch.eye(3), SEEN, seen_only=True).ce
    both = msdn_loss(scores, torch.tensor([1, 2]), torch.eye(3), SEEN, seen_only=True).ce
    assert torch.allclose(both, seen_photo / 2)
