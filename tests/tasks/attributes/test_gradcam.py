"""Grad-CAM by the paper's formula, and beside pytorch-grad-cam where it is installed."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from tests.conftest import MADE, made_photo, make_checkpoint
from zslviz.backbones import Features, build_backbone
from zslviz.backbones.encoder import BackboneEncoder
from zslviz.backbones.features import STAGES
from zslviz.backbones.opened import encoder_of, shared_backbone
from zslviz.models.finetuned import FineTuned
from zslviz.models.output import AttributeOutput
from zslviz.photos.loading import load_photo, to_network_input
from zslviz.tasks.attributes.explainer import AttributeExplainer
from zslviz.tasks.attributes.gradcam import explain_with_grad_cam, fused, grad_cam
from zslviz.tasks.attributes.scoring import ScoringRule


class Pooled(nn.Module):
    """Scores that are a linear map of the mean over places: alpha_k is weight_k / R, so the map is known."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.tensor([[1.0, -2.0, 0.5], [-1.0, 0.0, 0.0]]), requires_grad=False)

    def forward(self, features: Features) -> AttributeOutput:
        return AttributeOutput((features.stages["c5"].mean((2, 3)) @ self.weight.mT)[None])


def test_grad_cam_of_a_pooled_head_is_the_class_activation_map() -> None:
    c5 = torch.rand(1, 3, 4, 5)
    maps = grad_cam(Pooled(), Features({"c5": c5}), lambda scores: scores[0, 0])
    expected = (torch.einsum("ak,khw->ahw", Pooled().weight, c5[0]) / 20).relu()
    assert torch.allclose(maps, expected, atol=1e-6)
    assert (maps[0] > 0).any()
    assert (maps[1] == 0).all()  # what only speaks against is cut off


def test_no_output_gives_no_map() -> None:
    c5 = torch.rand(1, 3, 4, 5)
    assert grad_cam(Pooled(), Features({"c5": c5}), lambda scores: scores[0, 0, :0]).shape == (0, 4, 5)


@pytest.mark.parametrize("kind", ["dot", "cosine"])
def test_the_fused_vector_that_is_differentiated_is_the_rules(kind: str, scores: np.ndarray) -> None:
    rule = ScoringRule(kind, (2.0, 0.5, 1.0))  # type: ignore[arg-type]
    assert np.allclose(fused(torch.from_numpy(scores), rule).numpy(), rule.fuse(scores), atol=1e-5)


@pytest.mark.parametrize("name", MADE)
def test_maps_of_an_explainer_are_placed_and_have_its_grid(
    name: str, explainer_of: Callable[[str], AttributeExplainer]
) -> None:
    explainer = explainer_of(name)
    photo = made_photo()
    maps = explain_with_grad_cam(explainer, photo, [3, 1], [0, 2, 4])
    grid = explainer.explain(photo).grid
    assert maps.attributes.shape == (2, *grid)
    assert maps.classes.shape == (3, *grid)
    assert min(maps.attributes.min(), maps.classes.min()) >= 0
    assert maps.attributes.max() > 0
    alone = explain_with_grad_cam(explainer, photo, [1])
    assert np.allclose(alone.attributes[0], maps.attributes[1], atol=1e-6)


def test_classes_are_explained_by_the_rows_that_score_them(explainer_of: Callable[[str], AttributeExplainer]) -> None:
    explainer = explainer_of("made-msdn")
    photo, count = made_photo(), len(explainer.space.attributes)
    only = (2.0,) * (count - 1) + (-1.0,)  # a class has the last attribute and no other
    rule = ScoringRule("binary", explainer.rule.weights, only)
    binary = dataclasses.replace(explainer.checkpoint, rule=rule)
    found = explain_with_grad_cam(
        AttributeExplainer(binary, explainer.encoder, explainer.device), photo, [count - 1], [0]
    )
    equal = dataclasses.replace(explainer.scale, std=np.ones_like(explainer.scale.std), shares=rule.shares)
    plain = AttributeExplainer(dataclasses.replace(binary, scale=equal), explainer.encoder, explainer.device)
    of_scores = explain_with_grad_cam(plain, photo, [count - 1]).attributes[0]
    weights = np.asarray(rule.weights) / rule.shares  # of the fused vector, beside those of the value shown
    assert np.allclose(weights, weights[0])
    factor = weights[0] / equal.table_std[count - 1]
    assert np.allclose(found.classes[0], factor * of_scores, rtol=1e-3, atol=1e-6)


def test_a_fine_tuned_model_is_looked_at_on_its_own_last_stage() -> None:
    plain = make_checkpoint("msdn")
    backbone = shared_backbone(plain.backbone, torch.device("cpu"))

    class Scaled(nn.Module):
        def __init__(self, factor: float) -> None:
            super().__init__()
            self.factor = factor

        def forward(self, c4: Tensor) -> Tensor:
            return self.factor * backbone.network.last_stage()(c4)

    networks = (plain.network, *(FineTuned(plain.network, Scaled(factor)).eval() for factor in (1.0, -1.0)))
    maps = [
        explain_with_grad_cam(
            AttributeExplainer(
                dataclasses.replace(plain, network=network), BackboneEncoder(backbone), torch.device("cpu")
            ),
            made_photo(),
            [2],
        ).attributes
        for network in networks
    ]
    assert np.allclose(maps[0], maps[1], atol=1e-6)
    assert not np.allclose(maps[0], maps[2], atol=1e-6)


def test_a_model_with_a_backbone_of_its_own_is_looked_at_through_that_one() -> None:
    plain, device = make_checkpoint("msdn"), torch.device("cpu")
    own = build_backbone(plain.backbone, weights=None)
    along = dataclasses.replace(plain, trained=STAGES, backbone_state=own.state_dict())
    explainer = AttributeExplainer(along, encoder_of(along, device), device)
    shared = AttributeExplainer(plain, encoder_of(plain, device), device)
    maps, others = (explain_with_grad_cam(e, made_photo(), range(5)).attributes for e in (explainer, shared))
    expected = explain_with_grad_cam(AttributeExplainer(plain, BackboneEncoder(own), device), made_photo(), range(5))
    assert np.allclose(maps, expected.attributes, rtol=1e-4, atol=1e-4 * maps.max())
    assert np.abs(maps - others).max() > 0.5 * maps.max()


@pytest.mark.parametrize("name", MADE)
def test_it_agrees_with_pytorch_grad_cam(name: str, explainer_of: Callable[[str], AttributeExplainer]) -> None:
    pytest.importorskip("pytorch_grad_cam")
    from pytorch_grad_cam import GradCAM
    from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

    explainer = explainer_of(name)
    backbone = shared_backbone(explainer.checkpoint.backbone, explainer.device)
    network = explainer.checkpoint.network

    class Scores(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.backbone, self.head = backbone, network

        def forward(self, pixels: Tensor) -> Tensor:
            return self.head(self.backbone(pixels)).scores.sum(0)

    pixels, _ = to_network_input(load_photo(made_photo()), explainer.checkpoint.size)
    batch = torch.from_numpy(np.array(pixels)).permute(2, 0, 1)[None].float()
    ours = grad_cam(network, backbone(batch), lambda scores: scores.sum(0)[0]).numpy()
    batch.requires_grad_()
    with GradCAM(model=Scores(), target_layers=[backbone.network.network.bn2]) as cam:
        for attribute in range(len(ours)):
            theirs = cam(input_tensor=batch, targets=[ClassifierOutputTarget(attribute)])[0]  # scaled to 0..1, enlarged
            cells = theirs.shape[0] // ours.shape[-1]
            assert theirs.shape == (explainer.checkpoint.size,) * 2
            middle = theirs[cells // 2 :: cells, cells // 2 :: cells]
            mine = ours[attribute]
            assert mine.max() > 0
            assert np.corrcoef(middle.ravel(), mine.ravel())[0, 1] > 0.99
