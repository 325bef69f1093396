"""MSCI: what adds up, which pairs are scored, and what its parts around CLIP are before any training."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from tests.backbones.test_clip import installed, pixels, tiny_network
from zslviz.backbones.clip import ClipEncoder
from zslviz.backbones.features import Features
from zslviz.errors import ConfigError
from zslviz.models.msci import network as module
from zslviz.models.msci.clip import AdaptedVision, Prompts
from zslviz.models.msci.loss import training_loss
from zslviz.models.msci.network import MSCI, MSCIConfig
from zslviz.models.output import CompositionLogits, CompositionOutput, CompositionText

CONFIG = MSCIConfig(channels=(8, 12, 20), word_dim=7, width=16, heads=2, text_hidden=16, high_blocks=2, steps=1.0)
STATES, OBJECTS = 4, 5


def made(**changes: object) -> MSCI:
    torch.manual_seed(0)
    return MSCI(replace(CONFIG, **changes)).double().eval()


def photos(batch: int = 2) -> Features:
    generator = torch.Generator().manual_seed(1)
    sizes = {"c3": (8, 8), "c4": (12, 4), "c5": (20, 2)}
    return Features({n: torch.rand(batch, c, s, s, generator=generator).double() for n, (c, s) in sizes.items()})


def text_of(network: MSCI) -> CompositionText:
    generator = torch.Generator().manual_seed(2)
    return network.text(*(torch.randn(n, 7, generator=generator).double() for n in (STATES, OBJECTS)))


@torch.no_grad()
def explained(network: MSCI) -> CompositionOutput:
    return network(photos(), text_of(network), explain=True)


@pytest.mark.parametrize("stages", [("c3", "c4", "c5"), ("c4", "c5")])
def test_low_places_high_places_and_the_text_itself_are_the_logit(stages: tuple[str, ...]) -> None:
    channels = CONFIG.channels[-len(stages) :]
    output = explained(made(stages=stages, channels=channels, low=len(stages) - 1, pooled=2))
    assert [stage.name for stage in output.evidence] == ["low", "high"]
    assert [tuple(stage.states.shape[-2:]) for stage in output.evidence] == [(4, 4), (2, 2)]
    logits = (output.pair_logits, output.state_logits, output.object_logits)
    for name, logit, apart in zip(("pairs", "states", "objects"), logits, output.apart, strict=True):
        places = [getattr(stage, name).sum((-2, -1)) for stage in output.evidence]
        assert all(sums.abs().max() > 0.01 for sums in places)
        torch.testing.assert_close(sum(places) + apart, logit, rtol=0, atol=1e-10)


def test_before_is_the_text_that_no_photo_refined() -> None:
    network, output = made(), explained(made())
    with torch.no_grad():
        network.low_step.zero_()
        network.high_step.zero_()
    still = explained(network)
    torch.testing.assert_close(still.pair_logits, output.before.pairs)
    torch.testing.assert_close(still.moved, torch.zeros(2).double(), atol=1e-12, rtol=0)
    assert output.moved.min() > 0.001
    (added, steps), (none, zero) = output.insights, still.insights
    assert added.values.min() > 0.001 and not none.values.any() and not zero.values.any()
    torch.testing.assert_close(steps.values, torch.ones(2).double())  # as it begins
    with torch.no_grad():
        network.high_step.fill_(0.5)
    low, high = explained(network).insights[0].values.T
    assert not low.any() and high.all()


@torch.no_grad()
def test_pairs_that_are_asked_for_alone_score_as_among_all(monkeypatch: pytest.MonkeyPatch) -> None:
    network, text = made(), text_of(made())
    whole = network(photos(), text)
    asked = torch.rand(STATES, OBJECTS, generator=torch.Generator().manual_seed(3)) < 0.4
    some = network(photos(), text, asked=asked)
    torch.testing.assert_close(some.pair_logits[:, asked], whole.pair_logits[:, asked])
    assert some.pair_logits[:, ~asked].isneginf().all()
    torch.testing.assert_close(some.state_logits, whole.state_logits)
    monkeypatch.setattr(module, "TEXTS_AT_ONCE", 6)
    torch.testing.assert_close(network(photos(), text).pair_logits, whole.pair_logits)


def test_the_loss_weighs_three_cross_entropies_over_seen_pairs() -> None:
    pairs, states, objects = torch.randn(2, 2, 2), torch.randn(2, 2), torch.randn(2, 2)
    seen = torch.tensor([[True, True], [True, False]])
    truth = torch.tensor([1, 0]), torch.tensor([0, 1])  # the third and the second of the seen pairs
    each = [
        -pairs[:, seen].log_softmax(-1)[[0, 1], [2, 1]].mean(),
        -states.log_softmax(-1)[[0, 1], truth[0]].mean(),
        -objects.log_softmax(-1)[[0, 1], truth[1]].mean(),
    ]
    loss = training_loss(CompositionLogits(pairs, states, objects), *truth, seen, 1.0, 0.1, 0.5)
    torch.testing.assert_close(loss, each[0] + 0.1 * each[1] + 0.5 * each[2])


@pytest.mark.parametrize(
    "changes", [{"low": 3}, {"stages": ("c4", "c5")}, {"global_channels": 8}, {"shared_space": True}]
)
def test_settings_that_do_not_go_together_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        replace(CONFIG, **changes)
    with pytest.raises(ConfigError, match="3 heads"):
        MSCI(replace(CONFIG, heads=3))


@torch.no_grad()
def test_adapters_and_prompts_begin_as_clip_itself() -> None:
    encoder = ClipEncoder(tiny_network(), installed().get_tokenizer("ViT-B-32"), "clip-tiny")
    own = encoder.encode(pixels(), ("layer1", "layer2", "layer1-class"))
    adapted = AdaptedVision(encoder.network, 3).eval()
    seen = adapted((pixels().float() - encoder.mean) / encoder.std)
    for name, stage in own.stages.items():
        torch.testing.assert_close(seen.stages[name], stage, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(seen.global_vector, own.global_vector, rtol=1e-4, atol=1e-5)
    tokenizer = installed().get_tokenizer("ViT-B-32")
    ids = tokenizer(["a photo of x x", "a photo of x", "a photo of x"])
    embedded = encoder.network.token_embedding(tokenizer(["red blue shoe"]))[0, 1:4]
    prompts = Prompts(encoder.network, ids, embedded, states=2).eval()
    texts = prompts(torch.tensor([[1, 0]]))
    said = encoder.network.encode_text(tokenizer(["a photo of blue shoe", "a photo of red", "a photo of shoe"]))
    torch.testing.assert_close(torch.stack([texts[0][0], texts[1][0], texts[2][0]]), said, rtol=1e-4, atol=1e-5)
