"""Refiner: what adds up, what each part changes, and pairs scored without ever laying one out."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from zslviz.backbones.features import STAGES, Features
from zslviz.errors import ConfigError
from zslviz.models.output import CompositionOutput, CompositionText
from zslviz.models.refiner.network import Refiner, RefinerConfig

CONFIG = RefinerConfig(
    channels=(8, 12, 20), word_dim=7, width=16, queries=3, attention_heads=2, text_hidden=16, places=3
)
STATES, OBJECTS = 4, 5


def photos(batch: int = 2) -> Features:
    return Features(
        {"c3": torch.rand(batch, 8, 8, 8), "c4": torch.rand(batch, 12, 4, 4), "c5": torch.rand(batch, 20, 2, 2)}
    )


def changed(features: Features, **stages: Tensor) -> Features:
    return Features({**features.stages, **stages})


def made(**changes: object) -> Refiner:
    """A random network whose steps are large enough for every part to matter."""
    network = Refiner(replace(CONFIG, **changes)).eval()
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            if name.endswith("step"):
                parameter.normal_()
    return network


def text_of(network: Refiner) -> CompositionText:
    return network.text(torch.randn(STATES, 7), torch.randn(OBJECTS, 7))


@torch.no_grad()
def explained(network: Refiner) -> tuple[CompositionOutput, CompositionText]:
    text = text_of(network)
    return network(photos(), text, explain=True), text


def laid_out(output: CompositionOutput, text: CompositionText, state: int, object_: int) -> Tensor:
    """The mapped text of one pair on every photo, the plain way: [B, E]."""
    gated = text.state_gates[state] * text.object_gates[object_]
    mapped = (text.pair_states[state] + text.pair_objects[object_] + gated).expand_as(output.global_embedding)
    if output.token_mapping is None:
        return mapped
    maps = zip(output.token_mapping, output.state_attention, output.object_attention, strict=True)
    return mapped + sum(torch.einsum("behw,bhw->be", m, s[:, state] + o[:, object_]) for m, s, o in maps)


@pytest.mark.parametrize("fused", [True, False])
@pytest.mark.parametrize("mapping", [True, False])
def test_the_matrix_of_pairs_is_the_cosine_of_every_laid_out_pair(mapping: bool, fused: bool) -> None:
    output, text = explained(made(mapping=mapping, fused=fused, early=int(fused)))
    for state in range(STATES):
        for object_ in range(OBJECTS):
            pair = laid_out(output, text, state, object_)
            expected = output.scale * torch.cosine_similarity(output.refined_embedding, pair)
            torch.testing.assert_close(output.pair_logits[:, state, object_], expected, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("fused", [True, False])
def test_attention_sums_to_one_over_all_tokens_of_all_grids(fused: bool) -> None:
    output, _ = explained(made(fused=fused, early=int(fused)))
    for maps, count in (
        (output.query_attention, 3),
        (output.state_attention, STATES),
        (output.object_attention, OBJECTS),
    ):
        assert len(maps) == (1 if fused else 3)
        total = sum(m.sum((-2, -1)) for m in maps)
        assert total.shape[-1] == count
        torch.testing.assert_close(total, torch.ones_like(total))
    grids = [tuple(m.shape[-2:]) for m in output.query_attention]
    assert grids == ([(4, 4)] if fused else [(8, 8), (4, 4), (2, 2)])


@pytest.mark.parametrize("fused", [True, False])
def test_what_the_places_add_is_the_refinement(fused: bool) -> None:
    output, _ = explained(made(fused=fused, early=int(fused)))
    added = sum(m.sum((-2, -1)) for m in output.token_refinement)
    torch.testing.assert_close(output.global_embedding + added, output.refined_embedding)
    assert not torch.allclose(output.global_embedding, output.refined_embedding, atol=0.01)


@torch.no_grad()
def test_what_each_query_adds_is_told_and_all_of_them_make_the_refinement() -> None:
    network = made()
    torch.manual_seed(3)
    output, _ = explained(network)
    torch.manual_seed(3)
    text_of(network)  # is drawn before the photos
    stages = photos().stages
    attention = torch.cat([m.flatten(-2) for m in output.query_attention], -1)
    tokens = network.tokens([stages[name] for name in network.stages])
    by_query = network.refinement.by_query(tokens, attention)
    torch.testing.assert_close(output.global_embedding + by_query.sum(1), output.refined_embedding)
    (told,) = output.insights
    lengths = told.values * output.global_embedding.norm(dim=-1, keepdim=True)
    torch.testing.assert_close(lengths, by_query.norm(dim=-1))
    assert len(told.names) == told.values.shape[1] and not explained(made(queries=0))[0].insights


def test_before_is_what_the_same_network_says_of_the_global_embedding() -> None:
    network = made()
    output, _ = explained(network)
    assert not torch.allclose(output.before.pairs, output.pair_logits, atol=0.01)
    with torch.no_grad():
        network.refinement.gather.step.zero_()
        network.refinement.gather_looks.step.zero_()
    torch.manual_seed(0)
    text = text_of(network)
    features = photos()
    with torch.no_grad():
        unrefined = network(features, text, explain=True)
    torch.testing.assert_close(unrefined.before.pairs, unrefined.pair_logits)
    torch.testing.assert_close(unrefined.before.states, unrefined.state_logits)


def test_parts_that_are_left_out_are_none() -> None:
    output, _ = explained(made(queries=0, mapping=False))
    assert output.query_attention is None
    assert output.token_refinement is None
    assert output.state_attention is None
    assert output.token_mapping is None
    torch.testing.assert_close(output.global_embedding, output.refined_embedding)


def test_the_state_is_told_from_the_early_stages_wherever_the_deep_ones_look() -> None:
    network = made(queries=0, mapping=False)
    text, features = text_of(network), photos()
    with torch.no_grad():
        one = network(features, text)
        other = network(changed(features, c4=torch.rand(2, 12, 4, 4), c5=torch.rand(2, 20, 2, 2)), text)
    torch.testing.assert_close(one.state_logits, other.state_logits)
    assert not torch.allclose(one.object_logits, other.object_logits, atol=0.01)


def test_explaining_changes_no_logit() -> None:
    network, features = made(), photos()
    text = text_of(network)
    with torch.no_grad():
        plain, full = network(features, text), network(features, text, explain=True)
    torch.testing.assert_close(plain.pair_logits, full.pair_logits)
    assert plain.query_attention is None


def test_a_new_word_leaves_the_other_logits_as_they_were() -> None:
    network, features = made(), photos()
    states, objects = torch.randn(STATES, 7), torch.randn(OBJECTS, 7)
    with torch.no_grad():
        few = network(features, network.text(states, objects))
        more = network(features, network.text(torch.cat([states, torch.randn(1, 7)]), objects))
    torch.testing.assert_close(more.pair_logits[:, :STATES], few.pair_logits, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(more.state_logits[:, :STATES], few.state_logits, atol=1e-5, rtol=1e-4)
    assert more.pair_logits.shape == (2, STATES + 1, OBJECTS)


def test_one_stage_of_patch_tokens_with_a_class_token() -> None:
    network = made(channels=(24,), early=0, stages=("tokens",), global_channels=10)
    with torch.no_grad():
        tokens = {"tokens": torch.rand(2, 24, 6, 6)}
        output = network(Features(tokens, torch.rand(2, 10)), text_of(network), explain=True)
        with pytest.raises(ConfigError, match="global vector"):
            network(Features(tokens), text_of(network))
    assert output.query_attention[0].shape == (2, 2, 3, 6, 6)


def test_only_the_named_stages_are_read() -> None:
    network = made(channels=(20,), early=0, stages=("c5",))
    text, features = text_of(network), photos()
    with torch.no_grad():
        one = network(features, text)
        other = network(Features({"c3": torch.rand(2, 8, 8, 8), "c5": features.stages["c5"]}), text)
    torch.testing.assert_close(one.pair_logits, other.pair_logits)


def test_gradients_reach_every_parameter() -> None:
    network = made().train()
    output = network(photos(4), text_of(network))
    (output.pair_logits.square().sum() + output.state_logits.sum() + output.object_logits.sum()).backward()
    without = [name for name, p in network.named_parameters() if p.grad is None or not p.grad.abs().sum()]
    assert not without


def test_half_a_thousand_states_and_objects_are_scored_in_one_go() -> None:
    network = Refiner(RefinerConfig(channels=(48, 120, 1280), word_dim=50)).eval()
    shapes = ((48, 28), (120, 14), (1280, 7))
    features = Features({name: torch.rand(1, c, s, s) for name, (c, s) in zip(STAGES, shapes, strict=True)})
    with torch.inference_mode():
        text = network.text(torch.randn(500, 50), torch.randn(500, 50))
        network(features, text)
        started = time.process_time()
        output = network(features, text)
        spent = time.process_time() - started
    assert output.pair_logits.shape == (1, 500, 500)
    assert spent < 0.5  # a pair's text laid out would take several times that; benchmarks hold the exact time
