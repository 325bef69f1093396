from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.conftest import MADE, made_photo, make_checkpoint
from zslviz.backbones import build_backbone
from zslviz.backbones.encoder import BackboneEncoder
from zslviz.backbones.features import STAGES
from zslviz.backbones.opened import encoder_of
from zslviz.explainer import Explainer
from zslviz.faithfulness.sanity import rank_correlation
from zslviz.tasks.attributes.explainer import AttributeExplainer
from zslviz.tasks.attributes.shuffling import shuffled, with_shuffled_weights


@pytest.mark.parametrize("name", MADE)
def test_shuffled_weights_change_the_maps_and_leave_the_model_alone(
    name: str, explainer_of: Callable[[str], Explainer]
) -> None:
    explainer = explainer_of(name)
    before = explainer.explain(made_photo())
    # One random order may resemble the maps by chance, the mean over several must not.
    found = []
    for seed in range(4):
        after = with_shuffled_weights(explainer, seed).explain(made_photo())
        found.append(rank_correlation(before.fused_evidence, after.fused_evidence))
    again = explainer.explain(made_photo())
    assert np.allclose(rank_correlation(before.fused_evidence, again.fused_evidence), 1)
    assert abs(np.mean(found)) < 0.5


def test_shuffled_weights_see_with_the_backbone_that_the_model_brings() -> None:
    plain, device = make_checkpoint("msdn"), torch.device("cpu")
    own = build_backbone(plain.backbone, weights=None)
    along = replace(plain, trained=STAGES, backbone_state=own.state_dict())
    explainer = AttributeExplainer(along, encoder_of(along, device), device)
    expected = AttributeExplainer(replace(along, network=shuffled(along.network)), BackboneEncoder(own), device)
    after = with_shuffled_weights(explainer).explain(made_photo())
    assert np.allclose(after.scores, expected.explain(made_photo()).scores, atol=1e-6)


def test_the_check_notices_a_map_that_ignores_the_weights(explainer_of: Callable[[str], Explainer]) -> None:
    photo_only = explainer_of("made-msdn").explain(made_photo()).fused_evidence
    assert rank_correlation(photo_only, 2 * photo_only + 1).min() == pytest.approx(1)


def test_shuffling_keeps_every_tensors_numbers() -> None:
    network = make_checkpoint("mgmrn").network
    kept = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    other = shuffled(network, seed=1).state_dict()
    assert all((network.state_dict()[name] == tensor).all() for name, tensor in kept.items())
    for name, tensor in kept.items():
        assert np.allclose(np.sort(other[name].flatten()), np.sort(tensor.flatten()))
    moved = [name for name, tensor in kept.items() if tensor.std() > 0 and (other[name] != tensor).any()]
    assert len(moved) > 20
    assert (shuffled(network, seed=1).state_dict()["decoders.0.key.weight"] == other["decoders.0.key.weight"]).all()


def test_rank_correlation_by_hand() -> None:
    first = np.array([[[1, 2], [3, 4]], [[1, 2], [3, 4]], [[1, 2], [3, 4]], [[0, 0], [0, 0]]], dtype=np.float32)
    second = np.array([[[1, 4], [9, 16]], [[4, 3], [2, 1]], [[1, 3], [2, 4]], [[1, 2], [3, 4]]], dtype=np.float32)
    found = rank_correlation(first, second)
    assert found[:3] == pytest.approx([1, -1, 1 - 6 * 2 / (4 * 15)])
    assert np.isnan(found[3])
    assert rank_correlation(first[:0], second[:0]).shape == (0,)
