"""PSVMA and PSVMA+ beyond their goldens: on frozen stages and on a transformer that is trained along, and what they refuse."""

from __future__ import annotations

from typing import Any

import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import load, save, save_file

from zslviz.backbones import Backbone, BackboneSpec, Features, build_backbone
from zslviz.backbones.features import PIXELS, STAGES, TOKENS
from zslviz.backbones.timm_zoo import _timm
from zslviz.backbones.vit import TransformerBackbone, VisionTransformer
from zslviz.checkpoints.files import state_tensors
from zslviz.errors import ConfigError
from zslviz.models.debiased import debias
from zslviz.models.finetuned import EndToEnd
from zslviz.models.psvmaplus.network import PSVMAPlus, shares
from zslviz.models.registry import build_model

SIZES = {"attributes": 6, "word_dim": 4, "width": 8, "groups": 2}
STAGES_OF = {name: torch.randn(2, c, s, s) for name, c, s in zip(STAGES, (4, 6, 8), (12, 6, 3), strict=True)}
FEATURES = Features(STAGES_OF)


def psvma(**settings: Any) -> Any:
    torch.manual_seed(0)
    network: Any = build_model("psvma", SIZES | {"channels": 8, "side": 3, "mixing": 5} | settings)
    network.set_word_vectors(torch.randn(6, 4))
    return network.eval()


def plus(**settings: Any) -> PSVMAPlus:
    torch.manual_seed(0)
    sizes = SIZES | {"classes": 5, "channels": [4, 6, 8], "side": 3, "mixing": [5, 4, 3]}
    network: Any = build_model("psvmaplus", sizes | settings)
    network.set_word_vectors(torch.randn(6, 4))
    network.set_classes(torch.rand(5, 6))
    return network.eval()


def tiny_transformer() -> Backbone:
    torch.manual_seed(1)
    spec = BackboneSpec("tiny", (8, 8, 8), 64, (127.5,) * 3, (127.5,) * 3, "none", patch=16)
    return TransformerBackbone(spec, VisionTransformer(width=8, depth=4, heads=2, grid=4)).eval()


@torch.no_grad()
@pytest.mark.parametrize(
    "network", [psvma(), psvma(stages=["c4", "c5"], channels=[6, 8], side=6), plus()], ids=["c5", "c4 c5", "plus"]
)
def test_evidence_adds_up_and_nothing_comes_from_no_place(network: Any) -> None:
    output = network(FEATURES, explain=True)
    assert torch.allclose(output.evidence.sum((-2, -1)), network(FEATURES).scores, atol=1e-5)
    assert not output.bias.any()
    before, after = output.further
    assert before.values.shape == after.values.shape == output.evidence.shape
    assert (before.values >= 0).all() and not torch.equal(before.values, after.values)


@torch.no_grad()
def test_psvma_tells_how_far_each_attribute_adapted() -> None:
    network = psvma()
    (told,) = network(FEATURES, explain=True).insights
    _, second = network.adapt(network.regions(FEATURES)[0])
    own = network.word_vectors @ network.W
    assert told.values.shape == (2, 6) and told.axes == ("attribute",)
    for photo, attribute in ((0, 0), (1, 5)):
        change = second.attributes[photo, attribute] - own[attribute]
        assert told.values[photo, attribute] == pytest.approx(float(change.norm() / own[attribute].norm()), rel=1e-5)
    assert not torch.allclose(told.values[0], told.values[1]), "it is of the photo"


def test_photos_of_another_grid_are_refused_in_a_sentence() -> None:
    larger = Features({name: F.interpolate(stage, scale_factor=2) for name, stage in STAGES_OF.items()})
    for network in (psvma(), plus()):
        with pytest.raises(ConfigError, match="3 x 3 regions.*6 x 6"):
            network(larger)


@torch.no_grad()
def test_depths_are_trusted_among_the_models_classes_and_the_page_ranks_by_the_papers_score() -> None:
    network = plus()
    branches = network.train()(FEATURES).learned[1]
    scores, table = network.eval()(FEATURES).scores, network.prototypes
    w = shares(branches, table, network.config.scale)
    assert torch.allclose(w.sum(0), torch.ones(2)) and torch.allclose(
        network(FEATURES, explain=True).insights[0].values.mT, w
    )
    whole = (w[..., None] * branches).sum(0)
    assert torch.allclose(
        scores.sum(0) @ F.normalize(table, dim=1).mT,
        25 * F.normalize(whole, dim=1) @ F.normalize(table, dim=1).mT,
        atol=1e-3,
    )
    assert not torch.allclose(w, shares(branches, table[:2], network.config.scale)), "fewer classes, other shares"


def test_what_lies_between_starts_from_the_transformer_and_shares_its_positions() -> None:
    backbone, head = tiny_transformer().requires_grad_(True), psvma(stages=["tokens"], side=4, heads=2).train()
    head.take_from(backbone)
    assert head.between.pos_embed is backbone.network.pos_embed
    last = backbone.network.blocks[-1].state_dict()
    assert all(torch.equal(tensor, last[name]) for name, tensor in head.between.block.state_dict().items())
    whole, pixels = EndToEnd(head, backbone), torch.randint(0, 256, (2, 3, 64, 64), dtype=torch.uint8)
    whole(Features({PIXELS: pixels})).scores.square().sum().backward()
    still = [n for n, p in whole.named_parameters() if p.grad is None]
    assert still and all(n.startswith(("backbone.network.blocks.3.", "backbone.network.norm.")) for n in still)
    parts = {"network": head, "backbone": backbone}
    written = {n: t for part, module in parts.items() for n, t in state_tensors(part, module.state_dict()).items()}
    assert torch.equal(load(save(written))["network.between.pos_embed"], backbone.network.pos_embed.half()), (
        "both keep it"
    )
    with pytest.raises(ConfigError, match="multiple of 'heads'"):
        psvma(stages=["tokens"], side=4, heads=3)
    with pytest.raises(ConfigError, match="width of tokens"):
        psvma(stages=["tokens"], side=4, heads=2, width=16)


def test_three_depths_of_a_transformer_train_along() -> None:
    backbone = tiny_transformer().requires_grad_(True)
    head = plus(channels=[8, 8, 8], side=2, doubled=True).train()
    whole = EndToEnd(head, backbone)
    pixels = torch.randint(0, 256, (2, 3, 64, 64), dtype=torch.uint8)
    output = whole(Features({PIXELS: pixels}))
    output.scores.square().sum().backward()
    assert all(p.grad is not None for p in whole.parameters())
    assert whole(Features({PIXELS: pixels}), explain=True).evidence.shape[-2:] == (8, 8)


@torch.no_grad()
def test_the_transformer_computes_what_timms_does() -> None:
    theirs: Any = (
        _timm()
        .models.VisionTransformer(img_size=64, patch_size=16, embed_dim=24, depth=4, num_heads=3, num_classes=0)
        .eval()
    )
    ours = VisionTransformer(width=24, depth=4, heads=3, grid=4)
    ours.load_state_dict(theirs.state_dict())
    pixels = torch.randn(2, 3, 64, 64)
    found = ours(pixels, (*STAGES, TOKENS))
    end, (inner, middle, before) = theirs.forward_features(pixels), theirs.get_intermediate_layers(pixels, [0, 1, 2])
    for name, patches, times in (("c4", middle, 1), (TOKENS, before, 1), ("c3", inner, 2)):
        grid = patches.mT.unflatten(-1, (4, 4))
        assert torch.allclose(found[name][..., ::times, ::times], grid, atol=1e-5), name
    assert torch.allclose(found["c5"], F.max_pool2d(end[:, 1:].mT.unflatten(-1, (4, 4)), 2), atol=1e-5)
    smaller = ours(torch.randn(1, 3, 32, 32), STAGES)
    assert [smaller[name].shape[-1] for name in STAGES] == [4, 2, 1]


def test_a_transformer_cannot_be_parted_and_its_weights_are_checked(tmp_path: Any) -> None:
    save_file({"cls_token": torch.zeros(1, 1, 768)}, tmp_path / "some.safetensors")
    with pytest.raises(ConfigError, match="'blocks.0.attn.proj.bias' is missing"):
        build_backbone("vit_b16", tmp_path / "some.safetensors")


def test_debias_compares_deviations_only_where_there_are_some() -> None:
    logits = torch.tensor([[3.0, 1.0, 0.0], [0.0, 0.0, 5.0]])
    seen = torch.tensor([True, True, False])
    assert debias(logits, seen) == pytest.approx(1.0)  # 2 - 0, and nothing
    assert debias(logits, torch.ones(3, dtype=torch.bool)) == 0
    four, half = torch.tensor([[4.0, 0.0, 1.0, 1.0]]), torch.tensor([True, True, False, False])
    assert debias(four, half) == pytest.approx(1 + 8**0.5)
